"""Asking again: some months after a screening, on request, and when the patient says that something changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.abandoned import end_left_runs
from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.core.callbacks import RESCREENING
from bot.core.gate import Decision
from bot.store import followups, screenings
from bot.store.database import Transaction
from bot.store.followups import FollowUp

# An invitation that opens as any does.
FIRST_TIME = "campaign_invitation"


def plan_next(tx: Transaction, patient_id: str, screening_id: str, instrument: str, result: Mapping[str, Any]) -> None:
    """A screening ended now: plan the next one, sooner after needs, in the place of what was planned before.

    A short instrument does not take the place of a longer one: each is asked again in its own time. ``result`` is as
    a screening keeps it. Doing it twice changes nothing.
    """
    for planned in followups.pending(tx, patient_id):
        if planned.kind == RESCREENING and planned.guard["instrument"] == instrument:
            followups.drop(tx, planned.id, "screened_again")
    due_at = tx.now() + _interval(result)
    followups.plan(
        tx, patient_id, RESCREENING, due_at, _guard(screening_id, instrument), f"{RESCREENING}:{screening_id}"
    )


def plan_again(tx: Transaction, patient_id: str, instrument: str, not_before: datetime) -> None:
    """What was planned was dropped: plan the next one in the usual time after the last, from ``not_before`` on.

    Nothing where one is planned, or where the patient never came to an end of this instrument.
    """
    last = screenings.last_ended(tx, patient_id, instrument, tx.now())
    pending = followups.pending(tx, patient_id)
    if last is None or any(each.kind == RESCREENING and each.guard["instrument"] == instrument for each in pending):
        return
    due_at = max((last.completed_at or tx.now()) + _interval(last.result or {}), not_before)
    key = f"{RESCREENING}:{last.id}:{tx.new_id('again')}"
    followups.plan(tx, patient_id, RESCREENING, due_at, _guard(last.id, instrument), key)


def plan_now(tx: Transaction, patient_id: str, instrument: str, wait: timedelta = timedelta(0)) -> str | None:
    """Somebody asked for it, or something changed: ask again as soon as the gate allows, once for each day.

    ``wait`` leaves the patient time to answer what they were just asked. None when that was planned before.
    """
    key = f"{RESCREENING}:{patient_id}:{instrument}:{tx.now().date().isoformat()}"
    return followups.plan(tx, patient_id, RESCREENING, tx.now() + wait, _guard(None, instrument), key)


def answered_lately(tx: Transaction, patient_id: str, instrument: str) -> bool:
    """Whether the patient answered this instrument, and it is not yet time to ask it again."""
    last = screenings.last_ended(tx, patient_id, instrument, tx.now())
    return last is not None and tx.now() < (last.completed_at or tx.now()) + _interval(last.result or {})


def drop_now(tx: Transaction, patient_id: str) -> None:
    """The patient does not want the questions again now; the usual time stands."""
    for planned in followups.pending(tx, patient_id):
        if planned.kind == RESCREENING and planned.guard["after"] is None:
            followups.drop(tx, planned.id, "not_wanted")


def still_wanted(deps: Deps, tx: Transaction, followup: FollowUp) -> Decision | None:
    """Not when the patient was screened since, nor with an instrument that is no longer there."""
    if followup.guard["instrument"] not in deps.content.instruments:
        return Decision(False, "instrument_gone")
    since = followup.created_at
    last = screenings.last_ended(tx, followup.patient_id, followup.guard["instrument"], tx.now())
    newer = last is not None and last.id != followup.guard["after"] and (last.completed_at or since) > since
    return Decision(False, "screened_again") if newer else None


def opening(tx: Transaction, patient_id: str, kind: str, guard: Mapping[str, Any]) -> str:
    """How an invitation opens. Nobody is told that they answered questions before who never did."""
    opens = str(guard.get("opening", kind))
    if opens == RESCREENING and screenings.last_ended(tx, patient_id, guard["instrument"], tx.now()) is None:
        return FIRST_TIME
    return opens


def make_room(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """What was left half-way long ago is not gone on with."""
    end_left_runs(tx, followup.patient_id, deps.content.instruments)


def _interval(result: Mapping[str, Any]) -> timedelta:
    cadence = load_policy().cadence
    has_needs = any(need.get("positive") for need in result.get("needs", ()))
    return cadence.rescreen_with_needs if has_needs else cadence.rescreen_without


def _guard(screening_id: str | None, instrument: str) -> dict[str, Any]:
    return {"after": screening_id, "instrument": instrument}
