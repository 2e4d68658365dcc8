"""A screening as JSON, with the names of the public interface."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from webhooks.api.models.base import Given, Json, Moment, one_of

EXAMPLE_ANSWER: Json = {
    "link_id": "/71802-3",
    "code": "71802-3",
    "value": {"code": "LA31993-1", "display": "I have a steady place to live"},
    "channel": "sms",
    "answered_at": "2026-03-02T15:10:00Z",
}


class Choice(Given):
    """One answer of a list."""

    model_config = ConfigDict(extra="allow")
    code: str
    display: str | None = None


class Absent(Given):
    """Why there is no answer."""

    absent: Literal["asked-declined", "asked-unknown", "not-asked"]


class AnswerJson(Given):
    """An answer: ``code`` is the item's LOINC code. Several choices of one item are several answers."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_ANSWER]})
    link_id: str
    code: str | None
    value: Absent | Choice | bool | int | float | str
    channel: str
    answered_at: Moment


class ScoreJson(Given):
    """A score; ``value`` is null when answers are missing that could change it."""

    value: int | float | None
    complete: bool


class NeedJson(Given):
    """Whether there is a need in a domain, and which answers say so. Null: not known."""

    domain: str
    positive: bool | None
    basis: list[str]


class NeedChange(Given):
    """A domain of which it is known otherwise now whether there is a need. Null: not known."""

    domain: str
    before: bool | None
    now: bool | None


class AnswerChange(Given):
    """An item that is answered otherwise. Null: there was no answer. Several choices are a list."""

    link_id: str
    before: JsonValue
    now: JsonValue


class ChangedJson(Given):
    """What is different from the last screening with this instrument."""

    screening_id: str
    completed_at: Moment
    needs: list[NeedChange]
    answers: list[AnswerChange]


class ScreeningJson(Given):
    """One run of an instrument, with what it found."""

    id: str
    patient_id: str
    instrument: str
    instrument_version: str
    language: str
    channels: list[str]
    state: Annotated[str, one_of("in_progress", "completed", "partial", "declined", "expired")]
    started_at: Moment
    completed_at: Moment | None
    answers: list[AnswerJson]
    scores: dict[str, ScoreJson] = Field(examples=[{"hits": {"value": 4, "complete": True}}])
    needs: list[NeedJson]
    navigation_eligible: bool | None
    changed_since: ChangedJson | None = Field(description="Null for a first screening, and until one ends.")
    answered_by: Annotated[str, one_of("patient", "proxy")] | None


class ScreeningList(Given):
    """A page of screenings, oldest first."""

    items: list[ScreeningJson]
    next: str | None
