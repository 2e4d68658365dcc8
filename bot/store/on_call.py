"""Who is on call: people of the clinic, their names, numbers and addresses sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from bot.core.on_call import Hours
from bot.store.database import Transaction
from bot.store.on_call_tables import OnCallPerson
from bot.store.rows import changed

_NAME = "on_call_person.name_sealed"
_PHONE = "on_call_person.phone_sealed"
_MAIL = "on_call_person.mail_sealed"


@dataclass(frozen=True)
class Person:
    """Somebody on call. ``clinic`` None: for every clinic; ``reached`` None: at any time."""

    id: str
    name: str
    phone: str | None
    mail: str | None
    clinic: str | None
    position: int
    hours: str | None
    timezone: str
    created_at: datetime

    @property
    def reached(self) -> Hours | None:
        """When they can be reached."""
        return Hours.parse(self.hours, self.timezone) if self.hours else None


def add(
    tx: Transaction,
    *,
    name: str,
    phone: str | None,
    mail: str | None,
    clinic: str | None = None,
    position: int | None = None,
    hours: str | None = None,
    timezone: str = "UTC",
) -> str:
    """Put somebody on call and give their id; behind everybody else where no ``position`` is named.

    ``phone`` is in E.164. Raises ``ValueError`` without a phone and an address, and for hours that cannot be read.
    """
    if not (phone or mail):
        raise ValueError("a phone or an e-mail address is needed")
    if hours:
        Hours.parse(hours, timezone)
    last = tx.session.execute(select(func.max(OnCallPerson.position))).scalar_one()
    row = OnCallPerson(
        id=tx.new_id("onc"),
        clinic=clinic,
        position=(last or 0) + 1 if position is None else position,
        name_sealed=tx.vault.seal(name, _NAME),
        phone_sealed=tx.vault.seal(phone, _PHONE) if phone else None,
        number_hash=tx.vault.number_hash(phone) if phone else None,
        mail_sealed=tx.vault.seal(mail, _MAIL) if mail else None,
        hours=hours,
        timezone=timezone,
        created_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def everybody(tx: Transaction) -> list[Person]:
    """All who are on call, in their order."""
    query = select(OnCallPerson).order_by(OnCallPerson.position, OnCallPerson.created_at, OnCallPerson.id)
    return [_person(tx, row) for row in tx.session.execute(query).scalars()]


def find(tx: Transaction, person_id: str) -> Person | None:
    """The person with this id; None when they are no longer on call."""
    row = tx.session.get(OnCallPerson, person_id, populate_existing=True)
    return _person(tx, row) if row else None


def by_number(tx: Transaction, number_hash: str) -> Person | None:
    """Whose phone this is; None when it is nobody's on call."""
    query = select(OnCallPerson).where(OnCallPerson.number_hash == number_hash).order_by(OnCallPerson.position)
    row = tx.session.execute(query.limit(1)).scalar_one_or_none()
    return _person(tx, row) if row else None


def remove(tx: Transaction, person_id: str) -> bool:
    """Take somebody off, with every alert to them; False when they were not on call."""
    return changed(tx.session.execute(delete(OnCallPerson).where(OnCallPerson.id == person_id))) == 1


def count(tx: Transaction) -> int:
    """How many are on call."""
    return tx.session.execute(select(func.count()).select_from(OnCallPerson)).scalar_one()


def _person(tx: Transaction, row: OnCallPerson) -> Person:
    return Person(
        id=row.id,
        name=tx.vault.open(row.name_sealed, _NAME),
        phone=tx.vault.open(row.phone_sealed, _PHONE) if row.phone_sealed else None,
        mail=tx.vault.open(row.mail_sealed, _MAIL) if row.mail_sealed else None,
        clinic=row.clinic,
        position=row.position,
        hours=row.hours,
        timezone=row.timezone,
        created_at=row.created_at,
    )
