"""What is done beside when the gate keeps back what a patient was to hear of a place."""

from __future__ import annotations

from datetime import datetime

from bot.core.gate import OPTED_OUT, WRONG_PERSON
from bot.referrals.due import NOT_NEEDED
from bot.referrals.reporting import open_case
from bot.store import followups, referrals
from bot.store.database import Transaction
from bot.store.followups import FollowUp

NOT_TOLD_CASE = "partner_call_not_told"
# What has ended, or ends everything: whoever is to know of it is told there.
_ENDED = frozenset({NOT_NEEDED, OPTED_OUT, WRONG_PERSON})


def call_not_told(tx: Transaction, followup: FollowUp, reason: str) -> None:
    """A place will call, and the patient cannot be told in time: a community health worker (CHW) gets a case."""
    after = followups.get(tx, followup.id)
    if after is None or reason in _ENDED:
        return
    at = followup.guard.get("at")
    too_late = at is not None and after.due_at >= datetime.fromisoformat(at)
    if after.state == "dropped" or too_late:
        open_case(tx, referrals.get(tx, followup.guard["referral_id"]), NOT_TOLD_CASE, "today")
