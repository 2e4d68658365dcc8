"""What happened with a patient: messages, follow-ups, screenings, each in the order of time."""

from __future__ import annotations

from bot.store import followups, history, screenings
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.base import PageQuery
from webhooks.api.models.histories import FollowUpJson, FollowUpList, MessageJson, MessageList
from webhooks.api.models.screenings import ScreeningList
from webhooks.api.pages import next_address
from webhooks.api.patient_json import require_patient
from webhooks.api.screenings import show

_PATH = "/patients/{patient_id}"


def list_messages(asked: Asked) -> Answer:
    """Every text with the patient, both ways."""
    patient = require_patient(asked.tx, asked.path["patient_id"])
    page = history.history(asked.tx, patient.id, asked.query.cursor, asked.query.limit)
    items = [MessageJson.model_validate(m) for m in page.items]
    return Answer(200, MessageList(items=items, next=_next(asked, page.next)))


def list_followups(asked: Asked) -> Answer:
    """What was planned for the patient, and what became of it."""
    patient = require_patient(asked.tx, asked.path["patient_id"])
    page = followups.list_for_patient(asked.tx, patient.id, asked.query.cursor, asked.query.limit)
    items = [FollowUpJson.model_validate(f) for f in page.items]
    return Answer(200, FollowUpList(items=items, next=_next(asked, page.next)))


def list_screenings(asked: Asked) -> Answer:
    """Every screening of the patient, with its answers and what it found."""
    patient = require_patient(asked.tx, asked.path["patient_id"])
    page = screenings.list_for_patient(asked.tx, patient.id, asked.query.cursor, asked.query.limit)
    return Answer(200, ScreeningList(items=[show(asked.tx, s) for s in page.items], next=_next(asked, page.next)))


def _next(asked: Asked, cursor: str | None) -> str | None:
    return next_address(asked.request, asked.deps.settings.public_url, cursor)


CALLS = (
    Call(
        "GET",
        f"{_PATH}/messages",
        list_messages,
        "A patient's messages",
        "patients",
        {200: MessageList},
        query=PageQuery,
        refuses=(404,),
    ),
    Call(
        "GET",
        f"{_PATH}/followups",
        list_followups,
        "A patient's follow-ups",
        "patients",
        {200: FollowUpList},
        query=PageQuery,
        refuses=(404,),
    ),
    Call(
        "GET",
        f"{_PATH}/screenings",
        list_screenings,
        "A patient's screenings",
        "patients",
        {200: ScreeningList},
        query=PageQuery,
        refuses=(404,),
    ),
)
