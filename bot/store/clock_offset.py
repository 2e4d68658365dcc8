"""How far the virtual clock runs ahead of the machine's, for every process alike.

These take the engine: the clock is made before there is a :class:`bot.store.database.Database`.
"""

from __future__ import annotations

from sqlalchemy import Engine, insert, select, update

from bot.store.tables import ClockOffset


def read(engine: Engine) -> float:
    """Seconds ahead; 0.0 when the clock was never moved."""
    with engine.connect() as connection:
        found = connection.execute(select(ClockOffset.seconds).where(ClockOffset.id == 1)).scalar_one_or_none()
    return found or 0.0


def write(engine: Engine, seconds: float) -> None:
    """Set the offset. The last writer wins."""
    with engine.execution_options(followthrough_write=True).begin() as connection:
        if not connection.execute(update(ClockOffset).where(ClockOffset.id == 1).values(seconds=seconds)).rowcount:
            connection.execute(insert(ClockOffset).values(id=1, seconds=seconds))
