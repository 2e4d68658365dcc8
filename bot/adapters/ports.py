"""The small interfaces to what is speed, not record: wake-ups, sending rates, conversation locks.

Each has an in-process twin (one machine, no Redis) and a Redis one. Losing either loses nothing: the
database's claims, leases and versions decide, these only save time and keep to a rate.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Wakeups(Protocol):
    """Tells waiting workers that there is something to do. A hint: who waits still looks for himself in time."""

    def notify(self, topic: str) -> None:
        """Wake everybody who waits on ``topic``. Never raises: a lost hint costs a moment, no more."""
        ...

    def wait(self, topic: str, timeout: float) -> bool:
        """True as soon as ``topic`` is notified, False after ``timeout`` seconds.

        A notice that came since this thread's last wait on the topic counts, so none falls between two
        waits. The first wait of a thread hears what comes from then on.
        """
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


class Buckets(Protocol):
    """A token bucket for each sender, costed in segments."""

    def take(self, sender: str, cost: int) -> float:
        """Take ``cost`` segments and answer 0.0, or take none and answer the seconds after which to ask again.

        A message larger than the whole bucket is let through when the bucket is full, and paid off after.
        """
        ...


class Locks(Protocol):
    """Locks by opaque name, across all workers that share the adapter."""

    def hold(self, name: str, lease: float = 30.0, wait: float = 0.0) -> AbstractContextManager[bool]:
        """Enter with True when the lock is ours, False when somebody else still has it after ``wait`` seconds.

        A lock that is not given back is free again after ``lease`` seconds. Giving back never frees a lock
        that somebody else has taken since.
        """
        ...
