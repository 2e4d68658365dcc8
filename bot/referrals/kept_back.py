"""What is done beside when the gate keeps back what a patient was to hear or to be asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.content.referral import load_referral
from bot.core.gate import NO_NUMBER, OPTED_OUT, WRONG_PERSON
from bot.referrals import planning
from bot.referrals.due import ACTOR, NOT_NEEDED, UNREACHABLE_CASE
from bot.referrals.reporting import open_case
from bot.store import audit, escalations, followups, referrals
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


def no_number(tx: Transaction, followup: FollowUp, reason: str) -> None:
    """For so long no number has worked: a person is told, once; a check-in goes the way of those nobody answers."""
    if reason not in NO_NUMBER or tx.now() - followup.planned_for < _window():
        return
    if followup.kind == planning.CHECK_IN:
        not_asked(tx, followup, reason)
    elif not audit.of_subject(tx, "followup", followup.id):
        audit.record(tx, ACTOR, "found_no_number", "followup", followup.id, reason=reason)
        _tell(tx, followup)


def not_asked(tx: Transaction, followup: FollowUp, reason: str) -> None:
    """A check-in cannot be sent for too long: a CHW is told and has some days, as with those nobody answers."""
    referral = referrals.get(tx, followup.guard["referral_id"])
    silent_since = referral.silent_since or followup.planned_for
    referrals.change(tx, referral.id, silent_since=silent_since, unanswered=max(referral.unanswered, 1))
    referrals.drop_planned(tx, referral, planning.WITH_PATIENT, reason)
    planning.plan(tx, referral, planning.UNANSWERED, tx.now())


def _window() -> timedelta:
    return timedelta(days=load_referral().check_ins.window_days)


def _tell(tx: Transaction, followup: FollowUp) -> None:
    if escalations.unresolved(tx, followup.patient_id, UNREACHABLE_CASE) is None:
        followups.open_case(tx, followup, UNREACHABLE_CASE, "soon")
