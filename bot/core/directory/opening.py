"""When a place is open: today, now, and next. What is not known is said to be unknown, never guessed."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.directory.service import Schedule

# Beyond this nobody plans a visit, and a monthly pantry comes round within it.
LOOKS_AHEAD_DAYS = 35
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """What is known at one moment, in the place's own zone.

    ``is_open`` is None when the hours are not known. ``until`` is when it closes, if it is open; ``next_open`` and
    ``next_close`` are the next time that it opens, within five weeks. ``today`` are the spans that begin today.
    """

    is_open: bool | None = None
    until: datetime | None = None
    next_open: datetime | None = None
    next_close: datetime | None = None
    today: tuple[Span, ...] = ()


def hours_at(schedules: Sequence[Schedule], at: datetime, zone: ZoneInfo) -> Hours:
    """The hours at ``at``, an aware time. Holidays and other closures are taken out."""
    here = at.astimezone(zone)
    if not any(_is_current(each, here.date()) for each in schedules):
        return Hours()
    today = tuple(spans_on(schedules, here.date(), zone))
    before = spans_on(schedules, here.date() - timedelta(days=1), zone)
    now = next((span for span in (*before, *today) if span[0] <= here < span[1]), None)
    following = _next_span(schedules, here, zone)
    return Hours(
        is_open=now is not None,
        until=now[1] if now else None,
        next_open=following[0] if following else None,
        next_close=following[1] if following else None,
        today=today,
    )


def spans_on(schedules: Sequence[Schedule], day: date, zone: ZoneInfo) -> list[Span]:
    """From when to when it is open, for spans that begin on this day, in order; joined where they touch."""
    found = [each for each in schedules if occurs(each, day)]
    replacing = [each for each in found if each.replaces]
    return _joined(sorted(_span(each, day, zone) for each in replacing or found if _has_hours(each)))


def occurs(schedule: Schedule, day: date) -> bool:
    """Whether the schedule falls on this day."""
    if schedule.freq == "DATES":
        return day in schedule.dates or _between(schedule, day)
    if schedule.freq == "YEARLY":
        return _is_day_of_year(schedule, day)
    if (schedule.start and day < schedule.start) or (schedule.until and day > schedule.until):
        return False
    if schedule.freq == "WEEKLY":
        return day.weekday() in schedule.weekdays and _weeks_fit(schedule, day)
    if schedule.freq == "MONTHLY":
        return _is_day_of_month(schedule, day)
    return schedule.start is None or (day - schedule.start).days % schedule.interval == 0


def _is_day_of_year(schedule: Schedule, day: date) -> bool:
    if schedule.start is None:
        return False
    last = schedule.until or schedule.start
    first, end, this = ((each.month, each.day) for each in (schedule.start, last, day))
    return first <= this <= end if first <= end else this >= first or this <= end


def _between(schedule: Schedule, day: date) -> bool:
    """A span of days without single dates, such as a closure from Christmas to New Year."""
    if schedule.dates or schedule.start is None or schedule.until is None:
        return False
    return schedule.start <= day <= schedule.until


def _weeks_fit(schedule: Schedule, day: date) -> bool:
    if schedule.interval == 1 or schedule.start is None:
        return schedule.interval == 1
    monday = timedelta(days=1) * schedule.start.weekday()
    return (day - (schedule.start - monday)).days // 7 % schedule.interval == 0


def _is_day_of_month(schedule: Schedule, day: date) -> bool:
    if schedule.interval > 1:
        start = schedule.start
        if start is None or ((day.year - start.year) * 12 + day.month - start.month) % schedule.interval:
            return False
    days_left = calendar.monthrange(day.year, day.month)[1] - day.day
    ranks = {((day.day - 1) // 7 + 1, day.weekday()), (-(days_left // 7 + 1), day.weekday())}
    return (
        day.day in schedule.month_days or -(days_left + 1) in schedule.month_days or not ranks.isdisjoint(schedule.nth)
    )


def _is_current(schedule: Schedule, day: date) -> bool:
    """Whether it says anything about this day or a later one."""
    if not _has_hours(schedule) or schedule.replaces:
        return False
    last = max(schedule.dates) if schedule.dates else schedule.until
    return last is None or last >= day


def _has_hours(schedule: Schedule) -> bool:
    return schedule.opens is not None and schedule.closes is not None


def _span(schedule: Schedule, day: date, zone: ZoneInfo) -> Span:
    assert schedule.opens is not None
    assert schedule.closes is not None
    next_day = schedule.closes <= schedule.opens
    opens = datetime.combine(day, schedule.opens, zone)
    return opens, datetime.combine(day + timedelta(days=1) if next_day else day, schedule.closes, zone)


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span[0] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span[1]))
        else:
            joined.append(span)
    return joined


def _next_span(schedules: Sequence[Schedule], here: datetime, zone: ZoneInfo) -> Span | None:
    return next((span for span in _spans_from(schedules, here.date(), zone) if span[0] > here), None)


def _spans_from(schedules: Sequence[Schedule], day: date, zone: ZoneInfo) -> Iterator[Span]:
    for ahead in range(LOOKS_AHEAD_DAYS):
        yield from spans_on(schedules, day + timedelta(days=ahead), zone)


def week(schedules: Sequence[Schedule], day: date) -> list[tuple[int, tuple[tuple[time, time], ...]]]:
    """The ordinary week: for each weekday with hours, its opening and closing times.

    Only schedules that hold every week and are valid on ``day``; a holiday does not show here.
    """
    lasting = [
        each for each in schedules if each.freq in ("WEEKLY", "DAILY") and each.interval == 1 and _is_current(each, day)
    ]
    found = []
    for weekday in range(7):
        times = {(s.opens, s.closes) for s in lasting if s.freq == "DAILY" or weekday in s.weekdays}
        if times:
            found.append((weekday, tuple(sorted((o, c) for o, c in times if o is not None and c is not None))))
    return found
