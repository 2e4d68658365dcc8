"""Spreads texts over the minutes in which they may go, no more in a minute than the sender can take."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
# The next allowed instant that is not before the one given, or None.
NextAllowed = Callable[[datetime], datetime | None]


class Spread:
    """Gives each text its minute. Memory grows with the minutes that are used, not with the texts.

    Those who may be texted in the same hours (one ``group``) are taken in the order in which they are asked for.
    """

    def __init__(self, start: datetime, per_minute: float) -> None:
        """``start`` is aware; at least one text a minute goes, however low the rate."""
        self.start = start
        self._most = max(1, int(per_minute))
        self._taken: dict[datetime, int] = {}
        self._next: dict[Hashable, datetime | None] = {}

    def slot(self, group: Hashable, next_allowed: NextAllowed) -> datetime | None:
        """When the next text of this group is to go; None when the group has no allowed hour.

        The instant is allowed, as ``next_allowed`` says, and its minute has room.
        """
        at = self._next[group] if group in self._next else next_allowed(self.start)
        while at is not None and self._taken.get(_minute(at), 0) >= self._most:
            at = next_allowed(max(_minute(at) + MINUTE, self.start))
        self._next[group] = at
        if at is not None:
            self._taken[_minute(at)] = self._taken.get(_minute(at), 0) + 1
        return at


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
