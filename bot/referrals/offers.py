"""Needs for which no place was agreed to: spoken of once more, and then closed, so that none waits for ever.

A patient was shown places, or chose one, or named a need in a screening that was left; then nothing more was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.bootstrap import Deps
from bot.content.referral import ReferralContent, load_referral
from bot.core.gate import Decision
from bot.core.referral import PROGRAMME
from bot.core.referral_case import UNRESOLVABLE
from bot.referrals import navigating, planning
from bot.referrals.reporting import Said, close_need, open_need, report
from bot.store import escalations, followups, inbound, navigation, needs, referrals, screenings
from bot.store.database import Transaction
from bot.store.followups import FollowUp
from bot.store.needs import PatientNeed

CASE = "places_not_answered"
ACTOR = "clock"
NOT_ANSWERED, NOT_CHOSEN, NO_PLACE = "not_answered", "not_chosen", "no_place"
HELPED = "chw_helps"
LOOK_AGAIN = timedelta(days=1)
# For the case: how it stands with a need, as a CHW reads it.
TOLD = {
    NOT_ANSWERED: "no answer to the places that were shown",
    NOT_CHOSEN: "no place was chosen",
    NO_PLACE: "no place could be shown",
}


def after_partial(deps: Deps, tx: Transaction, patient_id: str, result: Mapping[str, Any]) -> None:
    """A screening ended before its end: what it found all the same is open, and places follow as soon as they may.

    So do those for needs that were named meanwhile. ``result`` is as a screening keeps it.
    """
    content = load_referral(deps.settings.content_dir)
    for need in result.get("needs", ()):
        if need.get("positive") and need["domain"] not in content.not_by_text:
            open_need(tx, content, patient_id, need["domain"])
    if result.get("navigation_eligible"):
        navigating.offer(tx, patient_id)
    planning.plan_offers(tx, content, patient_id, 0)


def still_wait(deps: Deps, tx: Transaction, followup: FollowUp) -> Decision | None:
    """None while there is a need that waits; questions that are left, and the next place, come first.

    Nothing is closed of somebody whom a CHW helps: their case says how it ends.
    """
    if followup.kind == planning.PLACES_UNANSWERED and _is_helped(tx, followup.patient_id):
        return Decision(False, HELPED)
    if not planning.waiting_needs(tx, followup.patient_id):
        return Decision(False, "no_longer_needed")
    first = {planning.NEXT_PLACE}
    if followup.kind == planning.PLACES_UNANSWERED:
        first.add(planning.PLACES_REMINDER)
    planned = any(each.kind in first for each in followups.pending(tx, followup.patient_id))
    if planned or screenings.in_progress(tx, followup.patient_id):
        return Decision(False, "", tx.now() + LOOK_AGAIN)
    return None


def close_unanswered(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """Every need that still waits ends, with what is known of the reason; a person sees which."""
    content = load_referral(deps.settings.content_dir)
    since = datetime.fromisoformat(followup.guard["since"])
    wrote = inbound.last_text_of(tx, followup.patient_id)
    reason = NOT_CHOSEN if wrote is not None and wrote >= since else NOT_ANSWERED
    lines = []
    for need in planning.waiting_needs(tx, followup.patient_id):
        why = reason if needs.shown(tx, need.patient_id, need.domain) else NO_PLACE
        lines.append(f"Need {need.domain}: {TOLD[why]}")
        _close(tx, content, need, why)
    _tell(tx, followup.patient_id, lines)


def _close(tx: Transaction, content: ReferralContent, need: PatientNeed, why: str) -> None:
    for referral in referrals.of_need(tx, need.id):
        if not referral.is_closed:
            reason = NOT_ANSWERED if why == NO_PLACE else why
            report(tx, content, referral.id, Said(PROGRAMME, NOT_ANSWERED, ACTOR, reason))
    close_need(tx, content, need.id, content.case.by_reason.get(why, UNRESOLVABLE), PROGRAMME)


def _is_helped(tx: Transaction, patient_id: str) -> bool:
    case = navigation.current(tx, patient_id)
    return case is not None and case.state == "open"


def _tell(tx: Transaction, patient_id: str, lines: list[str]) -> None:
    known = escalations.unresolved(tx, patient_id, CASE)
    if known is not None:
        escalations.add_note(tx, known.id, "\n".join(lines))
        return
    escalations.create(
        tx,
        patient_id=patient_id,
        conversation_id=None,
        inbound_id=None,
        kind=CASE,
        urgency="soon",
        note="\n".join(lines),
    )
