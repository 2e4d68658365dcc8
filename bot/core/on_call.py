"""Who is told of a case that cannot wait, and when: decisions only, no clock and no sending.

The cadence is data (``dialogs/content/on_call.yml``), and so is who is on call (``bot on-call``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bot.core.claims import ALPHABET, CODE_LENGTH, ClaimWords

_URGENCIES = ("now", "today", "soon")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True)
class Step:
    """So long after the case was opened, these places in the line are told (1 is the first); none named: everybody."""

    after: timedelta
    places: tuple[int, ...]


@dataclass(frozen=True)
class Cadence:
    """The steps of one urgency, then everybody again and again at ``then_every`` until somebody claims the case."""

    steps: tuple[Step, ...]
    then_every: timedelta

    def places(self, number: int) -> tuple[int, ...]:
        """Who is told at this step, counted from 0; an empty tuple is everybody."""
        return self.steps[number].places if number < len(self.steps) else ()

    def due(self, number: int) -> timedelta:
        """How long after the opening this step is."""
        if number < len(self.steps):
            return self.steps[number].after
        return self.steps[-1].after + self.then_every * (number - len(self.steps) + 1)

    def latest(self, number: int, waited: timedelta) -> int:
        """The last step due after ``waited``, from ``number`` on: after a standstill nothing is caught up on."""
        while self.due(number + 1) <= waited:
            number += 1
        return number

    def is_listed(self, number: int) -> bool:
        """Whether the step is one of those written down, rather than a repetition for ever."""
        return number < len(self.steps)


@dataclass(frozen=True)
class OnCall:
    """The content of on-call alerts: the cadence of each urgency, what is written, and how claims are read.

    For ``claim_counts`` after a claim somebody is taken to be at it, so that the same need opens no other case.
    """

    cadences: Mapping[str, Cadence]
    texts: Mapping[str, str]
    claim_counts: timedelta = timedelta(0)
    words: ClaimWords = ClaimWords()


class Case(Protocol):
    """What is asked of a case that is not resolved."""

    @property
    def urgency(self) -> str:
        """now, today or soon."""

    @property
    def claimed_at(self) -> datetime | None:
        """When somebody took it; None while it is open."""


def somebody_is_told(cases: Iterable[Case], urgency: str, now: datetime, claim_counts: timedelta) -> bool:
    """Whether one of these unresolved cases of a kind does for what was said ``now``, which is of this urgency.

    An open one does, since it is told until it is claimed, and one that was claimed just now; neither does for
    something more urgent. What cannot wait at all is told anew every time.
    """
    if urgency == "now":
        return False
    good = (case for case in cases if not is_more_urgent(urgency, case.urgency))
    return any(case.claimed_at is None or now - case.claimed_at < claim_counts for case in good)


def is_more_urgent(one: str, other: str) -> bool:
    """Whether ``one`` (now, today or soon) can wait less than ``other``."""
    return _URGENCIES.index(one) < _URGENCIES.index(other)


@dataclass(frozen=True)
class Hours:
    """When somebody can be reached: spans of the week in their own time zone."""

    spans: tuple[tuple[frozenset[int], time, time], ...]
    timezone: str

    @classmethod
    def parse(cls, written: str, timezone: str) -> Hours:
        """``mon-fri 08:00-18:00, sat 09:00-12:00``; a span may pass midnight. Raises ``ValueError``, which says why."""
        parts = [part.strip().lower() for part in written.split(",")]
        return cls(tuple(_span(part) for part in parts), timezone)

    def cover(self, at: datetime) -> bool:
        """Whether ``at`` (aware) lies in one of the spans."""
        local = at.astimezone(ZoneInfo(self.timezone))
        return any(_covers(span, local) for span in self.spans)


class Listed(Protocol):
    """What the line needs to know of somebody on call."""

    @property
    def clinic(self) -> str | None:
        """The clinic they serve; None is every clinic."""

    @property
    def reached(self) -> Hours | None:
        """When they can be reached; None is at any time."""


Person = TypeVar("Person", bound=Listed)


def line_up(people: Sequence[Person], clinic: str | None, at: datetime) -> list[Person]:
    """The line for a case of ``clinic``: its own people first, then those of every clinic, in their given order.

    Who is off duty is left out, unless everybody is: then the whole line is told, because nobody is worse.
    """
    own = [p for p in people if p.clinic is not None and clinic is not None and _same(p.clinic, clinic)]
    line = own + [p for p in people if p.clinic is None]
    on_duty = [p for p in line if p.reached is None or p.reached.cover(at)]
    return on_duty or line or list(people)


def pick(line: Sequence[Person], places: Sequence[int]) -> list[Person]:
    """The people at ``places`` of the line. Nobody stands at any of them, or none is named: everybody."""
    chosen = [line[place - 1] for place in places if place <= len(line)]
    return chosen or list(line)


def case_code(escalation_id: str) -> str:
    """Six letters and digits that stand for a case in a text: easy to type, and they tell nothing."""
    number = int.from_bytes(hashlib.sha256(escalation_id.encode()).digest()[:8], "big")
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(CODE_LENGTH))


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _span(part: str) -> tuple[frozenset[int], time, time]:
    found = _SPAN.fullmatch(part)
    if found is None or any(day not in _DAYS for day in found.group(1, 2) if day):
        raise ValueError("hours such as mon-fri 08:00-18:00, sat 09:00-12:00")
    first = _DAYS.index(found.group(1))
    last = _DAYS.index(found.group(2) or found.group(1))
    days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
    return days, time(int(found.group(3)), int(found.group(4))), time(int(found.group(5)), int(found.group(6)))


def _covers(span: tuple[frozenset[int], time, time], local: datetime) -> bool:
    days, begin, end = span
    at = local.time()
    if begin < end:
        return local.weekday() in days and begin <= at < end
    # Past midnight, or round the clock when both are the same.
    return (local.weekday() in days and at >= begin) or ((local.weekday() - 1) % 7 in days and at < end)
