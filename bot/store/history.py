"""What was said between a patient and the bot, both ways, in the order of time."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from bot.store.database import Transaction
from bot.store.paging import BadCursor, Page, cursor, later_than, read_cursor
from bot.store.tables import Inbound, Message


@dataclass(frozen=True)
class HistoryMessage:
    """One text. ``status`` is Twilio's word, or ours while Twilio has said nothing."""

    id: str
    direction: str
    channel: str
    body: str
    status: str
    error_code: int | None
    purpose: str | None
    at: datetime
    key: str


def history(tx: Transaction, patient_id: str, after: str | None, limit: int) -> Page[HistoryMessage]:
    """The patient's texts, in and out. Of equal times the inbound one comes first. Raises ``BadCursor``."""
    came = [_came(tx, row) for row in tx.session.execute(_inbound(patient_id, after, limit)).scalars()]
    went = [_went(tx, row) for row in tx.session.execute(_outbound(patient_id, after, limit)).scalars()]
    merged = list(heapq.merge(came, went, key=lambda message: message.at))
    items = merged[:limit]
    more = cursor(items[-1].at, items[-1].key) if len(merged) > limit else None
    return Page(tuple(items), more)


def latest_sent(tx: Transaction, patient_id: str, limit: int) -> list[HistoryMessage]:
    """The latest texts to the patient, in the order of time."""
    query = select(Message).where(Message.patient_id == patient_id)
    query = query.order_by(Message.created_at.desc(), Message.seq.desc()).limit(limit)
    return [_went(tx, row) for row in reversed(tx.session.execute(query).scalars().all())]


def _inbound(patient_id: str, after: str | None, limit: int) -> Select[Inbound]:
    query = select(Inbound).where(Inbound.patient_id == patient_id, Inbound.kind == "text")
    if after is not None:
        at, direction, seq = _place(after)
        later = later_than(Inbound.received_at, Inbound.seq, at, seq)
        query = query.where(later if direction == "in" else Inbound.received_at > at)
    return query.order_by(Inbound.received_at, Inbound.seq).limit(limit + 1)


def _outbound(patient_id: str, after: str | None, limit: int) -> Select[Message]:
    query = select(Message).where(Message.patient_id == patient_id)
    if after is not None:
        at, direction, seq = _place(after)
        later = later_than(Message.created_at, Message.seq, at, seq)
        query = query.where(later if direction == "out" else Message.created_at >= at)
    return query.order_by(Message.created_at, Message.seq).limit(limit + 1)


def _place(after: str) -> tuple[datetime, str, int]:
    at, key = read_cursor(after)
    direction, _, seq = key.partition(":")
    if direction not in ("in", "out") or not seq.isdecimal():
        raise BadCursor("not a cursor of this list")
    return at, direction, int(seq)


def _came(tx: Transaction, row: Inbound) -> HistoryMessage:
    return HistoryMessage(
        id=row.id,
        direction="in",
        channel=row.channel,
        body=tx.vault.open(row.body_sealed, "inbound.body_sealed"),
        status="received",
        error_code=None,
        purpose=None,
        at=row.received_at,
        key=f"in:{row.seq}",
    )


def _went(tx: Transaction, row: Message) -> HistoryMessage:
    return HistoryMessage(
        id=row.id,
        direction="out",
        channel=row.channel,
        body=tx.vault.open(row.body_sealed, "message.body_sealed"),
        status=row.status or row.state,
        error_code=row.error_code,
        purpose=row.purpose,
        at=row.created_at,
        key=f"out:{row.seq}",
    )
