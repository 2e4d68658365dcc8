"""A patient has a number that works again: what waited for one is looked at, and who was silent is not lost."""

from __future__ import annotations

from bot.core.gate import NO_NUMBER
from bot.referrals.planning import LOST, UNANSWERED
from bot.store import followups, referrals
from bot.store.database import Transaction


def reachable_again(tx: Transaction, patient_id: str) -> None:
    """What is held for want of a number falls due now; silence at a number that reached nobody counts no more."""
    followups.wake(tx, patient_id, NO_NUMBER)
    for referral in referrals.open_ones(tx, patient_id):
        if referral.silent_since is not None:
            referrals.change(tx, referral.id, unanswered=0, silent_since=None)
    for planned in followups.pending(tx, patient_id):
        if planned.kind in (UNANSWERED, LOST):
            followups.postpone(tx, planned.id, tx.now())
