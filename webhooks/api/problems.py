"""Refusals as RFC 9457 problem details.

A problem names the field and says what is wrong with it. It never repeats the value: a phone or a name
in an error ends up in somebody's log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import ValidationError

MEDIA_TYPE = "application/problem+json"
_LONGEST_NAME = 80
_OWN_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this call",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "model_type": "must be an object",
    "list_type": "must be a list",
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; ``field`` is its path, such as ``appointments[0].at``."""

    field: str
    message: str


@dataclass
class Problem(Exception):
    """A request refused. Raised anywhere in a call; nothing the call wrote is kept."""

    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The body: type, title, status, detail, and errors when fields are to blame."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"field": e.field, "message": e.message} for e in self.errors]
        return body

    def to_response(self) -> Response:
        """The answer, with the problem media type and no caching."""
        answer = Response(json.dumps(self.to_json()), self.status, mimetype=MEDIA_TYPE)
        answer.headers.update({"Cache-Control": "no-store", **self.headers})
        return answer


def not_found(what: str) -> Problem:
    """404: there is no such thing, or no longer."""
    return Problem(404, f"There is no such {what}.")


def conflict(detail: str) -> Problem:
    """409: it exists, but its state does not allow this."""
    return Problem(409, detail)


def unusable(errors: Iterable[FieldError]) -> Problem:
    """422: the request was understood, but these fields cannot be used."""
    found = tuple(errors)
    names = ", ".join(dict.fromkeys(e.field for e in found))
    return Problem(422, f"These fields cannot be used: {names}.", found)


def unusable_field(name: str, message: str) -> Problem:
    """422 with one field to blame."""
    return unusable([FieldError(name, message)])


def unusable_header(name: str, message: str) -> Problem:
    """422 with a header to blame, by its own name."""
    return Problem(422, f"The {name} cannot be used: it {message}.", (FieldError(name, message),))


def from_validation(error: ValidationError) -> Problem:
    """What pydantic found, in plain words: 400 when the body is not JSON at all, else 422."""
    found = error.errors(include_input=False, include_url=False)
    if any(e["type"] == "json_invalid" for e in found):
        return Problem(400, "The body is not valid JSON.")
    return unusable(FieldError(_path(e["loc"]), _message(e["type"], e["msg"], e.get("ctx", {}))) for e in found)


def _path(loc: Sequence[int | str]) -> str:
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part[:_LONGEST_NAME]}"
    return text.removeprefix(".") or "body"


def _message(kind: str, message: str, limits: Mapping[str, Any]) -> str:
    if kind in _OWN_WORDS:
        return _OWN_WORDS[kind]
    if kind in _WITH_LIMITS:
        return _WITH_LIMITS[kind](limits)
    return next(
        (words for start, words in _BY_START.items() if kind.startswith(start)), message.removeprefix("Value error, ")
    )


def _many(number: int, thing: str, things: str) -> str:
    return f"one {thing}" if number == 1 else f"{number} {things}"


_WITH_LIMITS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "too_short": lambda ctx: f"must have at least {_many(ctx['min_length'], 'entry', 'entries')}",
    "too_long": lambda ctx: f"must have at most {_many(ctx['max_length'], 'entry', 'entries')}",
    "string_too_short": lambda ctx: f"must have at least {_many(ctx['min_length'], 'character', 'characters')}",
    "string_too_long": lambda ctx: f"must have at most {_many(ctx['max_length'], 'character', 'characters')}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "literal_error": lambda ctx: f"must be {ctx['expected'].replace(chr(39), '')}",
}
_BY_START = {
    "datetime_": "must be a date and time with its zone, such as 2026-03-02T15:04:00Z",
    "timezone_": "must be a date and time with its zone, such as 2026-03-02T15:04:00Z",
    "date_": "must be a date, such as 1987-04-12",
    "int_": "must be a whole number",
    "bool_": "must be true or false",
}
