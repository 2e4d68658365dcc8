"""Delivery receipts as they came, and what Twilio says of a message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from bot.store.database import Transaction
from bot.store.rows import changed
from bot.store.tables import Message, Receipt


@dataclass(frozen=True)
class StoredReceipt:
    """One receipt. ``message_id`` is ours, when the callback address carried it."""

    seq: int
    message_sid: str
    message_id: str | None
    status: str
    error_code: int | None
    received_at: datetime


@dataclass(frozen=True)
class SentMessage:
    """What a receipt is about."""

    id: str
    twilio_sid: str | None
    state: str
    status: str | None
    error_code: int | None
    phone_id: str
    patient_id: str
    conversation_id: str
    enrolment_id: str | None
    purpose: str


def store(
    tx: Transaction,
    *,
    message_sid: str,
    message_id: str | None,
    status: str,
    error_code: int | None,
    received_at: datetime,
) -> int:
    """Keep a receipt until it is applied, and give its number."""
    row = Receipt(
        message_sid=message_sid,
        message_id=message_id,
        status=status,
        error_code=error_code,
        received_at=received_at,
    )
    tx.session.add(row)
    tx.session.flush()
    return row.seq


def waiting(tx: Transaction, limit: int = 100) -> list[StoredReceipt]:
    """The receipts that have not been applied, in the order they came."""
    query = select(Receipt).where(Receipt.applied_at.is_(None)).order_by(Receipt.seq).limit(limit)
    return [_receipt(row) for row in tx.session.execute(query).scalars()]


def waiting_for(tx: Transaction, message_sid: str, message_id: str | None) -> list[StoredReceipt]:
    """Those that wait for this message, by either name, in the order they came."""
    about = Receipt.message_sid == message_sid
    if message_id is not None:
        about = or_(about, Receipt.message_id == message_id)
    query = select(Receipt).where(Receipt.applied_at.is_(None), about).order_by(Receipt.seq)
    return [_receipt(row) for row in tx.session.execute(query).scalars()]


def mark_applied(tx: Transaction, numbers: Iterable[int]) -> None:
    """These receipts are dealt with."""
    tx.session.execute(update(Receipt).where(Receipt.seq.in_(list(numbers))).values(applied_at=tx.now()))


def message_for(tx: Transaction, message_sid: str, message_id: str | None) -> SentMessage | None:
    """The message that a receipt is about: by Twilio's id, else by ours; None while neither is known.

    Takes a writing transaction and locks the row until it ends, so that two receipts cannot be applied over
    each other.
    """
    names = [Message.twilio_sid == message_sid]
    if message_id is not None:
        names.append(Message.id == message_id)
    for name in names:
        row = tx.session.execute(
            select(Message).where(name).with_for_update().execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if row is not None:
            return _sent(row)
    return None


def set_status(tx: Transaction, message_id: str, status: str, error_code: int | None) -> None:
    """Twilio's word on a message. Which word may follow which is decided in :mod:`bot.core.delivery`."""
    values = {"status": status, "error_code": error_code, "updated_at": tx.now()}
    tx.session.execute(update(Message).where(Message.id == message_id).values(**values))


def drop_unmatched(tx: Transaction, before: datetime) -> int:
    """Forget receipts from before this time whose message never became known; says how many."""
    old = Receipt.applied_at.is_(None) & (Receipt.received_at < before)
    return changed(tx.session.execute(delete(Receipt).where(old)))


def _receipt(row: Receipt) -> StoredReceipt:
    return StoredReceipt(row.seq, row.message_sid, row.message_id, row.status, row.error_code, row.received_at)


def _sent(row: Message) -> SentMessage:
    return SentMessage(
        id=row.id,
        twilio_sid=row.twilio_sid,
        state=row.state,
        status=row.status,
        error_code=row.error_code,
        phone_id=row.phone_id,
        patient_id=row.patient_id,
        conversation_id=row.conversation_id,
        enrolment_id=row.enrolment_id,
        purpose=row.purpose,
    )
