"""Says in plain words what is planned for a patient, what is held and why, and what was sent. No text is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.policy import load_policy
from bot.core.gate import may_send
from bot.given_up import AWAY
from bot.invitations import Proposal, gather_facts
from bot.recipients import recipient_of
from bot.store import followups, history, patients, phones
from bot.store.database import Transaction
from bot.store.followups import FAILED, FollowUp

KINDS = {
    "campaign_invitation": "an invitation to a screening",
    "screening_reminder": "a reminder of the open screening",
    "screening_rest": "the end of a screening that was left",
    "rescreening": "the questions again",
    "places_reminder": "places once more, for needs that were named",
    "places_unanswered": "the end of needs for which no place was agreed to",
    "resume_screening": "the text that the patient asked for",
}
REASONS = {
    "opted_out": "the number is opted out",
    "wrong_person": "somebody else answered at this number",
    "undeliverable": "texts do not reach this number",
    "asked_to_stop": "they were asked whether to stop, and have not answered",
    "cannot_be_texted": "there is no phone that can be texted",
    "no_consent": "nobody has recorded a consent",
    "consent_refused": "the patient does not want texts",
    "missed_its_day": "it would come too late",
    "too_late": "it waited too long",
    "not_safe_to_text": "it may not be safe for the patient to be texted, until a person has resolved the case",
    "screened_recently": "the patient was screened not long ago",
    "screened_again": "the patient was screened since",
    "screening_open": "a screening is open, and one thing comes at a time",
    "phone_busy": "the phone is in a conversation with another patient",
    "invited_recently": "an invitation was sent within a day and is not answered",
    "quiet_hours": "it is outside the allowed hours there",
    "sunday": "it is Sunday there",
    "holiday": "it is a holiday there",
    "texted_today": "a text was sent within a day",
    "texted_often": "the texts of this week are used up",
    "campaign_paused": "the campaign is paused",
    "campaign_cancelled": "the campaign was cancelled",
    "no_longer_needed": "it is no longer needed",
    "conversation_moved_on": "the patient has written meanwhile",
    "chw_helps": "a community health worker helps with it",
    "asked_anew": "the patient asked for another time",
    AWAY: "the dialog process was away when it fell due",
    FAILED: "it could not be done, and somebody was told",
}
_MANY = 200


def explain(tx: Transaction, patient_id: str) -> list[str]:
    """Lines to print: all that is planned, and the latest of what is over.

    Raises ``LookupError`` for a patient who is not known.
    """
    patient = patients.get(tx, patient_id)
    if patient is None:
        raise LookupError("no such patient")
    zone = _zone(tx, patient)
    return [*_now(tx, patient_id, zone), *_followups(tx, patient_id, zone), *_sent(tx, patient_id, zone)]


def _zone(tx: Transaction, patient: patients.Patient) -> ZoneInfo:
    phone = phones.primary(tx, patient.id)
    if phone is None:
        return ZoneInfo(patient.timezone or "UTC")
    return ZoneInfo(min(recipient_of(tx, patient, phone, load_policy()).zones))


def _now(tx: Transaction, patient_id: str, zone: ZoneInfo) -> Iterator[str]:
    now = tx.now()
    facts = gather_facts(tx, Proposal(patient_id), now)
    decision = may_send(facts, "other", now, load_policy())
    yield f"It is {_time(now, zone)} for patient {patient_id}."
    if decision.allowed:
        yield "A text that nobody asked for may go out now."
    else:
        until = f", until {_time(decision.retry_at, zone)}" if decision.retry_at else ""
        yield f"No text that nobody asked for may go out now: {_why(decision.reason)}{until}."


def _followups(tx: Transaction, patient_id: str, zone: ZoneInfo) -> Iterator[str]:
    pending = followups.pending(tx, patient_id)
    yield "Planned:" if pending else "Nothing is planned."
    for each in pending:
        yield f"  {_time(each.due_at, zone)}: {_planned(each, zone)}"
    over = followups.latest_over(tx, patient_id, _MANY)
    yield from ["Done or dropped:"] if over else []
    for each in over:
        ended = f"dropped, because {_why(each.reason)}" if each.state == "dropped" else "done"
        yield f"  {_time(each.due_at, zone)}: {_what(each)}, {ended}"


def _planned(followup: FollowUp, zone: ZoneInfo) -> str:
    if followup.state == "planned":
        return _what(followup)
    return f"{_what(followup)}, held since {_time(followup.planned_for, zone)}, because {_why(followup.reason)}"


def _sent(tx: Transaction, patient_id: str, zone: ZoneInfo) -> Iterator[str]:
    texts = history.latest_sent(tx, patient_id, _MANY)
    yield "Sent:" if texts else "Nothing was sent."
    for each in texts:
        yield f"  {_time(each.at, zone)}: {(each.purpose or 'text').replace('_', ' ')}, {each.status}"


def _what(followup: FollowUp) -> str:
    return KINDS.get(followup.kind, followup.kind.replace("_", " "))


def _why(reason: str | None) -> str:
    return REASONS.get(reason or "", (reason or "no reason was kept").replace("_", " "))


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"
