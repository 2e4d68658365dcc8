"""When a patient, a partner or a community health worker (CHW) is written to next about a referral."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.hours import Week

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Steps:
    """So many days after the beginning, then at every so many days."""

    days: tuple[int, ...]
    then_every: int

    def after(self, passed: float) -> int:
        """The first step that is later than ``passed`` days."""
        for day in self.days:
            if day > passed:
                return day
        beyond = int(passed - self.days[-1]) // self.then_every + 1
        return self.days[-1] + max(beyond, 1) * self.then_every


@dataclass(frozen=True)
class CheckIns:
    """The cadence with the patient; see ``dialogs/content/referral.yml``."""

    usual: Steps
    calm: Steps
    until_days: int
    hours: tuple[int, ...]
    tries: int
    window_days: int
    answer_days: int
    chw_days: int


@dataclass(frozen=True)
class OfferTimes:
    """After how many days places are spoken of again that nobody agreed to, and how many later the need is closed."""

    remind_days: int
    close_days: int


@dataclass(frozen=True)
class PartnerTimes:
    """The cadence with a partner, in days, at which hours it is texted, and how often its page may be answered.

    ``never_heard_case`` and ``never_heard_end``: so many times the patient never heard from it, until a CHW is told
    and until it is given up.
    """

    hours: Week
    remind_days: tuple[int, ...]
    give_up_days: int
    did_they_call_days: int
    never_heard_case: int
    never_heard_end: int
    link_days: int
    most_answers: int


@dataclass(frozen=True)
class NavigationTimes:
    """The cadence of navigation by a CHW."""

    due_business_days: int
    month_days: int
    months: int


@dataclass(frozen=True)
class VisitTimes:
    """At which local hours a visit is spoken of: to the patient the day before, to the CHW by name of the notice."""

    remind_hour: int
    notice_hours: Mapping[str, int]


def next_check_in(times: CheckIns, began: datetime, now: datetime, number: int, zone: str, *, calm: bool) -> datetime:
    """When check-in ``number`` (from 0) is due, in UTC: the first step at least half a day from ``now``.

    The hour goes by the number, on the clock of ``zone``. It may lie after :func:`deadline`; then there is none.
    """
    steps = times.calm if calm else times.usual
    passed = (now - began) / _DAY + 0.5
    day = began.astimezone(ZoneInfo(zone)).date() + timedelta(days=steps.after(passed))
    return at_hour(day, times.hours[number % len(times.hours)], zone)


def deadline(times: CheckIns, began: datetime) -> datetime:
    """When the referral ends for want of time."""
    return began + timedelta(days=times.until_days)


def is_unreachable(times: CheckIns, unanswered: int, first_unanswered: datetime | None, now: datetime) -> bool:
    """Whether so many check-ins in a row went without a word, over the whole window."""
    if first_unanswered is None or unanswered < times.tries:
        return False
    return now - first_unanswered >= timedelta(days=times.window_days)


def partner_step(times: PartnerTimes, told: datetime, reminders: int) -> tuple[str, datetime]:
    """What comes next while the partner has not answered: ``remind`` or ``give_up``, and when."""
    if reminders < len(times.remind_days):
        return "remind", told + timedelta(days=times.remind_days[reminders])
    return "give_up", told + timedelta(days=times.give_up_days)


def business_days_later(began: datetime, days: int, zone: str, is_holiday: Callable[[date], bool]) -> datetime:
    """The end (17:00 on the clock of ``zone``) of the ``days``-th business day after ``began``, in UTC."""
    day = began.astimezone(ZoneInfo(zone)).date()
    while days > 0:
        day += _DAY
        if day.weekday() < 5 and not is_holiday(day):
            days -= 1
    return at_hour(day, 17, zone)


def at_hour(day: date, hour: int, zone: str) -> datetime:
    """This hour of this day on the clock of ``zone``, in UTC."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
