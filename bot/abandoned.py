"""Screenings that nobody goes on with: from when on one counts as left, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.core.instrument import Instrument
from bot.core.scoring import age_on, given_from_record, score_answers
from bot.store import audit, campaigns, conversations, patients, screenings
from bot.store.database import Transaction
from bot.store.screenings import Screening

# Most who come back to a screening do so within days. After two weeks the answers describe another time than the
# next ones would, and whoever is invited anew then begins at the first question.
LEFT_AFTER = timedelta(days=14)
ACTOR = "clock"


def under_way(tx: Transaction, patient_id: str, now: datetime) -> list[Screening]:
    """The patient's runs in progress that moved within :data:`LEFT_AFTER` before ``now``; the others are left."""
    moved = {thread.id: thread.updated_at for thread in conversations.of_patient(tx, patient_id)}
    return [run for run in screenings.in_progress(tx, patient_id) if now - _last_move(run, moved) < LEFT_AFTER]


def end_left_runs(tx: Transaction, patient_id: str, instruments: Mapping[str, Instrument]) -> int:
    """End every run that is in progress as ``expired``, with the result of what was answered; gives how many.

    A run of an instrument, or of a version of it, that is not among ``instruments`` ends without a result.
    """
    runs = screenings.in_progress(tx, patient_id)
    for run in runs:
        screenings.complete(tx, run.id, "expired", _result(tx, run, instruments.get(run.instrument)))
        audit.record(tx, ACTOR, "screening_expired", "patient", patient_id, screening_id=run.id)
        for enrolment in campaigns.open_enrolments(tx, patient_id, run.instrument):
            if enrolment.state == "started":
                campaigns.set_enrolment_state(tx, enrolment.id, "partial")
    return len(runs)


def _last_move(run: Screening, moved: Mapping[str, datetime]) -> datetime:
    """The last answer, or the last turn of the conversation that the run belongs to."""
    turn = moved.get(run.conversation_id, run.started_at)
    return max(run.started_at, turn, *(answer.answered_at for answer in run.answers))


def _result(tx: Transaction, run: Screening, instrument: Instrument | None) -> dict[str, Any] | None:
    if instrument is None or instrument.version != run.instrument_version:
        return None
    patient = patients.get(tx, run.patient_id)
    visits = patient.profile.emergency_visits_12m if patient else None
    age = age_on(run.started_at.date(), patient.profile.birth_date) if patient else None
    recorded = {answer.link_id: answer.value for answer in run.answers}
    return score_answers(instrument, given_from_record(instrument, recorded), visits, age).to_json()
