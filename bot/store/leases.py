"""What the two queues share: when a row is due, and one claim at a time for a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from bot.store.database import Transaction
from bot.store.rows import changed
from bot.store.tables import Inbound, Message, UtcDateTime

Row = TypeVar("Row", Inbound, Message)
# How many due rows are looked at first, and how many times more in each further go.
WINDOW = 50
GROWTH = 20
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


class Queue(Generic[Row]):
    """Finds and takes the next row of a table. Made once: to build the statements takes longer than to run them.

    The due rows are looked through in their order, a few at first: mostly one of them is free. One query for
    all of them would compare and sort the whole backlog for each claim whenever PostgreSQL's statistics are
    from before the backlog came.
    """

    def __init__(
        self,
        model: type[Row],
        order: Sequence[InstrumentedAttribute[int]],
        free: ColumnElement[bool],
        its_turn: ColumnElement[bool],
    ) -> None:
        """``free``: nobody works on the row's thread; ``its_turn``: no row of the thread comes before it."""
        after = [bindparam(f"after_{column.key}", type_=BigInteger()) for column in order]
        labels = [column.label(f"after_{column.key}") for column in order]
        keys = select(*labels).where(due(model, NOW), tuple_(*order) > tuple_(*after)).order_by(*order)
        window = keys.limit(_parameter("size")).subquery()
        inside = select(model).join(window, window.c.after_seq == model.seq)
        candidates = inside.where(due(model, NOW), free, its_turn).order_by(*order)
        self._from_the_start = {parameter.key: -1 for parameter in after}
        self._first: Select[Any] = candidates.limit(1).with_for_update(of=model, skip_locked=True)
        self._edge = keys.offset(_parameter("skipped")).limit(1)
        self._take = _take(model, free)

    def first(self, tx: Transaction) -> Row | None:
        """The first row that may be claimed, locked; None when there is none.

        On PostgreSQL rows that another worker has locked are passed over.
        """
        now, size = tx.now(), WINDOW
        after: dict[str, Any] | None = dict(self._from_the_start)
        while after is not None:
            row: Row | None = tx.session.execute(self._first, {"now": now, "size": size, **after}).scalar_one_or_none()
            if row is not None:
                return row
            edge = tx.session.execute(self._edge, {"now": now, "skipped": size - 1, **after}).one_or_none()
            after = None if edge is None else edge._asdict()
            size *= GROWTH
        return None

    def take(self, tx: Transaction, row: Row, owner: str, lease: timedelta) -> bool:
        """Claim the row; False when another worker was faster. The thread must be held."""
        now = tx.now()
        values = {"wanted": row.seq, "now": now, "owner": owner, "until": now + lease}
        return changed(tx.session.execute(self._take, values)) == 1


def _parameter(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


def _take(model: Any, free: ColumnElement[bool]) -> Update:
    values = {
        "state": "claimed",
        "attempts": model.attempts + 1,
        "lease_owner": bindparam("owner", type_=String()),
        "lease_until": bindparam("until", type_=UtcDateTime()),
    }
    this = update(model).where(model.seq == bindparam("wanted"), due(model, NOW), free).values(values)
    return this.execution_options(synchronize_session=False)


def hold_thread(tx: Transaction, thread: str) -> None:
    """Let no other worker claim on this thread until the transaction ends.

    SQLite has one writer at a time, so nothing is to be done there.
    """
    if tx.dialect == "postgresql":
        tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:thread, 0))"), {"thread": thread})


def until_settled(attempt: Callable[[], tuple[bool | None, Any]]) -> Any:
    """Call ``attempt`` until it says that it settled (with a claim, or with nothing to claim).

    It says None when it took a row out of the queue for good: then it is called again, however often that is.
    """
    tries = 0
    while tries < TRIES:
        settled, claimed = attempt()
        if settled:
            return claimed
        tries += settled is False
    return None
