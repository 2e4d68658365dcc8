"""Whether somebody who spoke of violence may be texted unasked: another person may be reading the phone.

Held until a person of the clinic has resolved the case. A time that the patient named afterwards is their own word.
"""

from __future__ import annotations

from datetime import datetime

from bot.content.policy import load_policy
from bot.core.safety_check import VIOLENCE
from bot.store import conversations, escalations, inbound
from bot.store.database import Transaction
from bot.store.followups import FollowUp

# What a crisis or an emergency that was doubted is asked about; the answer is waited for.
_DOUBTED = frozenset({"crisis", "emergency"})
# How a turn ends in which the patient says that it is not safe.
_SAID_NOT_SAFE = "danger_not_safe"


def may_be_unsafe(tx: Transaction, patient_id: str, asked_at: datetime | None = None) -> bool:
    """Whether a case of violence is not resolved, or a doubt about the patient's safety is neither that nor answered.

    ``asked_at``: when the patient named the time of the text. One named since the case was opened, and since they last
    said that it is not safe, is no danger.
    """
    cases = escalations.all_unresolved(tx, patient_id, VIOLENCE | _DOUBTED)
    violent = [case.opened_at for case in cases if case.kind in VIOLENCE]
    if not violent:
        return bool(cases) and _is_doubted(tx, patient_id, {case.kind for case in cases})
    if asked_at is None:
        return True
    not_safe_at = inbound.last_ended_as(tx, patient_id, _SAID_NOT_SAFE)
    return asked_at < max(violent) or (not_safe_at is not None and asked_at <= not_safe_at)


def named_at(followup: FollowUp) -> datetime | None:
    """When the patient named the time of this follow-up; None for one of which they did not."""
    return followup.created_at if load_policy().rule(followup.kind).wish else None


def _is_doubted(tx: Transaction, patient_id: str, kinds: set[str]) -> bool:
    checks = ((thread.state or {}).get("check") for thread in conversations.of_patient(tx, patient_id))
    return any(check is not None and check["kind"] in kinds for check in checks)
