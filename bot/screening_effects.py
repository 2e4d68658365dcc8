"""What follows from the events of a screening: started, answered, corrected, completed."""

from __future__ import annotations

from datetime import timedelta

from bot import reminders, rescreening
from bot.abandoned import drop_reminders
from bot.core.dialog import JsonObject
from bot.core.instrument import Instrument
from bot.core.scoring import Result, age_on, alarm_of, given_from_record, has_quiet_safety_concern, score_answers
from bot.effect_context import Context, Effect, escalate, move_enrolment, note
from bot.referrals import effects as of_referrals
from bot.safety_effects import alarm_raised
from bot.store import screenings

ASKED_AGAIN_AFTER = timedelta(days=1)


def _screening_started(c: Context, event: JsonObject) -> None:
    running = screenings.current(c.tx, c.scene.patient.id, event["instrument"])
    if running is not None:
        screenings.complete(c.tx, running.id, "partial", _score(c, running.id).to_json())
        drop_reminders(c.tx, c.scene.patient.id, running.id)
    c.applied.screening_id = screenings.start(
        c.tx,
        c.scene.patient.id,
        c.scene.conversation.id,
        event["instrument"],
        event["version"],
        c.applied.language,
        c.scene.reply_channel,
    )
    move_enrolment(c, "started")
    reminders.plan_first(c.tx, c.scene.patient.id, c.applied.screening_id, event["instrument"])
    note(c, "screening_started", screening_id=c.applied.screening_id, instrument=event["instrument"])


def _answer_recorded(c: Context, event: JsonObject) -> None:
    screening_id, channel = _screening_id(c), c.scene.reply_channel
    screenings.record_answer(c.tx, screening_id, event["link_id"], event["code"], event["value"], channel)
    alarm = alarm_of(_instrument(c, screening_id), event["link_id"], event["value"])
    if alarm is not None:
        alarm_raised(c, {"kind": alarm, "urgency": "now", "certain": True})
    if _instrument(c, screening_id).item(event["link_id"]).private:
        # At once, not at the end: many never reach the end.
        _raise_safety_concern(c, screening_id, _score(c, screening_id))


def _answer_withdrawn(c: Context, event: JsonObject) -> None:
    screenings.withdraw_answer(c.tx, _screening_id(c), event["link_id"])


def _screening_completed(c: Context, event: JsonObject) -> None:
    screening_id = _screening_id(c)
    result = _score(c, screening_id)
    state = "partial" if event["partial"] else "completed"
    screenings.complete(c.tx, screening_id, state, {**result.to_json(), "answered_by": event["answered_by"]})
    drop_reminders(c.tx, c.scene.patient.id, screening_id)
    of_referrals.screened(c, result)
    move_enrolment(c, state)
    rescreening.plan_next(c.tx, c.scene.patient.id, screening_id, _instrument(c, screening_id).id, result.to_json())
    note(c, "screening_completed", screening_id=screening_id, state=state)


def _raise_safety_concern(c: Context, screening_id: str, result: Result) -> None:
    """A person is told in silence: nothing of it is said in the thread."""
    positive = any(need.domain == "safety" and need.positive for need in result.needs)
    if positive:
        escalate(c, "safety_need", "today")
    elif has_quiet_safety_concern(_instrument(c, screening_id), _given(c, screening_id)):
        escalate(c, "safety_concern", "soon")


def _screening_id(c: Context) -> str:
    if c.applied.screening_id is None:
        running = screenings.running_in(c.tx, c.scene.conversation.id)
        if running is None:
            raise LookupError("an answer came, but no screening is in progress")
        c.applied.screening_id = running.id
    return c.applied.screening_id


def _instrument(c: Context, screening_id: str) -> Instrument:
    return c.deps.content.instruments[screenings.get(c.tx, screening_id).instrument]


def _given(c: Context, screening_id: str) -> dict[str, object]:
    recorded = {a.link_id: a.value for a in screenings.get(c.tx, screening_id).answers}
    return given_from_record(_instrument(c, screening_id), recorded)


def _score(c: Context, screening_id: str) -> Result:
    profile = c.scene.patient.profile
    age = age_on(c.scene.now.date(), profile.birth_date)
    return score_answers(_instrument(c, screening_id), _given(c, screening_id), profile.emergency_visits_12m, age)


def _change_reported(c: Context, event: JsonObject) -> None:
    """Things changed, and the questions were offered. Who says neither yes nor no is asked once more the next day."""
    rescreening.plan_now(c.tx, c.scene.patient.id, event["instrument"], ASKED_AGAIN_AFTER)
    note(c, "change_reported")


def _change_declined(c: Context, event: JsonObject) -> None:
    rescreening.drop_now(c.tx, c.scene.patient.id)


EFFECTS: dict[str, Effect] = {
    "change_reported": _change_reported,
    "change_declined": _change_declined,
    "screening_started": _screening_started,
    "answer_recorded": _answer_recorded,
    "answer_withdrawn": _answer_withdrawn,
    "screening_completed": _screening_completed,
}
