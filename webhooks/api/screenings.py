"""One screening, in the form of the public interface."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.changes import changed_answers, changed_needs
from bot.store import screenings
from bot.store.database import Transaction
from bot.store.screenings import Screening, StoredAnswer
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.screenings import (
    AnswerChange,
    AnswerJson,
    ChangedJson,
    NeedChange,
    NeedJson,
    ScoreJson,
    ScreeningJson,
)


def get_screening(asked: Asked) -> Answer:
    """The screening as it stands, also while it is in progress. 404 for none."""
    return Answer(200, show(asked.tx, screenings.get(asked.tx, asked.path["screening_id"])))


def show(tx: Transaction, screening: Screening) -> ScreeningJson:
    """The screening as JSON. What it found is empty until it ends, and so is what has changed since the last one."""
    result = screening.result or {}
    return ScreeningJson(
        id=screening.id,
        patient_id=screening.patient_id,
        instrument=screening.instrument,
        instrument_version=screening.instrument_version,
        language=screening.language,
        channels=list(screening.channels),
        state=screening.state,
        started_at=screening.started_at,
        completed_at=screening.completed_at,
        answers=[shown for answer in screening.answers for shown in _answers(answer)],
        scores={name: ScoreJson(**score) for name, score in result.get("scores", {}).items()},
        needs=[NeedJson(**need) for need in result.get("needs", [])],
        navigation_eligible=result.get("navigation_eligible"),
        changed_since=_changed(tx, screening),
        answered_by=result.get("answered_by"),
    )


def _changed(tx: Transaction, screening: Screening) -> ChangedJson | None:
    if screening.result is None:
        return None
    last = screenings.last_ended(tx, screening.patient_id, screening.instrument, screening.started_at, screening.id)
    if last is None or last.result is None or last.completed_at is None:
        return None
    before, now = ({answer.link_id: answer.value for answer in run.answers} for run in (last, screening))
    return ChangedJson(
        screening_id=last.id,
        completed_at=last.completed_at,
        needs=[
            NeedChange(domain=each.name, before=each.before, now=each.now)
            for each in changed_needs(last.result, screening.result)
        ],
        answers=[
            AnswerChange(link_id=each.name, before=each.before, now=each.now) for each in changed_answers(before, now)
        ],
    )


def _answers(answer: StoredAnswer) -> Iterator[AnswerJson]:
    """One entry for each value: several choices of one item are several answers, as in FHIR."""
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    for value in values:
        yield AnswerJson(
            link_id=answer.link_id,
            code=answer.code,
            value=value,
            channel=answer.channel,
            answered_at=answer.answered_at,
        )


CALLS = (
    Call(
        "GET",
        "/screenings/{screening_id}",
        get_screening,
        "Read a screening",
        "screenings",
        {200: ScreeningJson},
        refuses=(404,),
    ),
)
