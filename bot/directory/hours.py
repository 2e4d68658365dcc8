"""Opening hours as directories write them, read into schedules. What is not certain is left out, and said so.

Takes rows in the terms of HSDS 3.0 (``byday``, ``opens_at``, ``dtstart``, …) and their older or freer names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.directory.service import Frequency, Schedule
from bot.directory.offsets import hours_here
from bot.directory.values import listed, read_date, read_days, read_numbers, read_time, text

Row = Mapping[str, Any]
NAMES = {
    "opens": ("opens_at", "start_time", "time_open", "open_time", "time_start"),
    "closes": ("closes_at", "end_time", "time_close", "close_time", "time_end"),
    "days": ("byday", "weekday", "days", "days_of_week", "day_of_week", "day", "wkdy"),
    "start": ("valid_from", "dtstart", "start_date", "effective_date"),
    "until": ("valid_to", "until", "end_date", "dtend"),
    "dates": ("date", "dates"),
}
FREQUENCIES: dict[str, Frequency] = {"DAILY": "DAILY", "WEEKLY": "WEEKLY", "MONTHLY": "MONTHLY", "YEARLY": "YEARLY"}
# Parts of a rule that we do not follow: hours under them would be shown on wrong days.
NOT_FOLLOWED = ("byweekno", "byyearday", "bysetpos", "rrule", "recurrence_rule", "days_of_month", "occurrence_schedule")
NOON = time(12)
END_OF_DAY = ("24:00", "24:00:00", "midnight", "12am", "12:00am")


def read_schedules(row: Row, zone: ZoneInfo | None = None) -> Iterator[Schedule]:
    """The schedules of one row, in the ``zone`` of the place; several when it has several spans of hours.

    Raises ``ValueError`` with the column and a plain reason when the hours cannot be told for certain.
    """
    for part in _parts(row):
        schedule = _schedule(part, zone)
        if schedule is not None:
            yield schedule


def read_holiday(row: Row, zone: ZoneInfo | None = None) -> Schedule:
    """A closure, or other hours than usual, in the ``zone`` of the place. A year before 1000 is every year.

    Raises ``ValueError`` as :func:`read_schedules` does.
    """
    start, until = _day(row, "start_date"), _day(row, "end_date")
    if start is None:
        raise ValueError("start_date: there is no date")
    yearly = start.year < 1000
    closed = text(row.get("closed")).lower() not in ("false", "f", "0", "no")
    opens, closes = (None, None) if closed else (_hour(row, "opens"), _hour(row, "closes"))
    if not closed and (opens is None or closes is None):
        raise ValueError("opens_at: open on a holiday, but no hours")
    if opens is not None and closes is not None:
        opens, closes = hours_here((opens, closes), _both(row), row.get("timezone"), None if yearly else start, zone)
    if (until or start) < start:
        raise ValueError("end_date: before the start")
    return Schedule(
        "YEARLY" if yearly else "DATES", start=start, until=until or start, opens=opens, closes=closes, replaces=True
    )


def _parts(row: Row) -> list[Row]:
    """Rows with one span each: freer forms hold several days or times in one."""
    nested = [
        (key, row[key])
        for key in ("times", "time", "hours", "time_slots", "days", "day", "operating_hours", "opens_at")
        if _is_rows(row.get(key))
    ]
    if not nested:
        return [row]
    key, inner = nested[0]
    outer = {name: value for name, value in row.items() if name != key}
    parts = []
    for each in inner:
        own_days = any(text(each.get(name)) or each.get(name) for name in NAMES["days"])
        kept = {n: v for n, v in outer.items() if n not in NAMES["days"]} if own_days else outer
        parts += _parts({**kept, **each})
    return parts


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _schedule(row: Row, zone: ZoneInfo | None) -> Schedule | None:
    opens, closes = _hour(row, "opens"), _hour(row, "closes")
    if opens is None and closes is None:
        return None
    if opens is None or closes is None:
        raise ValueError("opens_at: opening or closing time is missing")
    start, until = _first_day(row, "start", max), _first_day(row, "until", min)
    on = _day_written(row) or start or until or next((_as_day("date", each) for each in _dates(row)), None)
    opens, closes = hours_here((opens, closes), _both(row), row.get("timezone"), on, zone)
    if closes < opens and not (opens >= NOON and closes <= NOON) and not _ends_with_the_day(row):
        raise ValueError("closes_at: before it opens")
    _refuse_what_is_not_followed(row)
    if start and until and until < start:
        raise ValueError("valid_to: before the start")
    return replace(_rule(row, start, until), opens=opens, closes=closes)


def _refuse_what_is_not_followed(row: Row) -> None:
    for name in NOT_FOLLOWED:
        if row.get(name) not in (None, "", [], {}):
            raise ValueError(f"{name}: a rule that is not followed here, so the hours would be wrong")
    if text(row.get("count")) not in ("", "0"):
        raise ValueError("count: a rule that is not followed here, so the hours would be wrong")


def _rule(row: Row, start: date | None, until: date | None) -> Schedule:
    days = _days(row)
    interval = _interval(row)
    freq = _frequency(row, days, start, until)
    if interval > 1 and start is None:
        raise ValueError("interval: every other week or month, but from when is not said")
    if freq == "DATES":
        dates = tuple(day for each in _dates(row) if (day := _as_day("date", each)))
        if not dates and (start is None or start != (until or start)):
            raise ValueError("byday: on which days is not said")
        return Schedule("DATES", dates=dates or (start,) if start else dates)
    if freq == "MONTHLY":
        return Schedule(
            "MONTHLY", nth=_ranks(days), month_days=_month_days(row, days), interval=interval, start=start, until=until
        )
    if freq == "WEEKLY":
        weekdays = tuple(sorted({day for _, day in days})) or ((start.weekday(),) if start else ())
        if not weekdays or any(rank for rank, _ in days):
            raise ValueError("byday: on which days is not said")
        return Schedule("WEEKLY", weekdays=weekdays, interval=interval, start=start, until=until)
    return Schedule(freq, interval=interval, start=start, until=until)


def _frequency(row: Row, days: list[tuple[int, int]], start: date | None, until: date | None) -> Frequency:
    written = text(row.get("freq")).upper()
    if _dates(row) and not days:
        return "DATES"
    if written in FREQUENCIES:
        return FREQUENCIES[written]
    if written:
        raise ValueError("freq: not DAILY, WEEKLY, MONTHLY or YEARLY")
    if any(rank for rank, _ in days):
        return "MONTHLY"
    return "WEEKLY" if days else "DATES"


def _ranks(days: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    if any(rank == 0 for rank, _ in days):
        raise ValueError("byday: monthly, but which week of the month is not said")
    return tuple(sorted(set(days)))


def _month_days(row: Row, days: list[tuple[int, int]]) -> tuple[int, ...]:
    try:
        found = tuple(read_numbers(row.get("bymonthday")))
    except ValueError:
        raise ValueError("bymonthday: not days of a month") from None
    if bool(found) == bool(days):
        raise ValueError("byday: monthly, but on which days is not said")
    if not all(1 <= abs(each) <= 31 for each in found):
        raise ValueError("bymonthday: not days of a month")
    return found


def _days(row: Row) -> list[tuple[int, int]]:
    for name in NAMES["days"]:
        if row.get(name) not in (None, "", []):
            if name != "weekday" and any(part.isdigit() for part in listed(row[name])):
                raise ValueError(f"{name}: a number, and which day is meant is not sure")
            try:
                return read_days(row[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    return []


def _dates(row: Row) -> list[Any]:
    found = [row[name] for name in NAMES["dates"] if row.get(name) not in (None, "", [])]
    return [each for value in found for each in (value if isinstance(value, list) else [value])]


def _interval(row: Row) -> int:
    written = text(row.get("interval") or row.get("freq_interval"))
    if not written:
        return 1
    if not written.isdigit() or int(written) < 1:
        raise ValueError("interval: not a number from 1")
    return int(written)


def _hour(row: Row, which: str) -> time | None:
    name, value = _written(row, which)
    try:
        return read_time(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _written(row: Row, which: str) -> tuple[str, Any]:
    """The first of the columns that says something, and what it says; None where none does."""
    for name in NAMES[which]:
        value = row.get(name)
        if isinstance(value, dict):
            value = value.get("time")
        if value not in (None, "", []):
            return name, value
    return NAMES[which][0], None


def _both(row: Row) -> tuple[Any, Any]:
    return _written(row, "opens")[1], _written(row, "closes")[1]


def _ends_with_the_day(row: Row) -> bool:
    """Midnight as the end of a day; a mere "00:00" may be a time that nobody filled in."""
    return re.sub(r"[ .]", "", text(_written(row, "closes")[1]).lower()) in END_OF_DAY


def _day_written(row: Row) -> date | None:
    """The day in front of an opening time, as in ``2026-01-05T09:00:00Z``."""
    written = text(_written(row, "opens")[1])
    return _as_day("opens_at", written[:10]) if re.match(r"\d{4}-\d{2}-\d{2}[T ]", written) else None


def _first_day(row: Row, which: str, choose: Any) -> date | None:
    """Both names may be given: the narrower span holds."""
    days = [day for name in NAMES[which] if row.get(name) and (day := _day(row, name))]
    return choose(days) if days else None


def _day(row: Row, name: str) -> date | None:
    return _as_day(name, row.get(name))


def _as_day(name: str, value: Any) -> date | None:
    try:
        return read_date(value.get("date") if isinstance(value, dict) else value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
