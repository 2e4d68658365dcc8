"""Threads between one phone and one patient, and the dialog state between turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.store import phones, tables
from bot.store.database import Transaction
from bot.store.errors import NotFound, StaleConversation
from bot.store.rows import changed, insert_new, open_json, seal_json

_STATE = "conversation.state_sealed"


@dataclass(frozen=True)
class Conversation:
    """A thread. ``state`` is None before its first turn; ``version`` counts the saved turns."""

    id: str
    phone_id: str
    patient_id: str
    state: dict[str, Any] | None
    language: str
    version: int
    created_at: datetime
    updated_at: datetime


def find_or_create(tx: Transaction, phone_id: str, patient_id: str, language: str) -> Conversation:
    """The one thread of this phone and patient. It becomes the phone's current one when the phone has none."""
    found = _find(tx, phone_id, patient_id)
    if found is None:
        _insert(tx, phone_id, patient_id, language)
        found = _find(tx, phone_id, patient_id)
    assert found is not None
    if phones.get(tx, phone_id).current_conversation_id is None:
        phones.make_current(tx, phone_id, found.id)
    return found


def get(tx: Transaction, conversation_id: str) -> Conversation:
    """The conversation with this id. Raises :class:`NotFound`."""
    row = tx.session.get(tables.Conversation, conversation_id)
    if row is None:
        raise NotFound("no such conversation")
    return _conversation(tx, row)


def current_for_phone(tx: Transaction, phone_id: str) -> Conversation | None:
    """The thread that the next text of this phone belongs to; None when there is none."""
    current = phones.get(tx, phone_id).current_conversation_id
    return get(tx, current) if current else None


def of_patient(tx: Transaction, patient_id: str) -> list[Conversation]:
    """The patient's threads, the one that moved last first."""
    query = select(tables.Conversation).where(tables.Conversation.patient_id == patient_id)
    rows = tx.session.execute(query.order_by(tables.Conversation.updated_at.desc(), tables.Conversation.id)).scalars()
    return [_conversation(tx, row) for row in rows]


def save_state(
    tx: Transaction, conversation_id: str, expected_version: int, state: dict[str, Any], language: str
) -> None:
    """Save the state of a turn taken on ``expected_version``; the version grows by one.

    Raises :class:`StaleConversation` when another turn was saved first.
    """
    this = (tables.Conversation.id == conversation_id) & (tables.Conversation.version == expected_version)
    values = {
        "state_sealed": seal_json(tx, state, _STATE),
        "language": language,
        "version": expected_version + 1,
        "updated_at": tx.now(),
    }
    if not changed(tx.session.execute(update(tables.Conversation).where(this).values(**values))):
        raise StaleConversation(f"{conversation_id} is not at version {expected_version}")


def _insert(tx: Transaction, phone_id: str, patient_id: str, language: str) -> None:
    now = tx.now()
    values = {
        "id": tx.new_id("cv"),
        "phone_id": phone_id,
        "patient_id": patient_id,
        "language": language,
        "created_at": now,
        "updated_at": now,
    }
    insert_new(tx, tables.Conversation, values)


def _find(tx: Transaction, phone_id: str, patient_id: str) -> Conversation | None:
    this = (tables.Conversation.phone_id == phone_id) & (tables.Conversation.patient_id == patient_id)
    row = tx.session.execute(select(tables.Conversation).where(this)).scalar_one_or_none()
    return _conversation(tx, row) if row else None


def _conversation(tx: Transaction, row: tables.Conversation) -> Conversation:
    return Conversation(
        id=row.id,
        phone_id=row.phone_id,
        patient_id=row.patient_id,
        state=open_json(tx, row.state_sealed, _STATE) if row.state_sealed else None,
        language=row.language,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
