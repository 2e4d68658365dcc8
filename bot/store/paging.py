"""Pages of a list: the items, and a cursor for the next ones."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


class BadCursor(ValueError):
    """A cursor that no page of this list gave."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items in order, and the cursor after the last one; ``next`` is None on the last page."""

    items: tuple[T, ...]
    next: str | None


def cursor(at: datetime, key: str) -> str:
    """The opaque place after the row with this time and key."""
    raw = json.dumps([at.astimezone(UTC).isoformat(), key], separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def read_cursor(after: str) -> tuple[datetime, str]:
    """What :func:`cursor` wrote. Raises :class:`BadCursor`."""
    try:
        at, key = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        when = datetime.fromisoformat(at)
    except (ValueError, TypeError) as error:
        raise BadCursor("not a cursor of this list") from error
    if when.tzinfo is None or not isinstance(key, str):
        raise BadCursor("not a cursor of this list")
    return when, key


def later_than(
    at: InstrumentedAttribute[datetime], key: InstrumentedAttribute[Any], when: datetime, last: Any
) -> ColumnElement[bool]:
    """The rows after ``(when, last)`` in the order of ``(at, key)``."""
    return or_(at > when, and_(at == when, key > last))
