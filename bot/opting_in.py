"""What an opt-in brings back: what comes at intervals was dropped by the opt-out, and is planned from now on."""

from __future__ import annotations

from datetime import timedelta

from bot import rescreening
from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.core.referral import FIRST, is_calm
from bot.referrals import navigating, planning, visits
from bot.store import followups, navigation, referrals, screenings
from bot.store.database import Transaction

# The answer to the opt-in comes first.
REST = timedelta(days=1)
MANY = 500


def plan_anew(deps: Deps, tx: Transaction, patient_id: str) -> None:
    """Plan the questions, the check-ins and the visits of a patient who may be texted again.

    What is planned stays as it is. What was missed meanwhile is not made up for.
    """
    ended = {run.instrument for run in screenings.list_for_patient(tx, patient_id, None, MANY).items}
    for instrument in sorted(ended & set(deps.content.instruments)):
        rescreening.plan_again(tx, patient_id, instrument, tx.now() + REST)
    _check_ins(deps, tx, patient_id)
    case = navigation.current(tx, patient_id)
    if case is not None and case.state == "open":
        navigating.plan_check_in_to_come(deps, tx, case)
    visits.plan(tx, patient_id, deps.settings.content_dir)


def _check_ins(deps: Deps, tx: Transaction, patient_id: str) -> None:
    content = load_referral(deps.settings.content_dir)
    pending = followups.pending(tx, patient_id)
    followed = {each.guard["referral_id"] for each in pending if each.kind in planning.WITH_PATIENT}
    for referral in referrals.open_ones(tx, patient_id):
        if referral.state != FIRST and referral.id not in followed:
            reports = [event.report for event in referrals.events(tx, referral.id)]
            planning.plan_check_in(tx, content, referral, calm=is_calm(content.rules, reports))
