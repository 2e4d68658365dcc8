"""What follows from each event of a turn: one function an event, all in the turn's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import reminders, rescreening
from bot.bootstrap import Deps
from bot.core.callbacks import RESUME
from bot.core.dialog import JsonObject
from bot.core.instrument import Instrument
from bot.core.scoring import Result, age_on, alarm_of, given_from_record, has_quiet_safety_concern, score_answers
from bot.opting_out import end_outreach, opt_out_phone, under_way
from bot.referrals import effects as of_referrals
from bot.scene import Scene
from bot.store import (
    audit,
    campaigns,
    consents,
    escalations,
    followups,
    outbox,
    patients,
    phones,
    screenings,
    suppressions,
)
from bot.store.database import Transaction

ACTOR = "worker"
SAYS_ALL_IS_WELL = "Asked about it, the patient answered that all is well."
MANY = 500


@dataclass
class Applied:
    """What the events of one turn have changed so far."""

    language: str
    screening_id: str | None = None


@dataclass(frozen=True)
class Context:
    """Everything an effect may touch."""

    deps: Deps
    tx: Transaction
    scene: Scene
    applied: Applied


Effect = Callable[[Context, JsonObject], None]


def apply(deps: Deps, tx: Transaction, scene: Scene, event: JsonObject, applied: Applied) -> None:
    """Carry out what follows from ``event``. Raises ``KeyError`` for a type that nobody handles: the turn fails."""
    EFFECTS[event["type"]](Context(deps, tx, scene, applied), event)


def note_who_is_heard(deps: Deps, tx: Transaction, scene: Scene) -> None:
    """Whoever writes, whatever it is, can be reached."""
    if scene.referrals and not scene.is_due:
        of_referrals.heard_from(Context(deps, tx, scene, Applied(scene.language)))


def is_opted_out(tx: Transaction, scene: Scene) -> bool:
    """Whether the number is opted out after the effects so far."""
    return "opted_out" in suppressions.kinds(tx, scene.claimed.number_hash)


def _consent_given(c: Context, event: JsonObject) -> None:
    _record_consent(c, event, granted=True)
    # Whoever agrees to be texted here is the right person for this record, even if somebody once was not.
    suppressions.lift(c.tx, c.scene.claimed.number_hash, "wrong_person")


def _consent_declined(c: Context, event: JsonObject) -> None:
    _record_consent(c, event, granted=False)
    _move_enrolment(c, "declined")


def _record_consent(c: Context, event: JsonObject, *, granted: bool) -> None:
    consents.record(
        c.tx,
        patient_id=c.scene.patient.id,
        phone_id=c.scene.phone.id,
        granted=granted,
        method=c.scene.reply_channel,
        text_version=event["text_version"],
        channel=c.scene.reply_channel,
        at=c.scene.now,
    )
    _audit(c, "consent_given" if granted else "consent_declined", text_version=event["text_version"])


def _opted_out(c: Context, event: JsonObject) -> None:
    for patient_id in opt_out_phone(c.tx, c.scene.phone, event["source"]).patient_ids:
        audit.record(c.tx, ACTOR, "opted_out", "patient", patient_id, source=event["source"])


def _opted_in(c: Context, event: JsonObject) -> None:
    """Opting in undoes what the clinic was told, too, for a patient who had agreed to the texts before."""
    suppressions.lift(c.tx, c.scene.claimed.number_hash, "opted_out")
    latest = consents.latest(c.tx, c.scene.patient.id)
    if latest is not None and not latest.granted and c.scene.consented:
        consents.record(
            c.tx,
            patient_id=c.scene.patient.id,
            phone_id=c.scene.phone.id,
            granted=True,
            method="opt_in",
            text_version=None,
            channel=c.scene.reply_channel,
            at=c.scene.now,
        )
    _audit(c, "opted_in", source=event["source"])


def _wrote_after_opt_out(c: Context, event: JsonObject) -> None:
    _escalate(c, "wrote_after_opt_out", "soon")


def _wrong_person_reported(c: Context, event: JsonObject) -> None:
    """The number is flagged for whoever it was meant for, and no longer leads to that record."""
    suppressions.add(c.tx, c.scene.claimed.number_hash, "wrong_person", c.scene.reply_channel)
    outbox.cancel_for_phone(c.tx, c.scene.phone.id)
    for patient in patients.by_phone(c.tx, c.scene.phone.id):
        end_outreach(c.tx, patient.id, "wrong_person", state="failed")
        phones.unlink(c.tx, patient.id, c.scene.phone.id)
    phones.make_current(c.tx, c.scene.phone.id, None)
    _escalate(c, "wrong_person", "soon")
    _audit(c, "wrong_person_reported")


def _language_changed(c: Context, event: JsonObject) -> None:
    c.applied.language = event["language"]
    patients.set_language(c.tx, c.scene.patient.id, event["language"])


def _screening_started(c: Context, event: JsonObject) -> None:
    running = screenings.current(c.tx, c.scene.patient.id, event["instrument"])
    if running is not None:
        screenings.complete(c.tx, running.id, "partial", _score(c, running.id).to_json())
    c.applied.screening_id = screenings.start(
        c.tx,
        c.scene.patient.id,
        c.scene.conversation.id,
        event["instrument"],
        event["version"],
        c.applied.language,
        c.scene.reply_channel,
    )
    _move_enrolment(c, "started")
    reminders.plan_first(c.tx, c.scene.patient.id, c.applied.screening_id, event["instrument"])
    _audit(c, "screening_started", screening_id=c.applied.screening_id, instrument=event["instrument"])


def _answer_recorded(c: Context, event: JsonObject) -> None:
    screening_id, channel = _screening_id(c), c.scene.reply_channel
    screenings.record_answer(c.tx, screening_id, event["link_id"], event["code"], event["value"], channel)
    alarm = alarm_of(_instrument(c, screening_id), event["link_id"], event["value"])
    if alarm is not None:
        _alarm_raised(c, {"kind": alarm, "urgency": "now", "certain": True})
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
    of_referrals.screened(c, result)
    _move_enrolment(c, state)
    rescreening.plan_next(c.tx, c.scene.patient.id, screening_id, _instrument(c, screening_id).id, result.to_json())
    _audit(c, "screening_completed", screening_id=screening_id, state=state)


def _raise_safety_concern(c: Context, screening_id: str, result: Result) -> None:
    """A person is told in silence: nothing of it is said in the thread."""
    positive = any(need.domain == "safety" and need.positive for need in result.needs)
    if positive:
        _escalate(c, "safety_need", "today")
    elif has_quiet_safety_concern(_instrument(c, screening_id), _given(c, screening_id)):
        _escalate(c, "safety_concern", "soon")


def _person_requested(c: Context, event: JsonObject) -> None:
    _escalate(c, "person_requested", "today")


def _alarm_confirmed(c: Context, event: JsonObject) -> None:
    """What was doubted is so: the open case becomes as urgent as it can be, and is told anew."""
    case = escalations.unresolved(c.tx, c.scene.patient.id, event["kind"])
    if case is None:
        _escalate(c, event["kind"], event["urgency"])
    elif event["urgency"] == "now":
        escalations.make_urgent(c.tx, case.id)
    _audit(c, "alarm_confirmed", kind=event["kind"], urgency=event["urgency"])


def _alarm_denied(c: Context, event: JsonObject) -> None:
    """The patient says that all is well. A person looks at it all the same: somebody else may hold the phone."""
    case = escalations.unresolved(c.tx, c.scene.patient.id, event["kind"])
    if case is not None:
        escalations.add_note(c.tx, case.id, SAYS_ALL_IS_WELL)
    _audit(c, "alarm_denied", kind=event["kind"])


def _alarm_raised(c: Context, event: JsonObject) -> None:
    _escalate(c, event["kind"], event["urgency"])
    _audit(c, "alarm_raised", kind=event["kind"], urgency=event["urgency"], certain=event["certain"])


def _resume_planned(c: Context, event: JsonObject) -> None:
    """The patient said when to text again; an earlier wish of theirs no longer counts."""
    due_at = datetime.fromisoformat(event["at"])
    for planned in followups.list_for_patient(c.tx, c.scene.patient.id, None, MANY).items:
        if planned.kind == RESUME and planned.state in ("planned", "held"):
            followups.drop(c.tx, planned.id, "asked_anew")
    guard = {"conversation_id": c.scene.conversation.id, "phone_id": c.scene.phone.id}
    followups.plan(c.tx, c.scene.patient.id, RESUME, due_at, guard, f"resume:{c.scene.claimed.id}")


def _need_stated(c: Context, event: JsonObject) -> None:
    _audit(c, "need_stated", domain=event["domain"])


def _noted(c: Context, event: JsonObject) -> None:
    """Kept in the audit only."""
    _audit(c, event["type"])


EFFECTS: dict[str, Effect] = {
    "consent_given": _consent_given,
    "consent_declined": _consent_declined,
    "opted_out": _opted_out,
    "opted_in": _opted_in,
    "wrote_after_opt_out": _wrote_after_opt_out,
    "wrong_person_reported": _wrong_person_reported,
    "language_changed": _language_changed,
    "screening_started": _screening_started,
    "answer_recorded": _answer_recorded,
    "answer_withdrawn": _answer_withdrawn,
    "screening_completed": _screening_completed,
    "screening_paused": _noted,
    "screening_resumed": _noted,
    "privacy_confirmed": _noted,
    "privacy_refused": _noted,
    "resume_planned": _resume_planned,
    "need_stated": _need_stated,
    "person_requested": _person_requested,
    "alarm_raised": _alarm_raised,
    "alarm_confirmed": _alarm_confirmed,
    "alarm_denied": _alarm_denied,
    "reply_not_understood": _noted,
    **of_referrals.EFFECTS,
}


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


def _escalate(c: Context, kind: str, urgency: str) -> None:
    """Open a case, unless one of the same kind is still open for this patient and is no less urgent."""
    open_case = escalations.unresolved(c.tx, c.scene.patient.id, kind)
    if open_case is not None and open_case.urgency == urgency and urgency != "now":
        return
    escalations.create(
        c.tx,
        patient_id=c.scene.patient.id,
        conversation_id=c.scene.conversation.id,
        inbound_id=c.scene.claimed.id,
        kind=kind,
        urgency=urgency,
    )


def _move_enrolment(c: Context, state: str) -> None:
    """The enrolment that this thread answers: the latest one under way."""
    for enrolment in under_way(c.tx, c.scene.patient.id)[:1]:
        campaigns.set_enrolment_state(c.tx, enrolment.id, state)


def _audit(c: Context, action: str, **detail: object) -> None:
    audit.record(c.tx, ACTOR, action, "patient", c.scene.patient.id, **detail)
