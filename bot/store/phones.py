"""Addresses that text, and which patients they reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from bot.store import tables
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.rows import changed, insert_new
from bot.store.tables import PatientPhone

_NUMBER = "phone.number_sealed"


@dataclass(frozen=True)
class Phone:
    """An address, known by its hash; :func:`address` opens the number itself."""

    id: str
    number_hash: str
    current_conversation_id: str | None
    created_at: datetime


def find_or_create(tx: Transaction, number: str) -> Phone:
    """The phone of this address (E.164 number, short code or channel address), made when it is new."""
    number_hash = tx.vault.number_hash(number)
    found = by_hash(tx, number_hash)
    if found is not None:
        return found
    values = {
        "id": tx.new_id("ph"),
        "number_hash": number_hash,
        "number_sealed": tx.vault.seal(number, _NUMBER),
        "created_at": tx.now(),
    }
    insert_new(tx, tables.Phone, values)
    made = by_hash(tx, number_hash)
    assert made is not None
    return made


def by_hash(tx: Transaction, number_hash: str) -> Phone | None:
    """The phone with this hash, or None."""
    row = tx.session.execute(select(tables.Phone).where(tables.Phone.number_hash == number_hash)).scalar_one_or_none()
    return _phone(row) if row else None


def get(tx: Transaction, phone_id: str) -> Phone:
    """The phone with this id. Raises :class:`NotFound`."""
    return _phone(_row(tx, phone_id))


def address(tx: Transaction, phone_id: str) -> str:
    """The address itself, to send to. Raises :class:`NotFound`."""
    return tx.vault.open(_row(tx, phone_id).number_sealed, _NUMBER)


def link(tx: Transaction, patient_id: str, phone_id: str, primary: bool = True) -> None:
    """Let this phone reach the patient. The primary one is texted; a patient has one primary phone at most."""
    if primary:
        others = update(PatientPhone).where(PatientPhone.patient_id == patient_id)
        tx.session.execute(others.values(is_primary=False))
    values = {"patient_id": patient_id, "phone_id": phone_id, "is_primary": primary, "created_at": tx.now()}
    if not insert_new(tx, PatientPhone, values) and primary:
        tx.session.execute(update(PatientPhone).where(_pair(patient_id, phone_id)).values(is_primary=True))


def unlink(tx: Transaction, patient_id: str, phone_id: str) -> None:
    """This phone no longer reaches the patient. The phone and its suppressions stay."""
    tx.session.execute(delete(PatientPhone).where(_pair(patient_id, phone_id)))


def unused() -> ColumnElement[bool]:
    """Which phones reach nobody and never talked with anybody who is still known."""
    linked = select(PatientPhone.phone_id).where(PatientPhone.phone_id == tables.Phone.id)
    talked = select(tables.Conversation.id).where(tables.Conversation.phone_id == tables.Phone.id)
    return ~linked.exists() & ~talked.exists()


def forget_unused(tx: Transaction, phone_id: str) -> bool:
    """Delete the phone if it is :func:`unused`, and say whether it was. Its suppressions stay."""
    tx.session.flush()
    this = delete(tables.Phone).where(tables.Phone.id == phone_id, unused())
    return changed(tx.session.execute(this.execution_options(synchronize_session="fetch"))) == 1


def of_patient(tx: Transaction, patient_id: str) -> list[Phone]:
    """The phones that reach the patient, the primary one first."""
    query = (
        select(tables.Phone)
        .join(PatientPhone, PatientPhone.phone_id == tables.Phone.id)
        .where(PatientPhone.patient_id == patient_id)
        .order_by(PatientPhone.is_primary.desc(), PatientPhone.created_at, tables.Phone.id)
    )
    return [_phone(row) for row in tx.session.execute(query).scalars()]


def primary(tx: Transaction, patient_id: str) -> Phone | None:
    """The phone to text the patient at; None when there is none."""
    return next(iter(of_patient(tx, patient_id)), None)


def to_text(tx: Transaction, patient_id: str, asked_on: str | None) -> Phone | None:
    """The phone on which the patient asked for it, while it still reaches them; else the primary one, or None."""
    known = of_patient(tx, patient_id)
    return next((phone for phone in known if phone.id == asked_on), known[0] if known else None)


def make_current(tx: Transaction, phone_id: str, conversation_id: str | None) -> None:
    """The next text from this phone belongs to this conversation; None leaves it to be asked."""
    _row(tx, phone_id).current_conversation_id = conversation_id


def _pair(patient_id: str, phone_id: str) -> ColumnElement[bool]:
    return (PatientPhone.patient_id == patient_id) & (PatientPhone.phone_id == phone_id)


def _row(tx: Transaction, phone_id: str) -> tables.Phone:
    row = tx.session.get(tables.Phone, phone_id)
    if row is None:
        raise NotFound("no such phone")
    return row


def _phone(row: tables.Phone) -> Phone:
    return Phone(row.id, row.number_hash, row.current_conversation_id, row.created_at)
