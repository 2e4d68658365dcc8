"""A clock that runs ahead of the machine's, by an offset that all processes read from the database."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, SystemClock
from bot.store import clock_offset

CACHED_SECONDS = 0.1


class ClockMovedBack(ValueError):
    """Time was asked to go backwards."""


class VirtualClock:
    """A :class:`bot.clock.Clock` that can be moved forward. Every process sees a move within ``CACHED_SECONDS``.

    While the database is away it keeps the offset it read last. Safe to share between threads.
    """

    def __init__(self, engine: Engine, machine: Clock | None = None) -> None:
        """``machine`` is the clock it runs ahead of."""
        self._engine = engine
        self._machine = machine or SystemClock()
        self._ahead = timedelta()
        self._read_again_at = float("-inf")

    def now(self) -> datetime:
        """The machine's time plus the offset, aware UTC."""
        if time.monotonic() >= self._read_again_at:
            self._read()
        return self._machine.now() + self._ahead

    def move_to(self, at: datetime) -> datetime:
        """Move to ``at``, an aware time, and give the new time. Raises :class:`ClockMovedBack` for one that is past."""
        self._read()
        if at < self.now():
            raise ClockMovedBack("the clock only moves forward")
        self._keep(at - self._machine.now())
        return self.now()

    def _keep(self, ahead: timedelta) -> None:
        clock_offset.write(self._engine, ahead.total_seconds())
        self._read()

    def _read(self) -> None:
        # A webhook must be answered, and spooled, without the database too.
        with suppress(SQLAlchemyError):
            self._ahead = timedelta(seconds=clock_offset.read(self._engine))
        self._read_again_at = time.monotonic() + CACHED_SECONDS
