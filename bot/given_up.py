"""What becomes of a follow-up whose turn is given up: it falls due again, or ends and what comes after goes on."""

from __future__ import annotations

from datetime import timedelta

from bot import rescreening
from bot.adapters.dialog_client import DialogUnavailable
from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.content.referral import load_referral
from bot.core.callbacks import RESCREENING
from bot.core.referral import is_calm
from bot.referrals import kept_back, navigating, planning
from bot.store import campaigns, followups, navigation, referrals
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.followups import FAILED, FollowUp
from bot.store.inbound import ClaimedInbound

AWAY = "dialog_away"
AGAIN = timedelta(hours=1)


def give_up_due(deps: Deps, tx: Transaction, claimed: ClaimedInbound, error: Exception) -> bool:
    """Settle the follow-up behind a row of kind ``due``; whether it falls due again, so that nobody needs to act.

    While the dialog process is away it is planned anew, and the gate judges whether it comes too late by then.
    """
    followup = followups.get(tx, claimed.detail.get("followup_id", ""))
    if followup is None:
        return False
    enrolment_id = followup.guard.get("enrolment_id")
    again = isinstance(error, DialogUnavailable)
    if again:
        again = followups.plan_anew(tx, followup.id, AWAY, tx.now() + AGAIN)
    else:
        followups.drop(tx, followup.id, FAILED)
        plan_the_next(deps, tx, followup)
    if enrolment_id is not None:
        campaigns.set_enrolment_state(tx, enrolment_id, "held" if again else "failed", AWAY if again else FAILED)
    return again


def waited_too_long(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """It was held for a month and is dropped: a person is told of a check-in, anything else comes again in its time."""
    if followup.kind == planning.CHECK_IN:
        kept_back.not_asked(tx, followup, "too_late")
    else:
        plan_the_next(deps, tx, followup)


def plan_the_next(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """This one is not done; what comes back at intervals comes back at the next. Nothing for what has ended."""
    try:
        if followup.kind == planning.CHECK_IN:
            _next_check_in(deps, tx, followup.guard["referral_id"])
        elif followup.kind == planning.NAVIGATION_CHECK_IN:
            _next_month(deps, tx, followup)
        elif followup.kind == RESCREENING:
            after = tx.now() + load_policy().cadence.rescreen_with_needs
            rescreening.plan_again(tx, followup.patient_id, followup.guard["instrument"], after)
    except NotFound:
        return


def _next_check_in(deps: Deps, tx: Transaction, referral_id: str) -> None:
    content = load_referral(deps.settings.content_dir)
    referral = referrals.get(tx, referral_id)
    if not referral.is_closed:
        reports = [event.report for event in referrals.events(tx, referral_id)]
        planning.plan_check_in(tx, content, referral, calm=is_calm(content.rules, reports))


def _next_month(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    case = navigation.get(tx, followup.guard["case_id"])
    if case.state == "open":
        passed = max(case.check_ins, followup.guard["month"])
        navigating.plan_check_in(deps, tx, navigation.change(tx, case.id, check_ins=passed))
