"""A patient as a clinic writes and reads one."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StrictBool, field_validator

from bot.phones import UnusableNumber, to_address
from webhooks.api.models.base import Given, Json, Line, Moment, PageQuery, Taken

_ZIP = re.compile(r"\d{5}(-\d{4})?")
_CODE_WORD = re.compile(r"[a-z_]{1,40}")
_EARLIEST_BIRTH = date(1890, 1, 1)
EXAMPLE: Json = {
    "phone": "(202) 555-0123",
    "given_name": "Rosa",
    "language": "es",
    "zip": "79901",
    "timezone": "America/Denver",
    "birth_date": "1987-04-12",
    "clinic": "Eastside Family Health",
    "consent": {"granted": True, "method": "intake form", "at": "2026-03-02T15:04:00Z"},
    "proxy": False,
    "emergency_visits_12m": 2,
    "appointments": [{"at": "2026-04-01T09:30:00-06:00", "place": "Eastside, room 4"}],
}


def _address(raw: str) -> str:
    try:
        return to_address(raw)
    except UnusableNumber as refused:
        raise ValueError(refused.sentence) from None


def _zip(text: str) -> str:
    if not _ZIP.fullmatch(text):
        raise ValueError("must be a ZIP code: five digits, or five and four with a hyphen")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("must be a time zone of the IANA list, such as America/Chicago") from None
    return name


def _born(day: date) -> date:
    if day < _EARLIEST_BIRTH:
        raise ValueError("is too long ago")
    return day


def _code_word(text: str) -> str:
    if not _CODE_WORD.fullmatch(text):
        raise ValueError("must be a code word: up to 40 of the letters a to z and _")
    return text


Address = Annotated[str, AfterValidator(_address)]


_CONSENT_AT = (
    "When it was given. Left out: now; then the clinic's last statement said again changes nothing, and a yes does not "
    "undo a no of the patient's own."
)


class ConsentJson(Taken):
    """One decision about being texted: whether it was given, how it was taken, and when."""

    granted: StrictBool
    method: Line = Field(default="clinic", max_length=40, description="The clinic's own word for how it was taken.")
    at: Moment | None = Field(default=None, description=_CONSENT_AT)


class AppointmentJson(Taken):
    """A visit that is planned."""

    at: Moment
    place: Line | None = Field(default=None, max_length=200)


class PatientWrite(Taken):
    """The fields to set. A field left out stays as it is; null clears it."""

    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    phone: Address | None = Field(default=None, description="Any usual way to write it; US unless it starts with +.")
    given_name: Line | None = Field(default=None, max_length=100)
    language: Line | None = Field(default=None, max_length=8, examples=["en", "es"])
    zip: Annotated[str, AfterValidator(_zip)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(default=None, max_length=64)
    birth_date: Annotated[date, AfterValidator(_born)] | None = None
    clinic: Line | None = Field(default=None, max_length=200)
    consent: ConsentJson | None = Field(default=None, description="Added to the history; it cannot be cleared.")
    proxy: StrictBool | None = Field(default=None, description="Somebody else answers for the patient.")
    emergency_visits_12m: int | None = Field(default=None, ge=0, le=366)
    appointments: list[AppointmentJson] | None = Field(default=None, max_length=50)

    @field_validator("consent")
    @classmethod
    def _consent_is_never_cleared(cls, value: ConsentJson | None) -> ConsentJson:
        if value is None:
            raise ValueError("cannot be cleared; give granted false to withdraw it")
        return value


class OptOutWrite(Taken):
    """Why the patient is texted no more, if that is to be kept. The body may be left out."""

    reason: Annotated[str, AfterValidator(_code_word)] | None = Field(
        default=None, description="A code word for the audit, never words about a person.", examples=["moved_away"]
    )


class ConsentGiven(Given):
    """The latest decision about being texted."""

    granted: bool
    method: str
    at: Moment


class AppointmentGiven(Given):
    """A visit that is planned."""

    at: Moment
    place: str | None


class PatientJson(Given):
    """A patient. ``id`` and ``patient_id`` are the same: the clinic's own id."""

    id: str
    patient_id: str
    origin: str = Field(description="clinic, or texter for somebody who texted in first")
    phone: str | None = Field(description="The number that is texted, E.164.", examples=["+12025550123"])
    given_name: str | None
    language: str | None
    zip: str | None
    timezone: str | None
    birth_date: date | None
    clinic: str | None
    consent: ConsentGiven | None
    opted_out: bool = Field(description="The phone said STOP, or the clinic said it for the patient.")
    blocked: list[str] = Field(
        description="Why the phone is not texted: opted_out, wrong_person, undeliverable, asked_to_stop."
    )
    proxy: bool
    emergency_visits_12m: int | None
    appointments: list[AppointmentGiven]
    created_at: Moment
    updated_at: Moment


class PhoneQuery(PageQuery):
    """The number to look for, and which page of those it reaches."""

    phone: str = Field(max_length=60, description="Any usual way to write it.", examples=["+12025550123"])

    @field_validator("phone")
    @classmethod
    def _read_number(cls, value: str) -> str:
        # A plus sign that was not percent-encoded arrives as a space.
        return _address("+" + value.strip() if value.startswith(" ") else value)


class PatientList(Given):
    """The patients that a phone reaches."""

    items: list[PatientJson]
    next: str | None
