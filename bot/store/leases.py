"""What the two queues share: when a row is due, and one claim at a time for a thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, text

from bot.store.database import Transaction
from bot.store.tables import Inbound, Message

OPEN = ("waiting", "claimed")
# A candidate can be lost between reading and claiming only when another worker claims on the same thread.
TRIES = 5


def due(model: type[Inbound] | type[Message], now: datetime) -> ColumnElement[bool]:
    """Waiting and its time has come, or claimed by a worker whose lease ran out."""
    return or_(
        and_(model.state == "waiting", model.next_attempt_at <= now),
        and_(model.state == "claimed", model.lease_until <= now),
    )


def first_free(tx: Transaction, query: Select[Any], model: type[Inbound] | type[Message]) -> Any | None:
    """The first row of ``query``, locked; on PostgreSQL rows that another worker has locked are passed over."""
    return tx.session.execute(query.limit(1).with_for_update(of=model, skip_locked=True)).scalar_one_or_none()


def hold_thread(tx: Transaction, thread: str) -> None:
    """Let no other worker claim on this thread until the transaction ends.

    SQLite has one writer at a time, so nothing is to be done there.
    """
    if tx.dialect == "postgresql":
        tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:thread, 0))"), {"thread": thread})


def until_settled(attempt: Callable[[], tuple[bool, Any]]) -> Any:
    """Call ``attempt`` until it says that it settled (with a claim, or with nothing to claim)."""
    for _ in range(TRIES):
        settled, claimed = attempt()
        if settled:
            return claimed
    return None
