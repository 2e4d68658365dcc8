"""How often one address may ask for what is not there, so that links are not guessed at leisure."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
MOST = 30
KEPT = 10_000


class Misses:
    """Counts misses by address over a minute, in memory: each process counts its own."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def add(self, address: str, now: datetime) -> None:
        """One more miss from this address at ``now``."""
        with self._lock:
            began, count = self._counts.pop(address, (now, 0))
            if now - began >= WINDOW:
                began, count = now, 0
            self._counts[address] = (began, count + 1)
            while len(self._counts) > KEPT:
                self._counts.popitem(last=False)

    def too_many(self, address: str, now: datetime) -> bool:
        """Whether this address has missed too often in the last minute."""
        with self._lock:
            began, count = self._counts.get(address, (now, 0))
            return count >= MOST and now - began < WINDOW
