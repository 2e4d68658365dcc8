"""What all bodies share: unknown fields are refused, and text is one line without control characters."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    WithJsonSchema,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters or line breaks")
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def one_of(*words: str) -> Any:
    """For text that we give ourselves: the document lists the words, and a new one is no error."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


Json = dict[str, JsonValue]
Line = Annotated[str, AfterValidator(_one_line)]
Moment = Annotated[AwareDatetime, PlainSerializer(_iso, return_type=str)]


class Taken(BaseModel):
    """A body or query that comes in. Types are taken as they are: ``"1"`` is not a number, ``1`` is not true."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Given(BaseModel):
    """A body that goes out. It may be read from any object with attributes of the same names."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Query(BaseModel):
    """Query parameters, which are all text, so numbers are read from it. Unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=200, description="How many items at most.")
    cursor: str | None = Field(default=None, max_length=500, description="Opaque; part of the address in `next`.")


class FieldErrorJson(Given):
    """What is wrong with one field."""

    field: str = Field(examples=["phone"])
    message: str = Field(examples=["is a toll-free number, which cannot be texted"])


class ProblemJson(Given):
    """RFC 9457 problem details. Values that were sent are never repeated."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["These fields cannot be used: phone."])
    errors: list[FieldErrorJson] | None = None
