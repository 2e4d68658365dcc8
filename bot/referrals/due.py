"""Follow-ups of referrals that fall due: whether they are still wanted, and what is done without a text.

:mod:`bot.release` asks here before the gate is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.core.gate import Decision
from bot.core.referral import PROGRAMME
from bot.referrals import navigating, offers, planning, telling, visits
from bot.referrals.reporting import Said, close_need, open_case, report
from bot.store import navigation, needs, referrals
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.followups import FollowUp
from bot.store.referrals import PatientReferral

NOT_NEEDED = "no_longer_needed"
UNREACHABLE_CASE = "patient_unreachable"
ACTOR = "clock"


def still_wanted(deps: Deps, tx: Transaction, followup: FollowUp) -> Decision | None:
    """None when it is; else why it is dropped, or until when it waits."""
    if followup.kind in planning.OF_OFFERS:
        return offers.still_wait(deps, tx, followup)
    return None if _holds(tx, followup) else Decision(False, NOT_NEEDED)


def _holds(tx: Transaction, followup: FollowUp) -> bool:
    guard = followup.guard
    try:
        if "referral_id" in guard:
            referral = referrals.get(tx, guard["referral_id"])
            if followup.kind == planning.NEXT_PLACE:
                open_need = needs.get(tx, referral.need_id).closed_at is None
                return referral.is_closed and open_need and not planning.has_place(tx, referral.need_id)
            return not referral.is_closed
        if "case_id" in guard:
            return navigation.get(tx, guard["case_id"]).state == "open"
        if "need_id" in guard:
            return needs.get(tx, guard["need_id"]).closed_at is None
    except NotFound:
        return False
    return visits.visit_of(tx, followup) is not None


def _partner_step(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    referral = referrals.get(tx, followup.guard["referral_id"])
    act = telling.nudge if followup.guard.get("nudge") else telling.step
    act(deps, tx, referral)


def _unanswered(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """So many check-ins without a word: a person is told first, and has some days."""
    content = load_referral(deps.settings.content_dir)
    referral = referrals.get(tx, followup.guard["referral_id"])
    if _has_spoken(referral):
        planning.plan_check_in(tx, content, referral, calm=False)
        return
    open_case(tx, referral, UNREACHABLE_CASE)
    planning.plan(tx, referral, planning.LOST, planning.days_from(tx, content.check_ins.chw_days))


def _lost(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    content = load_referral(deps.settings.content_dir)
    referral = referrals.get(tx, followup.guard["referral_id"])
    if _has_spoken(referral):
        planning.plan_check_in(tx, content, referral, calm=False)
    else:
        report(tx, content, referral.id, Said(PROGRAMME, "lost_to_follow_up", ACTOR))


def _has_spoken(referral: PatientReferral) -> bool:
    """Any text from the patient since then puts the count back."""
    return referral.silent_since is None


def _deadline(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    content = load_referral(deps.settings.content_dir)
    report(tx, content, followup.guard["referral_id"], Said(PROGRAMME, "time_reached", ACTOR))


def _need_deadline(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """Referrals of the need end with it."""
    content = load_referral(deps.settings.content_dir)
    need_id = followup.guard["need_id"]
    for referral in referrals.of_need(tx, need_id):
        if not referral.is_closed:
            report(tx, content, referral.id, Said(PROGRAMME, "time_reached", ACTOR))
    close_need(tx, content, need_id, "time_reached", PROGRAMME)


def _navigation_due(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    case = navigation.get(tx, followup.guard["case_id"])
    navigating.fell_due(deps, tx, case, is_end=followup.guard.get("is_end", False))


SILENT: Mapping[str, Callable[[Deps, Transaction, FollowUp], None]] = {
    planning.PARTNER_STEP: _partner_step,
    planning.UNANSWERED: _unanswered,
    planning.LOST: _lost,
    planning.DEADLINE: _deadline,
    planning.NEED_DEADLINE: _need_deadline,
    planning.NAVIGATION_DUE: _navigation_due,
    planning.VISIT_NOTICE: visits.tell_chw,
    planning.PLACES_UNANSWERED: offers.close_unanswered,
}
