"""A screening that was left half-way: a reminder or two, then it rests and ends as partial.

Two follow-up rows a screening are planned at a time. Whether it is time is worked out when one falls due, from when
the patient last moved, so that an answer costs nothing here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot import rescreening
from bot.abandoned import end_run, last_move
from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.core.callbacks import REMINDER, RESUME
from bot.core.gate import OPTED_OUT, Decision
from bot.referrals import offers
from bot.store import followups, phones, screenings, suppressions
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.followups import FollowUp

REST = "screening_rest"


def plan_first(tx: Transaction, patient_id: str, screening_id: str, instrument: str) -> None:
    """Plan what is to be done when this screening, which begins now, is left. Doing it twice changes nothing."""
    guard = {"screening_id": screening_id, "instrument": instrument}
    _plan_reminder(tx, patient_id, {**guard, "number": 0}, tx.now())
    due_at = tx.now() + load_policy().cadence.rests_after
    followups.plan(tx, patient_id, REST, due_at, guard, f"{REST}:{screening_id}")


def still_left(deps: Deps, tx: Transaction, followup: FollowUp) -> Decision | None:
    """Whether the screening still waits for the patient, and has waited long enough.

    A time that the patient asked for comes first; the reminder waits until after it.
    """
    try:
        run = screenings.get(tx, followup.guard["screening_id"])
    except NotFound:
        return Decision(False, "no_longer_needed")
    if run.state != "in_progress":
        return Decision(False, "no_longer_needed")
    promised = [each.due_at for each in followups.pending(tx, followup.patient_id) if each.kind == RESUME]
    due_at = max([last_move(tx, run), *promised]) + _wait(followup)
    return None if due_at <= tx.now() else Decision(False, "", due_at)


def plan_the_next(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """A reminder goes out: plan the one after it, if there is to be another."""
    guard = {**followup.guard, "number": followup.guard["number"] + 1}
    _plan_reminder(tx, followup.patient_id, guard, last_move(tx, screenings.get(tx, guard["screening_id"])))


def end_as_partial(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """The screening rests: it ends as partial, with the result of what was answered, and is asked again in its time."""
    run = screenings.get(tx, followup.guard["screening_id"])
    end_run(tx, run, deps.content.instruments, "partial")
    result = screenings.get(tx, run.id).result or {}
    rescreening.plan_next(tx, followup.patient_id, run.id, run.instrument, result)
    if not _is_opted_out(tx, followup.patient_id):
        offers.after_partial(deps, tx, followup.patient_id, result)


def _is_opted_out(tx: Transaction, patient_id: str) -> bool:
    phone = phones.primary(tx, patient_id)
    return phone is not None and OPTED_OUT in suppressions.kinds(tx, phone.number_hash)


def _plan_reminder(tx: Transaction, patient_id: str, guard: dict[str, Any], last: datetime) -> None:
    waits, number = load_policy().cadence.reminders, guard["number"]
    if number < len(waits):
        key = f"{REMINDER}:{guard['screening_id']}:{number}"
        followups.plan(tx, patient_id, REMINDER, last + waits[number], guard, key)


def _wait(followup: FollowUp) -> timedelta:
    cadence = load_policy().cadence
    return cadence.rests_after if followup.kind == REST else cadence.reminders[followup.guard["number"]]
