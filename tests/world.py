"""A world that stands still: a clock that moves when told, ids that count."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)  # a Tuesday, in working hours everywhere in the United States


class StandingClock:
    """Gives the same time until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        """Starts at ``at``, an aware time."""
        self._at = at

    def now(self) -> datetime:
        """The time it was last moved to."""
        return self._at

    def advance(self, **by: float) -> datetime:
        """Move by ``timedelta(**by)`` and give the new time."""
        self._at += timedelta(**by)
        return self._at

    def set(self, at: datetime) -> None:
        """Move to ``at``, an aware time."""
        self._at = at


class CountedIds:
    """Gives ``msg_000001``, ``msg_000002`` …: one count for all prefixes, so that order shows."""

    def __init__(self) -> None:
        """Starts at 1."""
        self._count = itertools.count(1)

    def __call__(self, prefix: str) -> str:
        """The next id."""
        return f"{prefix}_{next(self._count):06d}"
