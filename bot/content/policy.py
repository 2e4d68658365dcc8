"""Reads and checks the rules of texting unasked: ``content/state_hours.yml`` and ``content/caps.yml``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.load import ContentError, content_root, read_yaml
from bot.core.caps import Caps
from bot.core.hours import HoursTable, Span, Week
from bot.core.policy import Cadence, KindRule, Policy

HOURS_FILE = Path("content", "state_hours.yml")
CAPS_FILE = Path("content", "caps.yml")
WIDEST_USUAL = (time(9), time(20))
WIDEST_WISH = (time(8), time(21))
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SUNDAY = 6
_FLAGS = ("wish", "capped", "waits_for_topic", "waits_for_number", "bulk", "silent")
_LATE = "dropped_after_hours"


def load_policy(root: Path | None = None) -> Policy:
    """The rules under the content folder, read once a process. Raises :class:`ContentError` when they are wrong."""
    return _load(root) if root is not None else _here(os.environ.get("BOT_CONTENT_DIR"))


def lint_policy(root: Path) -> list[str]:
    """What is wrong with the rules, one sentence each; empty when they are fit for use."""
    try:
        _load.__wrapped__(root)
    except ContentError as error:
        return [str(error)]
    return []


@cache
def _here(named: str | None) -> Policy:
    """By the environment's own word: to find the folder again takes longer than to ask the gate."""
    return _load(content_root())


@cache
def _load(root: Path) -> Policy:
    try:
        hours = _hours(read_yaml(root / HOURS_FILE))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _named(HOURS_FILE, error) from error
    try:
        return _policy(read_yaml(root / CAPS_FILE), hours)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _named(CAPS_FILE, error) from error


def _named(file: Path, error: Exception) -> ContentError:
    missing = f"{error} is missing" if isinstance(error, LookupError) else str(error)
    return error if isinstance(error, ContentError) else ContentError(f"{file}: {missing}")


def _policy(data: Mapping[str, Any], hours: HoursTable) -> Policy:
    kinds = {str(kind): _kind(str(kind), row or {}) for kind, row in data["kinds"].items()}
    if "other" not in kinds:
        raise ValueError("kinds: other is missing")
    reminders, again = data["reminders"], data["rescreening"]
    cadence = Cadence(
        reminders=tuple(_days(days) for days in reminders["after_days"]),
        rests_after=_days(reminders["rests_after_days"]),
        rescreen_with_needs=_days(again["with_needs_after_days"]),
        rescreen_without=_days(again["without_after_days"]),
        screened_recently=_days(again["screened_recently_days"]),
    )
    if sorted({*cadence.reminders, cadence.rests_after}) != [*cadence.reminders, cadence.rests_after]:
        raise ValueError("reminders: each must come later than the one before, and the rest last")
    caps = Caps(_count(data["caps"]["per_day"]), _count(data["caps"]["per_week"]))
    fresh, rest = (timedelta(hours=_count(data[name])) for name in ("fresh_for_hours", "thread_rests_after_hours"))
    return Policy(hours, caps, kinds, cadence, fresh, rest)


def _kind(name: str, row: Mapping[str, Any]) -> KindRule:
    unknown = sorted(row.keys() - {*_FLAGS, _LATE})
    if unknown or any(not isinstance(row.get(flag, False), bool) for flag in _FLAGS):
        raise ValueError(f"kinds: {name}: {', '.join(unknown) or 'what'} is not yes or no of a rule that there is")
    late = row.get(_LATE)
    flags = {flag: row[flag] for flag in _FLAGS if flag in row}
    return KindRule(**flags, dropped_after=None if late is None else timedelta(hours=_count(late)))


def _hours(data: Mapping[str, Any]) -> HoursTable:
    states = {str(code): row["hours"] for code, row in data["states"].items() if "hours" in row}
    table = HoursTable(
        usual=read_week("usual", data["usual"], WIDEST_USUAL),
        wish=read_week("wish", data["wish"], WIDEST_WISH, on_holidays=True),
        states={code: read_week(code, hours, WIDEST_USUAL) for code, hours in states.items()},
        everywhere=frozenset(ZoneInfo(str(name)).key for name in data["everywhere"]),
    )
    for code, row in data["states"].items():
        if not isinstance(code, str) or len(code) != 2 or not row.get("law") or not row.get("source"):
            raise ValueError(f"{code}: a state has its two letters, what its law says, and who says so")
    if not table.everywhere:
        raise ValueError("everywhere: names no zone")
    return table


def read_week(place: str, data: Mapping[str, str], widest: Span, *, on_holidays: bool = False) -> Week:
    """Hours by the days of the week. ``ValueError``, naming ``place``, for what goes beyond ``widest``, and Sundays."""
    days: list[Span | None] = [None] * 7
    for named, hours in data.items():
        start, _, end = str(hours).partition("-")
        span = (time.fromisoformat(start), time.fromisoformat(end))
        if span[0] < widest[0] or span[1] > widest[1]:
            raise ValueError(f"{place}: {named}: {hours} goes beyond {widest[0]:%H:%M} to {widest[1]:%H:%M}")
        for day in _named_days(str(named)):
            if days[day] is not None:
                raise ValueError(f"{place}: {_WEEKDAYS[day]} is named twice")
            days[day] = span
    if days[_SUNDAY] is not None and not on_holidays:
        raise ValueError(f"{place}: Sundays are without texts")
    return Week(tuple(days), on_holidays)


def _named_days(named: str) -> Iterator[int]:
    first, _, last = named.partition(" to ")
    if {first, last or first} - set(_WEEKDAYS):
        raise ValueError(f"{named} is not a day, nor a day to a day")
    yield from range(_WEEKDAYS.index(first), _WEEKDAYS.index(last or first) + 1)


def _days(number: Any) -> timedelta:
    return timedelta(days=_count(number))


def _count(number: Any) -> int:
    if type(number) is not int or number < 1:
        raise ValueError(f"{number} is not a whole number from 1 on")
    return number
