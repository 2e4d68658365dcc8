"""How partners are told, and the links by which they answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.store.database import Transaction
from bot.store.referral_tables import PartnerContact, PartnerLink
from bot.store.rows import changed, insert_new

_MAIL = "partner_contact.mail_sealed"
_PHONE = "partner_contact.phone_sealed"
_WEBHOOK = "partner_contact.webhook_sealed"
_SECRET = "partner_contact.secret_sealed"


@dataclass(frozen=True)
class Contact:
    """How a place is told: an address, a number in E.164, or an HTTPS address with the secret that signs for it."""

    mail: str | None = None
    phone: str | None = None
    webhook: str | None = None
    secret: str | None = None

    @property
    def channels(self) -> tuple[str, ...]:
        """By what it can be told: webhook, mail, text."""
        found = (("webhook", self.webhook), ("mail", self.mail), ("text", self.phone))
        return tuple(channel for channel, address in found if address)


@dataclass(frozen=True)
class Link:
    """The way to one referral's page until ``expires_at``."""

    id: str
    referral_id: str
    expires_at: datetime
    answers: int


def set_contact(tx: Transaction, service_id: str, contact: Contact) -> None:
    """Write how this place is told, all of it."""
    values = {
        "mail_sealed": _seal(tx, contact.mail, _MAIL),
        "phone_sealed": _seal(tx, contact.phone, _PHONE),
        "webhook_sealed": _seal(tx, contact.webhook, _WEBHOOK),
        "secret_sealed": _seal(tx, contact.secret, _SECRET),
        "updated_at": tx.now(),
    }
    if not insert_new(tx, PartnerContact, {"service_id": service_id, **values}):
        tx.session.execute(update(PartnerContact).where(PartnerContact.service_id == service_id).values(**values))


def contact(tx: Transaction, service_id: str) -> Contact | None:
    """How the clinic said that this place is told, or None."""
    row = tx.session.get(PartnerContact, service_id, populate_existing=True)
    if row is None:
        return None
    return Contact(
        mail=_open(tx, row.mail_sealed, _MAIL),
        phone=_open(tx, row.phone_sealed, _PHONE),
        webhook=_open(tx, row.webhook_sealed, _WEBHOOK),
        secret=_open(tx, row.secret_sealed, _SECRET),
    )


def new_link_id(tx: Transaction) -> str:
    """An id for a link; its token is worked out from it (:func:`bot.referrals.links.token`)."""
    return tx.new_id("pl")


def add_link(tx: Transaction, link_id: str, referral_id: str, token: str, expires_at: datetime) -> None:
    """Keep the link by the hash of its token."""
    row = PartnerLink(
        id=link_id,
        referral_id=referral_id,
        token_hash=_digest(token),
        expires_at=expires_at,
        answers=0,
        created_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()


def link_by_token(tx: Transaction, token: str) -> Link | None:
    """The link with this token, also one that has expired; None when there is none."""
    query = select(PartnerLink).where(PartnerLink.token_hash == _digest(token))
    row = tx.session.execute(query).scalar_one_or_none()
    return None if row is None else _link(row)


def latest_link(tx: Transaction, referral_id: str) -> Link | None:
    """The newest link of the referral, or None."""
    query = select(PartnerLink).where(PartnerLink.referral_id == referral_id)
    row = tx.session.execute(query.order_by(PartnerLink.created_at.desc(), PartnerLink.id.desc()).limit(1)).scalar()
    return None if row is None else _link(row)


def count_answer(tx: Transaction, link: Link) -> bool:
    """An answer came by the link. False when another one came since the link was read."""
    this = (PartnerLink.id == link.id) & (PartnerLink.answers == link.answers)
    return changed(tx.session.execute(update(PartnerLink).where(this).values(answers=link.answers + 1))) == 1


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _link(row: PartnerLink) -> Link:
    return Link(row.id, row.referral_id, row.expires_at, row.answers)


def _seal(tx: Transaction, text: str | None, place: str) -> str | None:
    return tx.vault.seal(text, place) if text else None


def _open(tx: Transaction, sealed: str | None, place: str) -> str | None:
    return tx.vault.open(sealed, place) if sealed else None
