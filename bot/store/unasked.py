"""What was sent to people unasked, for the caps: found by partial indexes, whatever else was ever sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Boolean, func, literal_column, or_, select

from bot.store.database import Transaction
from bot.store.leases import unfinished
from bot.store.tables import Inbound, Message, Patient, PatientPhone

# No text waits in the outbox for longer than this after it was written.
_WAITED_AT_MOST = timedelta(days=2)


def sent_unasked(
    tx: Transaction, patient_id: str, phone_id: str, since: datetime, beside: str | None = None
) -> list[datetime]:
    """When texts nobody had asked for were handed to Twilio since then, to this person or to this phone.

    One time for each turn, which may be several texts; the turn ``beside`` is left out.
    """
    unasked = literal_column("proactive", Boolean)
    found: dict[str, datetime] = {}
    for one in (Message.phone_id == phone_id, Message.patient_id == patient_id):
        query = select(func.coalesce(Message.inbound_id, Message.id), Message.handed_over_at).where(
            unasked, one, Message.created_at >= since - _WAITED_AT_MOST, Message.handed_over_at >= since
        )
        for turn, at in tx.session.execute(query):
            if at is not None and turn != beside:
                found[turn] = max(at, found.get(turn, at))
    return sorted(found.values())


def about_to_be_sent(tx: Transaction, patient_id: str, phone_id: str, number_hash: str) -> bool:
    """Whether a follow-up was handed on for this person or phone, and its turn or its text is not done yet."""
    waits = select(Inbound.seq).where(unfinished(Inbound), Inbound.number_hash == number_hash, Inbound.kind == "due")
    mine = or_(Message.phone_id == phone_id, Message.patient_id == patient_id)
    queued = select(Message.seq).where(unfinished(Message), literal_column("proactive", Boolean), mine)
    return any(tx.session.execute(query.limit(1)).first() is not None for query in (waits, queued))


def handed_on_to(tx: Transaction, number_hash: str) -> set[str]:
    """The patients for whom a follow-up was handed on to this number whose turn is not taken yet."""
    waits = select(Inbound.detail).where(unfinished(Inbound), Inbound.number_hash == number_hash, Inbound.kind == "due")
    return {str(detail.get("patient_id")) for detail in tx.session.execute(waits).scalars()}


def in_hand(tx: Transaction) -> int:
    """How many invitations are on their way: turns that wait, and texts that wait."""
    turns = select(func.count()).select_from(Inbound).where(unfinished(Inbound), Inbound.priority > 0)
    texts = select(func.count()).select_from(Message).where(unfinished(Message), Message.priority > 0)
    return sum(tx.session.execute(query).scalar_one() for query in (turns, texts))


def zones_by_patient(tx: Transaction, patient_ids: list[str]) -> dict[str, tuple[str | None, str, str | None]]:
    """Of each patient: the stored zone, the sealed profile, and the id of the phone that is texted."""
    query = (
        select(Patient.id, Patient.timezone, Patient.profile_sealed, PatientPhone.phone_id)
        .outerjoin(PatientPhone, (PatientPhone.patient_id == Patient.id) & PatientPhone.is_primary.is_(True))
        .where(Patient.id.in_(patient_ids))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in tx.session.execute(query)}
