"""Opening hours: how they are read, and when a place is open."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.directory.opening import hours_at, occurs, week
from bot.core.directory.service import Schedule
from bot.directory.hours import read_holiday, read_schedules
from tests.directory.building import weekly

ZONE = ZoneInfo("America/New_York")
NINE = {"opens_at": "09:00", "closes_at": "17:00"}


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """A local time in 2026; March 1 is a Sunday."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def test_open_until_and_next() -> None:
    """Open at nine sharp, closed at five sharp, next time after the weekend."""
    hours = [weekly("0-4", "09:00", "17:00")]
    assert hours_at(hours, at(3, 9), ZONE).until == at(3, 17)
    friday = hours_at(hours, at(6, 17), ZONE)
    assert (friday.is_open, friday.next_open) == (False, at(9, 9))


def test_through_the_night() -> None:
    """A shelter is open at six in the morning by yesterday's hours."""
    hours = [weekly("0-6", "18:00", "07:00")]
    assert hours_at(hours, at(3, 6), ZONE).until == at(3, 7)
    assert hours_at(hours, at(3, 23), ZONE).until == at(4, 7)
    assert hours_at(hours, at(3, 12), ZONE).is_open is False


def test_the_whole_day() -> None:
    """Opening and closing at the same time is twenty-four hours."""
    assert hours_at([weekly("0-6", "00:00", "00:00")], at(3, 3), ZONE).is_open


def test_lunch_break_and_overlaps() -> None:
    """Two spans a day are two; spans that overlap are one."""
    hours = [weekly("1", "09:00", "12:00"), weekly("1", "13:00", "17:00"), weekly("1", "16:00", "18:00")]
    assert [(s.hour, e.hour) for s, e in hours_at(hours, at(3, 8), ZONE).today] == [(9, 12), (13, 18)]


def test_a_closure_and_other_hours_stand_instead() -> None:
    """A holiday closes; another holiday has hours of its own."""
    closed = Schedule("DATES", start=date(2026, 12, 24), until=date(2026, 12, 26), replaces=True)
    short = Schedule("YEARLY", start=date(1, 1, 1), until=date(1, 1, 1), opens=time(10), closes=time(12), replaces=True)
    hours = [weekly("0-6", "09:00", "17:00"), closed, short]
    assert hours_at(hours, at(25, 10, month=12), ZONE).next_open == at(27, 9, month=12)
    assert hours_at(hours, datetime(2027, 1, 1, 9, 30, tzinfo=ZONE), ZONE).is_open is False
    assert hours_at(hours, datetime(2027, 1, 1, 11, tzinfo=ZONE), ZONE).is_open is True


def test_hours_of_another_year_say_nothing() -> None:
    """What ended is not known to go on."""
    assert hours_at([weekly("0-6", "09:00", "17:00", until=date(2025, 12, 31))], at(3, 10), ZONE).is_open is None
    assert hours_at([], at(3, 10), ZONE).is_open is None


def test_over_the_change_of_the_clocks() -> None:
    """Nine is nine by the clock on the wall, before and after."""
    hours = [weekly("0-6", "09:00", "17:00")]
    assert hours_at(hours, at(7, 20), ZONE).next_open == at(8, 9)  # clocks go forward on March 8
    assert hours_at(hours, at(31, 20, month=10), ZONE).next_open == at(1, 9, month=11)


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        pytest.param(Schedule("MONTHLY", nth=((2, 1),)), [10], id="second Tuesday"),
        pytest.param(Schedule("MONTHLY", nth=((-1, 4),)), [27], id="last Friday"),
        pytest.param(Schedule("MONTHLY", month_days=(15, -1)), [15, 31], id="the 15th and the last"),
        pytest.param(
            Schedule("MONTHLY", nth=((1, 0),), interval=2, start=date(2026, 1, 1)), [2], id="every other month"
        ),
        pytest.param(
            Schedule("WEEKLY", weekdays=(1,), interval=2, start=date(2026, 3, 3)), [3, 17, 31], id="every other week"
        ),
        pytest.param(Schedule("DATES", dates=(date(2026, 3, 5), date(2026, 4, 5))), [5], id="dates"),
        pytest.param(Schedule("YEARLY", start=date(1, 3, 30), until=date(1, 4, 2)), [30, 31], id="every year"),
    ],
)
def test_rules_fall_on_their_days(schedule: Schedule, days: list[int]) -> None:
    """Each kind of rule, over one March."""
    assert [day for day in range(1, 32) if occurs(schedule, date(2026, 3, day))] == days


def test_the_week_as_a_table() -> None:
    """Only what holds every week, on the day that it is asked for."""
    hours = [
        weekly("0-1", "09:00", "17:00"),
        weekly("1", "18:00", "20:00"),
        weekly("5", "10:00", "12:00", until=date(2025, 1, 1)),
    ]
    nine, late = (time(9), time(17)), (time(18), time(20))
    assert week(hours, date(2026, 3, 3)) == [(0, (nine,)), (1, (nine, late))]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"freq": "WEEKLY", "byday": "TH,FR", **NINE}, [Schedule("WEEKLY", (3, 4))]),
        ({"weekday": "1", **NINE}, [Schedule("WEEKLY", (0,))]),
        ({"weekday": "Wednesday", "opens_at": "9am", "closes_at": "5:00 PM"}, [Schedule("WEEKLY", (2,))]),
        ({"byday": "2TU", **NINE}, [Schedule("MONTHLY", nth=((2, 1),))]),
        ({"freq": "MONTHLY", "byday": "-1FR", **NINE}, [Schedule("MONTHLY", nth=((-1, 4),))]),
        ({"freq": "MONTHLY", "bymonthday": "1,15", **NINE}, [Schedule("MONTHLY", month_days=(1, 15))]),
        ({"freq": "DAILY", **NINE}, [Schedule("DAILY")]),
        ({"date": "2026-03-05", **NINE}, [Schedule("DATES", dates=(date(2026, 3, 5),))]),
        ({"days": ["MO"], "times": [{"start_time": "09:00", "end_time": "17:00"}]}, [Schedule("WEEKLY", (0,))]),
        ({"days": [{"day": "SA", **NINE}], "freq": "WEEKLY"}, [Schedule("WEEKLY", (5,))]),
        ({"days": ["MO", "TU"], "times": [{"day": "TU", **NINE}]}, [Schedule("WEEKLY", (1,))]),
        ({"byday": "MO"}, []),
    ],
)
def test_hours_as_they_are_written(row: dict[str, Any], expected: list[Schedule]) -> None:
    """In the terms of all versions, and freer ones; without times there is nothing to show."""
    found = list(read_schedules(row))
    assert [(s.freq, s.weekdays, s.nth, s.month_days, s.dates) for s in found] == [
        (s.freq, s.weekdays, s.nth, s.month_days, s.dates) for s in expected
    ]
    assert all((s.opens, s.closes) == (time(9), time(17)) for s in found)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"freq": "MONTHLY", "byday": "TU", **NINE}, "byday"),
        ({"freq": "WEEKLY", **NINE}, "byday"),
        ({"freq": "SOMETIMES", "byday": "TU", **NINE}, "freq"),
        ({"byday": "TU", "opens_at": "09:00"}, "opens_at"),
        ({"byday": "TU", "opens_at": "09:00", "closes_at": "03:00"}, "closes_at"),
        ({"byday": "TU", "opens_at": "9ish", "closes_at": "5"}, "opens_at"),
        ({"byday": "TU", "byweekno": "41", **NINE}, "byweekno"),
        ({"byday": "TU", "freq": "WEEKLY", "interval": "2", **NINE}, "interval"),
        ({"byday": "Someday", **NINE}, "byday"),
        ({"day_of_week": 3, **NINE}, "day_of_week"),
        ({"byday": "TU", "valid_from": "2026-05-01", "valid_to": "2026-04-01", **NINE}, "valid_to"),
    ],
)
def test_hours_that_are_not_certain_are_refused(row: dict[str, Any], column: str) -> None:
    """Wrong hours send people to closed doors; none make them call."""
    with pytest.raises(ValueError, match=f"^{column}: "):
        list(read_schedules(row))


@pytest.mark.parametrize(
    ("row", "zone", "hours"),
    [
        ({"opens_at": "13:00Z", "closes_at": "21:00Z", "valid_from": "2026-01-05"}, "America/New_York", (8, 16)),
        ({"opens_at": "13:00Z", "closes_at": "21:00Z", "dtstart": "2026-06-01"}, "America/New_York", (9, 17)),
        ({"opens_at": "2026-01-05T13:00:00Z", "closes_at": "2026-01-05T21:00:00Z"}, "America/New_York", (8, 16)),
        ({"opens_at": "17:00Z", "closes_at": "01:00Z", "valid_from": "2026-01-05"}, "America/Los_Angeles", (9, 17)),
        ({"opens_at": "16:00Z", "closes_at": "23:00Z"}, "America/Phoenix", (9, 16)),
        ({"opens_at": "09:00-05:00", "closes_at": "17:00-05:00"}, "America/New_York", (9, 17)),
        ({"opens_at": "09:00:00-0400", "closes_at": "17:00:00-0400"}, "America/New_York", (9, 17)),
        (
            {"opens_at": "09:00-05:00", "closes_at": "17:00-05:00", "valid_from": "2026-01-05"},
            "America/Denver",
            (7, 15),
        ),
        ({"opens_at": "09:00", "closes_at": "17:00", "timezone": -5}, "America/New_York", (9, 17)),
        ({"opens_at": "08:00", "closes_at": "24:00"}, "America/New_York", (8, 0)),
        ({"opens_at": "08:00", "closes_at": "midnight"}, None, (8, 0)),
        ({"opens_at": "8 a.m.", "closes_at": "12:00 A.M."}, None, (8, 0)),
    ],
)
def test_hours_in_another_zone_are_told_in_that_of_the_place(
    row: dict[str, Any], zone: str | None, hours: tuple[int, int]
) -> None:
    """By the clock that the place keeps on the day from which they hold; its own offset is its own clock."""
    (found,) = read_schedules({"freq": "WEEKLY", "byday": "TU", **row}, ZoneInfo(zone) if zone else None)
    assert found.opens is not None
    assert found.closes is not None
    assert (found.opens.hour, found.closes.hour) == hours


@pytest.mark.parametrize(
    ("row", "zone", "column"),
    [
        ({"opens_at": "13:00Z", "closes_at": "21:00Z"}, "America/New_York", "opens_at"),
        ({"opens_at": "13:00Z", "closes_at": "21:00Z", "valid_from": "2026-01-05"}, None, "opens_at"),
        ({"opens_at": "09:00-08:00", "closes_at": "17:00-08:00"}, "America/New_York", "opens_at"),
        (
            {"opens_at": "09:00-05:00", "closes_at": "17:00-05:00", "dtstart": "2026-06-01"},
            "America/New_York",
            "opens_at",
        ),
        ({"opens_at": "09:00-05:00", "closes_at": "17:00"}, "America/New_York", "opens_at"),
        (
            {"opens_at": "09:00-05:00", "closes_at": "17:00-05:00", "dtstart": "2026-01-05"},
            "America/Chicago",
            "opens_at",
        ),
        ({"opens_at": "02:00Z", "closes_at": "04:00Z", "dtstart": "2026-01-05"}, "America/New_York", "opens_at"),
        ({"opens_at": "09:00-17:00", "closes_at": "09:00-17:00"}, "America/New_York", "opens_at"),
        ({"opens_at": "09:00", "closes_at": "17:00", "timezone": 3}, "America/New_York", "timezone"),
        ({"opens_at": "08:00", "closes_at": "00:00"}, "America/New_York", "closes_at"),
    ],
)
def test_hours_of_another_zone_that_are_not_certain(row: dict[str, Any], zone: str | None, column: str) -> None:
    """No day to judge by, no zone, two zones, another day there: they are left out and reported."""
    with pytest.raises(ValueError, match=f"^{column}: "):
        list(read_schedules({"freq": "WEEKLY", "byday": "TU", **row}, ZoneInfo(zone) if zone else None))


def test_holidays_as_they_are_written() -> None:
    """Closed or open, once or every year."""
    every_year = read_holiday({"start_date": "January 01, 0001", "end_date": "January 01, 0001", "closed": "true"})
    assert (every_year.freq, every_year.opens, every_year.replaces) == ("YEARLY", None, True)
    once = read_holiday(
        {
            "start_date": "12/24/2015",
            "end_date": "12/24/15",
            "closed": "false",
            "opens_at": "10:00",
            "closes_at": "16:00",
        }
    )
    assert (once.freq, once.start, once.opens) == ("DATES", date(2015, 12, 24), time(10))


@given(st.lists(st.tuples(st.integers(0, 6), st.times(), st.times()), max_size=6), st.integers(0, 60 * 24 * 60))
def test_whatever_the_hours(spans: list[tuple[int, time, time]], minute: int) -> None:
    """Open means that it closes later; the next time is in the future; spans of a day do not overlap."""
    schedules = [Schedule("WEEKLY", (day,), opens=opens, closes=closes) for day, opens, closes in spans]
    now = datetime.fromtimestamp(1_772_000_000 + minute * 60, ZONE)
    hours = hours_at(schedules, now, ZONE)
    assert (hours.is_open is None) == (not schedules)
    assert hours.until is None or hours.until > now
    assert hours.next_open is None or hours.next_open > now
    assert all(earlier[1] < later[0] for earlier, later in zip(hours.today, hours.today[1:], strict=False))
