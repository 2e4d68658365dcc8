"""Token buckets of one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class MemoryBuckets:
    """See :class:`bot.adapters.ports.Buckets`. Each sender gets ``rate`` segments a second and holds ``burst``."""

    def __init__(self, rate: float, burst: float, seconds: Callable[[], float] = time.monotonic) -> None:
        """``seconds`` is any clock that only goes forward."""
        self._rate = rate
        self._burst = burst
        self._seconds = seconds
        self._guard = threading.Lock()
        self._level: dict[str, tuple[float, float]] = {}

    def take(self, sender: str, cost: int) -> float:
        """Take ``cost`` segments and answer 0.0, or take none and answer the seconds after which to ask again."""
        with self._guard:
            now = self._seconds()
            level, at = self._level.get(sender, (self._burst, now))
            level = min(self._burst, level + (now - at) * self._rate)
            short = min(cost, self._burst) - level
            if short > 0:
                return short / self._rate
            self._level[sender] = (level - cost, now)
            return 0.0
