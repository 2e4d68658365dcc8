"""Spreads texts over the minutes in which they may go, no more in a minute than the sender can take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

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
        self._next: dict[str, datetime | None] = {}

    def to_json(self) -> dict[str, Any]:
        """Everything that :meth:`from_json` needs to go on."""
        return {
            "start": self.start.isoformat(),
            "most": self._most,
            "taken": {at.isoformat(): count for at, count in self._taken.items()},
            "next": {group: at and at.isoformat() for group, at in self._next.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Spread:
        """Read what :meth:`to_json` wrote."""
        made = cls(datetime.fromisoformat(kept["start"]), kept["most"])
        made._taken = {datetime.fromisoformat(at): count for at, count in kept["taken"].items()}
        made._next = {group: datetime.fromisoformat(at) if at else None for group, at in kept["next"].items()}
        return made

    def slot(self, group: str, next_allowed: NextAllowed) -> datetime | None:
        """When the next text of this group is to go; None when the group has no allowed hour.

        The instant is allowed, as ``next_allowed`` says, and its minute has room.
        """
        at = self.next_slot(group, next_allowed)
        if at is not None:
            self._taken[_minute(at)] = self._taken.get(_minute(at), 0) + 1
        return at

    def next_slot(self, group: str, next_allowed: NextAllowed) -> datetime | None:
        """What :meth:`slot` would give; the minute keeps its room."""
        at = self._next[group] if group in self._next else next_allowed(self.start)
        while at is not None and self._taken.get(_minute(at), 0) >= self._most:
            at = next_allowed(max(_minute(at) + MINUTE, self.start))
        self._next[group] = at
        return at


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
