"""Locks between the threads of one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class MemoryLocks:
    """See :class:`bot.adapters.ports.Locks`. Between processes the database's claims keep order."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """``seconds`` is any clock that only goes forward."""
        self._seconds = seconds
        self._changed = threading.Condition()
        self._held: dict[str, tuple[object, float]] = {}

    @contextmanager
    def hold(self, name: str, lease: float = 30.0, wait: float = 0.0) -> Iterator[bool]:
        """Enter with True when the lock is ours, False when somebody else still has it after ``wait`` seconds."""
        holder = object()
        held = self._acquire(name, holder, lease, self._seconds() + wait)
        try:
            yield held
        finally:
            self._release(name, holder)

    def _acquire(self, name: str, holder: object, lease: float, deadline: float) -> bool:
        with self._changed:
            while True:
                now = self._seconds()
                free_at = self._held[name][1] if name in self._held else now
                if free_at <= now:
                    self._held[name] = (holder, now + lease)
                    return True
                if now >= deadline:
                    return False
                self._changed.wait(min(free_at, deadline) - now)

    def _release(self, name: str, holder: object) -> None:
        with self._changed:
            if name in self._held and self._held[name][0] is holder:
                del self._held[name]
                self._changed.notify_all()
