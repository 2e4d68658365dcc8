"""Of many patients, those of whom the record may say more than consent and place: the others need not be looked up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Boolean, literal_column, or_, select
from sqlalchemy.orm import aliased

from bot.core.caps import WEEK
from bot.store.database import Transaction
from bot.store.leases import unfinished
from bot.store.tables import Escalation, FollowUp, Inbound, Message, PatientPhone, Screening

# No text waits in the outbox for longer than this after it was written.
_WAITED_AT_MOST = timedelta(days=2)


def eventful(tx: Transaction, patient_ids: Sequence[str], phone_ids: Sequence[str], now: datetime) -> set[str]:
    """Who has an open screening or case, a shared phone, or was or is about to be texted unasked in the last week.

    A few statements for all of them. Of the others :func:`bot.invitations.gather_facts` finds nothing that keeps an
    invitation back. Texts to ``phone_ids`` count whoever they were for.
    """
    mine, other = aliased(PatientPhone), aliased(PatientPhone)
    since = now - WEEK
    texted = Message.patient_id.in_(patient_ids) | Message.phone_id.in_(phone_ids)
    found = [
        select(Screening.patient_id).where(Screening.patient_id.in_(patient_ids), Screening.state == "in_progress"),
        select(Escalation.patient_id).where(Escalation.patient_id.in_(patient_ids), Escalation.state != "resolved"),
        select(FollowUp.patient_id).where(
            FollowUp.patient_id.in_(patient_ids), FollowUp.state == "sent", FollowUp.due_at >= since
        ),
        select(mine.patient_id)
        .join(other, (other.phone_id == mine.phone_id) & (other.patient_id != mine.patient_id))
        .where(mine.patient_id.in_(patient_ids)),
    ]
    named = {str(patient_id) for query in found for patient_id in tx.session.execute(query).scalars()}
    recent = or_(Message.created_at >= since - _WAITED_AT_MOST, unfinished(Message))
    sent = select(Message.patient_id, Message.phone_id).where(literal_column("proactive", Boolean), texted, recent)
    rows = tx.session.execute(sent).all()
    named.update(str(row[0]) for row in rows)
    named.update(_of_phones(tx, {str(row[1]) for row in rows}))
    waits = select(Inbound.detail).where(unfinished(Inbound), Inbound.kind == "due")
    named.update(str(detail.get("patient_id")) for detail in tx.session.execute(waits).scalars())
    return named.intersection(patient_ids)


def _of_phones(tx: Transaction, phone_ids: set[str]) -> set[str]:
    query = select(PatientPhone.patient_id).where(PatientPhone.phone_id.in_(phone_ids))
    return set(tx.session.execute(query).scalars())
