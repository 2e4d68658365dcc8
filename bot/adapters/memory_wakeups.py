"""Wake-ups between the threads of one process."""

from __future__ import annotations

import threading
from collections import defaultdict


class MemoryWakeups:
    """See :class:`bot.adapters.ports.Wakeups`. Reaches this process alone; other processes find work by looking."""

    def __init__(self) -> None:
        """Nothing has been notified yet."""
        self._changed = threading.Condition()
        self._notices: defaultdict[str, int] = defaultdict(int)
        self._heard = threading.local()

    def notify(self, topic: str) -> None:
        """Wake everybody who waits on ``topic``."""
        with self._changed:
            self._notices[topic] += 1
            self._changed.notify_all()

    def wait(self, topic: str, timeout: float) -> bool:
        """True as soon as ``topic`` is notified, False after ``timeout`` seconds."""
        heard: dict[str, int] = self._heard.__dict__
        with self._changed:
            since = heard.get(topic, self._notices[topic])
            woken = self._changed.wait_for(lambda: self._notices[topic] > since, timeout)
            heard[topic] = self._notices[topic]
        return woken

    def close(self) -> None:
        """Nothing is held open."""
