"""Screenings that nobody goes on with: from when on one counts as left, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.content.policy import load_policy
from bot.core.instrument import Instrument
from bot.core.scoring import age_on, given_from_record, score_answers
from bot.store import audit, campaigns, followups, inbound, patients, screenings
from bot.store.database import Transaction
from bot.store.screenings import Screening

ACTOR = "clock"


def under_way(tx: Transaction, patient_id: str, now: datetime) -> list[Screening]:
    """The patient's runs in progress that moved so lately before ``now`` that they do not rest; others are left.

    Most who come back to a screening do so within days. After two weeks (``rests_after_days``) the answers describe
    another time than the next ones would, and whoever is invited anew then begins at the first question.
    """
    rest = load_policy().cadence.rests_after
    return [run for run in screenings.in_progress(tx, patient_id) if now - last_move(tx, run) < rest]


def end_left_runs(tx: Transaction, patient_id: str, instruments: Mapping[str, Instrument]) -> int:
    """End every run that is in progress as ``expired``, with the result of what was answered; gives how many.

    A run of an instrument, or of a version of it, that is not among ``instruments`` ends without a result.
    """
    runs = screenings.in_progress(tx, patient_id)
    for run in runs:
        end_run(tx, run, instruments, "expired")
    return len(runs)


def end_run(tx: Transaction, run: Screening, instruments: Mapping[str, Instrument], state: str) -> None:
    """End a run that nobody goes on with as ``expired`` or ``partial``, with the result of what was answered."""
    screenings.complete(tx, run.id, state, _result(tx, run, instruments.get(run.instrument)))
    drop_reminders(tx, run.patient_id, run.id)
    audit.record(tx, ACTOR, f"screening_{state}", "patient", run.patient_id, screening_id=run.id)
    for enrolment in campaigns.open_enrolments(tx, run.patient_id, run.instrument):
        if enrolment.state == "started":
            campaigns.set_enrolment_state(tx, enrolment.id, "partial")


def drop_reminders(tx: Transaction, patient_id: str, screening_id: str) -> None:
    """The screening has ended: nothing reminds of it any more."""
    for planned in followups.pending(tx, patient_id):
        if planned.guard.get("screening_id") == screening_id:
            followups.drop(tx, planned.id, "screening_ended")


def last_move(tx: Transaction, run: Screening) -> datetime:
    """When the patient last answered or wrote in the conversation of this run; its start before that."""
    wrote = inbound.last_text(tx, run.conversation_id)
    answered = [answer.answered_at for answer in run.answers]
    return max([run.started_at, *answered, *([wrote] if wrote else [])])


def _result(tx: Transaction, run: Screening, instrument: Instrument | None) -> dict[str, Any] | None:
    if instrument is None or instrument.version != run.instrument_version:
        return None
    patient = patients.get(tx, run.patient_id)
    visits = patient.profile.emergency_visits_12m if patient else None
    age = age_on(run.started_at.date(), patient.profile.birth_date) if patient else None
    recorded = {answer.link_id: answer.value for answer in run.answers}
    return score_answers(instrument, given_from_record(instrument, recorded), visits, age).to_json()
