"""Gathers what the gate asks again at the moment of sending."""

from __future__ import annotations

from bot.core.gate import GateFacts
from bot.store import consents, phones, suppressions
from bot.store.database import Transaction


def facts_for_sending(tx: Transaction, patient_id: str, phone_id: str) -> GateFacts:
    """What may have changed since the message was planned and must stop it now. Raises ``NotFound`` for no such phone.

    A screening or a conversation that is open is not asked again: the message itself may have opened it.
    """
    decision = consents.latest(tx, patient_id)
    return GateFacts(
        consent=None if decision is None else decision.granted,
        suppressions=frozenset(suppressions.kinds(tx, phones.get(tx, phone_id).number_hash)),
    )
