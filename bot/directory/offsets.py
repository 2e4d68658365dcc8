"""Hours that are written in UTC or with an offset (HSDS 3.0), told in the zone of the place, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from bot.directory.values import read_offset, text

FARTHEST = timedelta(hours=14)
Hours = tuple[time, time]


def hours_here(hours: Hours, written: Sequence[Any], column: Any, on: date | None, zone: ZoneInfo | None) -> Hours:
    """The opening and closing time at the place.

    ``written`` are both as they stand in the listing, ``column`` its ``timezone``, ``on`` a day on which they hold.
    Raises ``ValueError`` when they cannot be told for certain: no such day in a zone that changes its clocks, the zone
    not known, an offset that the zone does not keep on that day, or another day there than here.
    """
    offsets = {read_offset(each) for each in written}
    away = offsets.pop()
    if offsets:
        raise ValueError("opens_at: not in the same zone as the closing time")
    if away is None:
        _refuse_another_zone(text(column), zone)
        return hours
    if abs(away) > FARTHEST:
        raise ValueError("opens_at: not a time of day")
    if zone is None:
        raise ValueError("opens_at: not in local time, and the zone of the place is not known")
    kept = _kept(zone, on)
    if away in kept and (on is None or away == _offset(zone, on)):
        return hours
    if away in kept or (on is None and len(kept) > 1):
        raise ValueError("opens_at: not in local time, and the time there is not certain")
    return _moved(hours, away, on or date(2026, 1, 1), zone)


def _moved(hours: Hours, away: timedelta, on: date, zone: ZoneInfo) -> Hours:
    there = timezone(away)
    opens = datetime.combine(on, hours[0], there).astimezone(zone)
    if opens.date() != on:
        raise ValueError("opens_at: not in local time, and on another day there")
    closes = datetime.combine(on + timedelta(days=hours[1] <= hours[0]), hours[1], there).astimezone(zone)
    return opens.time(), closes.time()


def _refuse_another_zone(column: str, zone: ZoneInfo | None) -> None:
    """Plain hours beside a ``timezone`` that is not that of the place."""
    try:
        away = timedelta(hours=float(column))
    except (ValueError, OverflowError):
        return
    if zone is not None and away not in _kept(zone, None):
        raise ValueError("timezone: not that of the place, so the hours are not certain")


def _kept(zone: ZoneInfo, on: date | None) -> set[timedelta]:
    year = (on or date(2026, 1, 1)).year
    return {_offset(zone, date(year, month, 1)) for month in (1, 7)}


def _offset(zone: ZoneInfo, day: date) -> timedelta:
    return datetime.combine(day, time(12), zone).utcoffset() or timedelta()
