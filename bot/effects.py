"""What follows from each event of a turn: one function an event, all in the turn's own transaction."""

from __future__ import annotations

from datetime import datetime

from bot import safety_effects, screening_effects
from bot.bootstrap import Deps
from bot.core.callbacks import RESUME
from bot.core.dialog import JsonObject
from bot.core.gate import ASKED_TO_STOP
from bot.effect_context import ACTOR, Applied, Context, Effect, escalate, move_enrolment, note
from bot.opting_in import plan_anew
from bot.opting_out import end_outreach, opt_out_phone
from bot.referrals import effects as of_referrals
from bot.referrals import unasked
from bot.scene import Scene
from bot.store import (
    audit,
    consents,
    followups,
    outbox,
    patients,
    phones,
    suppressions,
)
from bot.store.database import Transaction

MANY = 500


def apply(deps: Deps, tx: Transaction, scene: Scene, event: JsonObject, applied: Applied) -> None:
    """Carry out what follows from ``event``. Raises ``KeyError`` for a type that nobody handles: the turn fails."""
    EFFECTS[event["type"]](Context(deps, tx, scene, applied), event)


def note_who_is_heard(deps: Deps, tx: Transaction, scene: Scene) -> None:
    """Whoever writes, whatever it is, can be reached, and no longer owes an answer to whether we should stop."""
    if not scene.is_due:
        suppressions.lift(tx, scene.claimed.number_hash, ASKED_TO_STOP)
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
    move_enrolment(c, "declined")


def _questions_declined(c: Context, event: JsonObject) -> None:
    """No to another round of questions. Check-ins and reminders that the patient agreed to before go on."""
    move_enrolment(c, "declined")
    note(c, "questions_declined")


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
    note(c, "consent_given" if granted else "consent_declined", text_version=event["text_version"])


def _opted_out(c: Context, event: JsonObject) -> None:
    for patient_id in opt_out_phone(c.tx, c.scene.phone, event["source"]).patient_ids:
        audit.record(c.tx, ACTOR, "opted_out", "patient", patient_id, source=event["source"])


def _stop_doubted(c: Context, event: JsonObject) -> None:
    """Nothing goes out that the patient did not ask for, until they write again."""
    suppressions.add(c.tx, c.scene.claimed.number_hash, ASKED_TO_STOP, "phrase")
    note(c, "stop_doubted")


def _opted_in(c: Context, event: JsonObject) -> None:
    """Opting in undoes what the clinic was told, too, for a patient who had agreed to the texts before.

    The opt-out dropped what was planned for everybody whom the phone reaches; it is planned anew.
    """
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
    for patient in patients.by_phone(c.tx, c.scene.phone.id):
        plan_anew(c.deps, c.tx, patient.id)
    note(c, "opted_in", source=event["source"])


def _wrote_after_opt_out(c: Context, event: JsonObject) -> None:
    escalate(c, "wrote_after_opt_out", "soon")


def _wrong_person_reported(c: Context, event: JsonObject) -> None:
    """The number is flagged for whoever it was meant for, and no longer leads to that record."""
    suppressions.add(c.tx, c.scene.claimed.number_hash, "wrong_person", c.scene.reply_channel)
    outbox.cancel_for_phone(c.tx, c.scene.phone.id)
    for patient in patients.by_phone(c.tx, c.scene.phone.id):
        end_outreach(c.tx, patient.id, "wrong_person", state="failed")
        phones.unlink(c.tx, patient.id, c.scene.phone.id)
    phones.make_current(c.tx, c.scene.phone.id, None)
    escalate(c, "wrong_person", "soon")
    note(c, "wrong_person_reported")


def _language_changed(c: Context, event: JsonObject) -> None:
    c.applied.language = event["language"]
    patients.set_language(c.tx, c.scene.patient.id, event["language"])


def _person_requested(c: Context, event: JsonObject) -> None:
    escalate(c, "person_requested", "today")


def _resume_planned(c: Context, event: JsonObject) -> None:
    """The patient said when to text again; an earlier wish of theirs no longer counts."""
    due_at = datetime.fromisoformat(event["at"])
    for planned in followups.list_for_patient(c.tx, c.scene.patient.id, None, MANY).items:
        if planned.kind == RESUME and planned.state in ("planned", "held"):
            followups.drop(c.tx, planned.id, "asked_anew")
    guard = {"conversation_id": c.scene.conversation.id, "phone_id": c.scene.phone.id}
    followups.plan(c.tx, c.scene.patient.id, RESUME, due_at, guard, f"resume:{c.scene.claimed.id}")


def _need_stated(c: Context, event: JsonObject) -> None:
    note(c, "need_stated", domain=event["domain"])
    of_referrals.need_stated(c, event["domain"])


def _noted(c: Context, event: JsonObject) -> None:
    """Kept in the audit only."""
    note(c, event["type"])


EFFECTS: dict[str, Effect] = {
    "consent_given": _consent_given,
    "consent_declined": _consent_declined,
    "questions_declined": _questions_declined,
    "opted_out": _opted_out,
    "stop_doubted": _stop_doubted,
    "opted_in": _opted_in,
    "wrote_after_opt_out": _wrote_after_opt_out,
    "wrong_person_reported": _wrong_person_reported,
    "language_changed": _language_changed,
    "screening_paused": _noted,
    "screening_resumed": _noted,
    "privacy_confirmed": _noted,
    "privacy_refused": _noted,
    "resume_planned": _resume_planned,
    "need_stated": _need_stated,
    "person_requested": _person_requested,
    "reply_not_understood": _noted,
    **screening_effects.EFFECTS,
    **safety_effects.EFFECTS,
    **of_referrals.EFFECTS,
    **unasked.EFFECTS,
}
