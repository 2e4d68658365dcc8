"""Forgetting a person: everything about them goes, the audit keeps that it happened."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from bot.store import audit, idempotency, phones, tables
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.rows import changed
from bot.store.tables import Base, Conversation, Escalation, Inbound, Message, Patient, PatientPhone, Phone, Receipt


@dataclass(frozen=True)
class _Traces:
    """What leads from a patient to rows that do not name the patient."""

    patient_id: str
    conversations: list[str]
    phones_left_alone: list[str]
    hashes_left_alone: list[str]


def erase_patient(tx: Transaction, patient_id: str, actor: str) -> dict[str, int]:
    """Delete everything about the patient and say how many rows of each table went. Raises :class:`NotFound`.

    A phone of nobody else goes too, with every text from it, also one that the patient had earlier; its
    suppressions stay, because a number that said STOP must stay stopped. A phone that is or was shared stays,
    with the texts of the others.
    """
    if tx.session.get(Patient, patient_id) is None:
        raise NotFound("no such patient")
    traces = _traces(tx, patient_id)
    gone = {
        "receipt": _delete(tx, Receipt, _receipts(traces)),
        "message": _delete(tx, Message, _messages(traces)),
        "inbound": _delete(tx, Inbound, _inbound(traces)),
        "escalation": _delete(tx, Escalation, _escalations(traces)),
        "idempotent_reply": idempotency.forget_mentions(tx, patient_id),
    }
    _leave_conversations(tx, traces)
    # What nothing leads to may be a number of this patient, from before it was replaced.
    gone["phone"] = _delete(tx, Phone, or_(Phone.id.in_(traces.phones_left_alone), phones.unused()))
    # Links, conversations, screenings, answers, consents, enrolments and follow-ups go by foreign key.
    gone["patient"] = _delete(tx, Patient, Patient.id == patient_id)
    tx.session.expire_all()
    audit.record(tx, actor, "patient_erased", "patient", patient_id, rows=gone)
    return gone


def _traces(tx: Transaction, patient_id: str) -> _Traces:
    conversations = tx.session.execute(select(Conversation.id).where(Conversation.patient_id == patient_id)).scalars()
    alone = select(Phone.id, Phone.number_hash).where(_had(patient_id), ~_others(patient_id))
    found = tx.session.execute(alone).all()
    return _Traces(patient_id, list(conversations), [p.id for p in found], [p.number_hash for p in found])


def _had(patient_id: str) -> ColumnElement[bool]:
    """Phones that reach the patient, or once did."""
    linked = select(PatientPhone.phone_id).where(PatientPhone.patient_id == patient_id)
    talked = select(Conversation.phone_id).where(Conversation.patient_id == patient_id)
    return or_(Phone.id.in_(linked), Phone.id.in_(talked))


def _others(patient_id: str) -> ColumnElement[bool]:
    """Phones that reach somebody else, or once did."""
    linked = exists().where(PatientPhone.phone_id == Phone.id, PatientPhone.patient_id != patient_id)
    talked = exists().where(Conversation.phone_id == Phone.id, Conversation.patient_id != patient_id)
    return or_(linked, talked)


def _messages(traces: _Traces) -> ColumnElement[bool]:
    return or_(
        Message.patient_id == traces.patient_id,
        Message.conversation_id.in_(traces.conversations),
        Message.phone_id.in_(traces.phones_left_alone),
    )


def _receipts(traces: _Traces) -> ColumnElement[bool]:
    named = select(Message.id).where(_messages(traces))
    sids = select(Message.twilio_sid).where(_messages(traces), Message.twilio_sid.is_not(None))
    return or_(Receipt.message_id.in_(named), Receipt.message_sid.in_(sids))


def _inbound(traces: _Traces) -> ColumnElement[bool]:
    return or_(
        Inbound.patient_id == traces.patient_id,
        Inbound.conversation_id.in_(traces.conversations),
        Inbound.number_hash.in_(traces.hashes_left_alone),
        # Released for the patient and not taken yet.
        Inbound.detail["patient_id"].as_string() == traces.patient_id,
    )


def _escalations(traces: _Traces) -> ColumnElement[bool]:
    return or_(Escalation.patient_id == traces.patient_id, Escalation.conversation_id.in_(traces.conversations))


def _leave_conversations(tx: Transaction, traces: _Traces) -> None:
    """A shared phone must not point at a conversation that is gone."""
    pointing = update(tables.Phone).where(tables.Phone.current_conversation_id.in_(traces.conversations))
    tx.session.execute(pointing.values(current_conversation_id=None))


def _delete(tx: Transaction, model: type[Base], which: ColumnElement[bool]) -> int:
    return changed(tx.session.execute(delete(model).where(which).execution_options(synchronize_session=False)))
