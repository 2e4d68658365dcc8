"""When a person may be texted: hours of the week in local time, in every zone that the person may be in.

An instant is allowed when the wall clock of each zone shows an allowed hour of an allowed day. So defined, a wall
time that a zone skips in spring or has twice in autumn needs no rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

QUIET_HOURS = "quiet_hours"
SUNDAY = "sunday"
HOLIDAY = "holiday"
# A span of allowed hours on every day of the week, Monday first; None on a day without.
Span = tuple[time, time]
Holidays = Callable[[int], frozenset[date]]

_SUNDAY = 6
_LOOK_AHEAD_DAYS = 40
_MINUTE = timedelta(minutes=1)


def _none(year: int) -> frozenset[date]:
    return frozenset()


@dataclass(frozen=True)
class Week:
    """The allowed hours of each weekday, Monday first: from the start on, and no longer at the end.

    ``on_holidays``: holidays are days like others.
    """

    days: tuple[Span | None, ...]
    on_holidays: bool = False

    def __post_init__(self) -> None:
        """``ValueError`` unless there are seven days and each span ends after it starts."""
        if len(self.days) != 7 or any(span is not None and span[0] >= span[1] for span in self.days):
            raise ValueError("a week has seven days, and hours end after they start")


@dataclass(frozen=True)
class HoursTable:
    """The week of each state, of everywhere else, and the hours at which a patient's own wish is kept."""

    usual: Week
    wish: Week
    states: Mapping[str, Week]
    everywhere: frozenset[str]

    def week(self, states: Iterable[str], *, wish: bool = False) -> Week:
        """The hours that all of ``states`` allow; a state without a row, or no state at all: the usual week."""
        if wish:
            return self.wish
        # Nearly all have the usual one: each is looked at once.
        weeks = {id(week): week for week in (self.states.get(state, self.usual) for state in states)}
        return reduce(_shared, weeks.values()) if weeks else self.usual


@dataclass(frozen=True)
class Recipient:
    """Where somebody may be: IANA zone names, the states, and the holidays of any of these by year."""

    zones: frozenset[str]
    states: frozenset[str] = frozenset()
    holidays: Holidays = _none


def _shared(one: Week, other: Week) -> Week:
    """The hours that both allow."""
    both = (
        None if a is None or b is None else (max(a[0], b[0]), min(a[1], b[1]))
        for a, b in zip(one.days, other.days, strict=True)
    )
    days = tuple(span if span is not None and span[0] < span[1] else None for span in both)
    return Week(days, one.on_holidays and other.on_holidays)


def why_not(at: datetime, recipient: Recipient, week: Week) -> str | None:
    """Why ``at``, an aware time, is not allowed: quiet_hours, sunday or holiday; None when it is allowed."""
    for name in sorted(recipient.zones):
        reason = _why_not_in(at.astimezone(ZoneInfo(name)), recipient.holidays, week)
        if reason is not None:
            return reason
    return None


def next_allowed(at: datetime, recipient: Recipient, week: Week) -> datetime | None:
    """The earliest allowed instant that is not before ``at``, in UTC; None when there is none in the next weeks.

    Zones far apart may share no allowed hour at all. ``ValueError`` for a naive ``at``.
    """
    if at.tzinfo is None:
        raise ValueError("hours need an aware time")
    latest = at.astimezone(UTC) + timedelta(days=_LOOK_AHEAD_DAYS)
    found: datetime | None = at.astimezone(UTC)
    while found is not None and found <= latest:
        asked = found
        for name in sorted(recipient.zones):
            found = _next_in(found, ZoneInfo(name), recipient.holidays, week)
            if found is None:
                return None
        # What suits the last zone may not suit the first: again, until nothing moves.
        if found == asked:
            return found
    return None


def _why_not_in(local: datetime, holidays: Holidays, week: Week) -> str | None:
    span = week.days[local.weekday()]
    if span is None:
        return SUNDAY if local.weekday() == _SUNDAY else QUIET_HOURS
    if not week.on_holidays and local.date() in holidays(local.year):
        return HOLIDAY
    return None if span[0] <= local.time() < span[1] else QUIET_HOURS


def _next_in(at: datetime, zone: ZoneInfo, holidays: Holidays, week: Week) -> datetime | None:
    if _why_not_in(at.astimezone(zone), holidays, week) is None:
        return at
    today = at.astimezone(zone).date()
    for days in range(_LOOK_AHEAD_DAYS + 1):
        day = today + timedelta(days=days)
        for begins in sorted(_beginnings(day, zone, week)):
            if begins > at and _why_not_in(begins.astimezone(zone), holidays, week) is None:
                return begins
    return None


def _beginnings(day: date, zone: ZoneInfo, week: Week) -> Iterator[datetime]:
    """The instants of a local day at which allowed hours may begin: their start, and where the clock is changed."""
    span = week.days[day.weekday()]
    if span is None:
        return
    for fold in (0, 1):
        yield datetime.combine(day, span[0], zone).replace(fold=fold).astimezone(UTC)
    changed = _change_of_clock(day, zone)
    if changed is not None:
        yield changed


def _change_of_clock(day: date, zone: ZoneInfo) -> datetime | None:
    """The first instant of the new offset, when the zone's clock is changed on that local day; by halving."""
    before = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(hours=1)
    after = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    old = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == old:
        return None
    while after - before > _MINUTE:
        middle = before + (after - before) // 2
        middle = middle.replace(second=0, microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = max(middle, before + _MINUTE)
        else:
            after = middle
    return after
