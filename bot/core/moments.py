"""A moment to come, from what was said of it: a day, a part of the day, an hour, a delay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_DAY_MINUTES = 24 * 60
_USUAL_HOUR = 10
# A bare hour is taken for the one in daylight: 8 to 11 in the morning, 12 to 7 after noon.
_FIRST_MORNING_HOUR = 8
# "today", when the hour that would stand for it is over.
_SOON = 60
# A date in figures is one of the days to come, not of the year to come.
_SOON_DAYS = 31
_FAR_DAYS = 92

MonthDayYear = tuple[int, int, int | None]


@dataclass(frozen=True)
class Moment:
    """A time to come, aware, in the patient's zone. Not ``exact``: only about then ("tomorrow", "after 3")."""

    at: datetime
    exact: bool


@dataclass(frozen=True)
class Clock:
    """A time of day as it was said; ``half`` is am, pm or unsaid."""

    hour: int
    minute: int = 0
    half: str | None = None


@dataclass(frozen=True)
class Said:
    """What was found so far. ``day`` counts from today, ``part`` is an hour, ``delay`` and ``soon`` are minutes.

    ``dates`` is one date in figures: (month, day, year or None), twice where either may be the month. ``unread``:
    a day was named that could not be read, so that no other may be taken for it.
    """

    day: int | None = None
    weekday: int | None = None
    week: int | None = None
    month_day: tuple[int | None, int] | None = None
    dates: tuple[MonthDayYear, ...] | None = None
    part: int | None = None
    clock: Clock | None = None
    delay: int | None = None
    soon: int | None = None
    hedged: bool = False
    before: bool = False
    unread: bool = False

    @property
    def has_day(self) -> bool:
        """Whether a day was named."""
        named = (self.day, self.weekday, self.week, self.month_day, self.dates)
        return any(value is not None for value in named)


def resolved(said: Said, now: datetime) -> datetime | None:
    """The moment in the patient's zone; a time of day that is over today is tomorrow's.

    ``None`` where nothing says when, and where a day was named that cannot be told or that fits no other word.
    """
    if said.unread:
        return None
    if said.delay is not None and not said.has_day:
        if said.delay >= _DAY_MINUTES and (said.clock or said.part is not None):
            return _local(now.date() + timedelta(minutes=said.delay), _time_of_day(said), now)
        return _later(now, said.delay)
    if not said.has_day and said.part is None and said.clock is None:
        minutes = said.soon
        return None if minutes is None else _later(now, minutes)
    return _on_a_day(said, now)


def _on_a_day(said: Said, now: datetime) -> datetime | None:
    day = _day(said, now.date())
    if day is None:
        return None
    at = _local(day, _time_of_day(said), now)
    if at > now:
        return at
    if said.clock and said.clock.half is None and said.part is None and day == now.date() and said.clock.hour < 12:
        evening = _local(day, time(said.clock.hour + 12, said.clock.minute), now)
        if evening > now:
            return evening
    if said.has_day:
        return _later(now, _SOON) if said.day == 0 and not said.clock else None
    return _local(day + timedelta(days=1), _time_of_day(said), now)


def _local(day: date, at: time, now: datetime) -> datetime:
    return datetime.combine(day, at, now.tzinfo)


def _time_of_day(said: Said) -> time:
    """The time said, in the half of the day that it means; else the hour that stands for the part of the day."""
    clock = said.clock
    if clock is None:
        return time(_USUAL_HOUR if said.part is None else said.part)
    hour = clock.hour % 12 if clock.half and clock.hour <= 12 else clock.hour
    if clock.half == "pm" and hour < 12:
        hour += 12
    elif clock.half is None and 0 < hour < 12:
        late = said.part >= 12 if said.part is not None else hour < _FIRST_MORNING_HOUR
        hour += 12 if late else 0
    minutes = hour * 60 + clock.minute - (60 if said.before else 0)
    return time(max(minutes, 0) // 60, minutes % 60)


def _day(said: Said, today: date) -> date | None:
    """The date that was named; today when none was, ``None`` when what was named does not fit together."""
    if said.month_day is None and said.dates is None:
        return _near_day(said, today)
    day = _month_date(said.month_day, today) if said.dates is None else _nearest(said.dates, today)
    return day if day is not None and _fits(said, day, today) else None


def _fits(said: Said, day: date, today: date) -> bool:
    """The other words for the day ("Monday", "next week", "tomorrow") mean the date, too."""
    of_the_week = said.weekday is None or day.weekday() == said.weekday
    if said.week is not None:
        of_the_week = of_the_week and (day - _monday(said.week, today)).days in range(7)
    return of_the_week and (said.day is None or day == today + timedelta(days=said.day))


def _nearest(dates: tuple[MonthDayYear, ...], today: date) -> date | None:
    """The one date that is soon; ``None`` when two are alike, and for one that is far away: perhaps it is over."""
    days = {found for found in (_dated(each, today) for each in dates) if found is not None}
    near = [day for day in days if (day - today).days <= (_SOON_DAYS if len(days) > 1 else _FAR_DAYS)]
    return near[0] if len(near) == 1 else None


def _dated(month_day_year: MonthDayYear, today: date) -> date | None:
    month, day, year = month_day_year
    found = _month_date((month, day), today)
    return found if found is not None and year in (None, found.year, found.year % 100) else None


def _near_day(said: Said, today: date) -> date:
    """The day that was named by its distance or its weekday. ``next`` is the one in the week that follows."""
    if said.day is not None:
        return today + timedelta(days=said.day)
    if said.weekday is not None:
        ahead = (said.weekday - today.weekday()) % 7 or 7
        same_week = today.weekday() + ahead < 7
        return today + timedelta(days=ahead + (7 if said.week and same_week else 0))
    if said.week is not None:
        return _monday(said.week, today)
    return today


def _monday(week: int, today: date) -> date:
    return today + timedelta(days=7 * week - today.weekday())


def _month_date(month_day: tuple[int | None, int] | None, today: date) -> date | None:
    """The next date with that day, in that month if one was named; today's counts."""
    month, day = month_day or (None, 0)
    for ahead in range(13):
        year, at = divmod(today.month - 1 + ahead, 12)
        try:
            there = date(today.year + year, at + 1, day)
        except ValueError:
            continue
        if there >= today and month in (None, at + 1):
            return there
    return None


def _later(now: datetime, minutes: int) -> datetime:
    """So many minutes from now, on the clock of the patient's zone."""
    return (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
