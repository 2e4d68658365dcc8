"""What the two queues share: when a row is due, and one claim at a time for a thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Update,
    and_,
    bindparam,
    literal_column,
    or_,
    text,
    update,
)

from bot.store.database import Transaction
from bot.store.tables import Inbound, Message, UtcDateTime

# A candidate can be lost between reading and claiming only when another worker claims on the same thread.
TRIES = 5
NOW = bindparam("now", type_=UtcDateTime())


def unfinished(model: Any) -> ColumnElement[bool]:
    """Waiting or claimed, in the words of the partial indexes: neither database matches them with parameters."""
    literals: list[ColumnElement[str]] = [literal_column("'waiting'"), literal_column("'claimed'")]
    return model.state.in_(literals)  # type: ignore[no-any-return]


def due(model: Any, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Waiting and its time has come, or claimed by a worker whose lease ran out."""
    waits = and_(model.state == "waiting", model.next_attempt_at <= now)
    abandoned = and_(model.state == "claimed", model.lease_until <= now)
    return and_(unfinished(model), or_(waits, abandoned))


def first_of(query: Select[Any], model: type[Inbound] | type[Message]) -> Select[Any]:
    """The first row of ``query``, locked; on PostgreSQL rows that another worker has locked are passed over."""
    return query.limit(1).with_for_update(of=model, skip_locked=True)


def take(model: type[Inbound] | type[Message], free: ColumnElement[bool]) -> Update:
    """Claim a row, if it is still due and its thread free. Parameters: ``wanted`` (seq), ``now, owner, until``."""
    wanted = model.seq == bindparam("wanted")
    values = {
        "state": "claimed",
        "attempts": model.attempts + 1,
        "lease_owner": bindparam("owner", type_=String()),
        "lease_until": bindparam("until", type_=UtcDateTime()),
    }
    return (
        update(model).where(wanted, due(model, NOW), free).values(values).execution_options(synchronize_session=False)
    )


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
