"""How often a person is texted unasked: so many texts in a day, so many in a week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
DAY_CAP = "texted_today"
WEEK_CAP = "texted_often"


@dataclass(frozen=True)
class Caps:
    """The most proactive texts in any 24 hours and in any seven days, to one person and to one phone.

    Any 24 hours holds every calendar day, wherever the phone may be.
    """

    per_day: int
    per_week: int


def capped(now: datetime, recent: Iterable[datetime], caps: Caps) -> str | None:
    """Which cap stands against one more text at ``now``, after those at ``recent``; None when none does."""
    sent = list(recent)
    if _within(now, sent, DAY) >= caps.per_day:
        return DAY_CAP
    return WEEK_CAP if _within(now, sent, WEEK) >= caps.per_week else None


def next_free(now: datetime, recent: Iterable[datetime], caps: Caps) -> datetime:
    """The earliest time that is not before ``now`` at which no cap stands against one more text."""
    sent = sorted(recent)
    return max(now, _free_from(sent, caps.per_day, DAY, now), _free_from(sent, caps.per_week, WEEK, now))


def _within(now: datetime, sent: list[datetime], span: timedelta) -> int:
    return sum(1 for at in sent if now - at < span)


def _free_from(sent: list[datetime], most: int, span: timedelta, now: datetime) -> datetime:
    return sent[-most] + span if len(sent) >= most else now
