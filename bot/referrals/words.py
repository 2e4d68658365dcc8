"""What one notice to a partner or to staff says, and where it goes. Never a name, a need or a number of a patient."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.adapters.hooks import signature
from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.core.on_call import case_code
from bot.referrals.links import address_for
from bot.referrals.places import contact_of
from bot.referrals.telling import VISIT
from bot.store import on_call, referrals
from bot.store.database import Transaction
from bot.store.deliveries import ClaimedDelivery, Notice

EVENTS = {"request": "referral.requested", "reminder": "referral.reminder", "nudge": "referral.not_heard"}


@dataclass(frozen=True)
class Outgoing:
    """One notice, ready: to an address, a number or a URL, the last with the secret that signs for it."""

    to: str
    subject: str
    body: str
    secret: str = ""


def compose(deps: Deps, tx: Transaction, claimed: ClaimedDelivery) -> Outgoing | None:
    """The notice as it goes out now; None when it is not wanted any more, or has nowhere to go."""
    notice = claimed.notice
    if notice.purpose == VISIT:
        return _to_staff(deps, tx, notice)
    if notice.referral_id is None or referrals.get(tx, notice.referral_id).is_closed:
        return None
    contact = contact_of(deps, tx, notice.to_id)
    link = address_for(deps, tx, notice.referral_id)
    if notice.channel == "webhook" and contact.webhook:
        return Outgoing(contact.webhook, "", _posted(claimed, link), contact.secret or "")
    to = contact.mail if notice.channel == "mail" else contact.phone
    return _written(deps, notice, to, link) if to else None


def headers_of(claimed: ClaimedDelivery, outgoing: Outgoing, timestamp: int) -> dict[str, str]:
    """What a webhook is signed with; the id is the same for the same notice, however often it is sent."""
    return {
        "Followthrough-Delivery": claimed.id,
        "Followthrough-Signature": signature(outgoing.secret, timestamp, outgoing.body.encode()),
    }


def _to_staff(deps: Deps, tx: Transaction, notice: Notice) -> Outgoing | None:
    person = on_call.find(tx, notice.to_id)
    to = person and (person.phone if notice.channel == "text" else person.mail)
    return _written(deps, notice, to, deps.settings.public_url) if to else None


def _written(deps: Deps, notice: Notice, to: str, link: str) -> Outgoing:
    texts = load_referral(deps.settings.content_dir).texts
    named = {
        "programme": deps.settings.programme_name,
        "link": link,
        "number": notice.number,
        "case": case_code(notice.case_id or ""),
        "at": notice.detail or "",
    }
    part = "_text" if notice.channel == "text" else ""
    subject = texts[f"{notice.purpose}_subject"].format(**named).replace("\n", " ")
    return Outgoing(to, subject, texts[notice.purpose + part].format(**named))


def _posted(claimed: ClaimedDelivery, link: str) -> str:
    notice = claimed.notice
    body = {"id": claimed.id, "event": EVENTS[notice.purpose], "number": notice.number, "link": link}
    return json.dumps(body, separators=(",", ":"))
