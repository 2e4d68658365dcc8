"""Opaque links to the page of one referral. The token is worked out from the link's id and is never stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.local_keys import derived
from bot.store import partners
from bot.store.database import Transaction

_TOKEN_BYTES = 18


def address_for(deps: Deps, tx: Transaction, referral_id: str) -> str:
    """The address of the referral's page: the newest link that still works, else a new one."""
    link = partners.latest_link(tx, referral_id)
    if link is not None and link.expires_at > tx.now() + timedelta(days=1):
        return page_address(deps, token(deps, link.id))
    link_id = partners.new_link_id(tx)
    days = load_referral(deps.settings.content_dir).partner.link_days
    fresh = token(deps, link_id)
    partners.add_link(tx, link_id, referral_id, fresh, tx.now() + timedelta(days=days))
    return page_address(deps, fresh)


def page_address(deps: Deps, link_token: str) -> str:
    """``<public address>/p/<token>``."""
    return f"{deps.settings.public_url.rstrip('/')}/p/{link_token}"


def token(deps: Deps, link_id: str) -> str:
    """24 letters and digits that nobody can guess without the secret key."""
    made = hmac.digest(derived(deps.settings, "partner link"), link_id.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made[:_TOKEN_BYTES]).decode()
