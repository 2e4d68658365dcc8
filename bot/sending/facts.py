"""Gathers what the gate asks again at the moment of sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.content.policy import load_policy
from bot.core.caps import WEEK
from bot.core.gate import GateFacts
from bot.recipients import recipient_of
from bot.safe_to_text import may_be_unsafe, named_at
from bot.store import consents, followups, patients, phones, sending, suppressions, unasked
from bot.store.database import Transaction
from bot.store.outbox import ClaimedMessage


def facts_for_sending(tx: Transaction, claimed: ClaimedMessage, now: datetime) -> GateFacts:
    """What may have changed since the message was planned and must stop it now. Raises ``NotFound`` for no such phone.

    A screening or a conversation that is open is not asked again: the message itself may have opened it. Where and
    how often is only asked of what goes out unasked.
    """
    decision = consents.latest(tx, claimed.patient_id)
    phone = phones.get(tx, claimed.phone_id)
    facts = GateFacts(
        consent=None if decision is None else decision.granted,
        suppressions=frozenset(suppressions.kinds(tx, phone.number_hash)),
    )
    patient = patients.get(tx, claimed.patient_id) if claimed.proactive else None
    if patient is None:
        return facts
    recent = unasked.sent_unasked(tx, claimed.patient_id, claimed.phone_id, now - WEEK, claimed.inbound_id)
    return replace(
        facts,
        recipient=recipient_of(tx, patient, phone, load_policy()),
        recent=tuple(recent),
        maybe_unsafe=may_be_unsafe(tx, claimed.patient_id, _asked_at(tx, claimed)),
    )


def _asked_at(tx: Transaction, claimed: ClaimedMessage) -> datetime | None:
    """When the patient named the time of this text, if they did."""
    followup_id = sending.followup_of(tx, claimed.inbound_id)
    followup = None if followup_id is None else followups.get(tx, followup_id)
    return None if followup is None else named_at(followup)
