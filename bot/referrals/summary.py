"""The open referrals, as a turn's context has them."""

from __future__ import annotations

from bot.core.dialog import JsonObject
from bot.store import referrals
from bot.store.database import Transaction

MOST_OPEN = 3


def open_referrals(tx: Transaction, patient_id: str) -> list[JsonObject]:
    """The open referrals as a turn's context has them, the latest first."""
    found = referrals.open_ones(tx, patient_id)[:MOST_OPEN]
    return [
        {"id": r.id, "place": r.service_name, "domain": r.domain, "state": r.state, "told": bool(r.shared)}
        for r in found
    ]
