"""What an API write with an ``Idempotency-Key`` answered, to be answered again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from bot.store import tables
from bot.store.database import Transaction
from bot.store.errors import KeyReused, NotFound, RequestInProgress
from bot.store.rows import changed, insert_new

_BODY = "idempotent_reply.body_sealed"
_UNANSWERED = 0
# A request that has not been answered after this long died with its process.
ABANDONED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class StoredReply:
    """An answer given before: HTTP status and body."""

    status: int
    body: str


def begin(tx: Transaction, token_id: str, key: str, request_digest: str) -> StoredReply | None:
    """None when the request is to be done now; the earlier answer when it was done.

    Raises :class:`KeyReused` when the key came with another request, and :class:`RequestInProgress` when
    the first one is not answered yet. Begun and finished in one transaction, a second one waits instead.
    """
    if _insert(tx, token_id, key, request_digest):
        return None
    row = tx.session.execute(select(tables.IdempotentReply).where(_this(token_id, key)).with_for_update()).scalar_one()
    if row.request_digest != request_digest:
        raise KeyReused("the Idempotency-Key was used for another request")
    if row.status != _UNANSWERED:
        return StoredReply(row.status, tx.vault.open(row.body_sealed, _BODY))
    if row.created_at > tx.now() - ABANDONED_AFTER:
        raise RequestInProgress("the first request with this Idempotency-Key is not answered yet")
    row.created_at = tx.now()
    tx.session.flush()
    return None


def finish(tx: Transaction, token_id: str, key: str, status: int, body: str) -> None:
    """Keep the answer. Raises :class:`NotFound` when it was not begun."""
    values = {"status": status, "body_sealed": tx.vault.seal(body, _BODY)}
    kept = update(tables.IdempotentReply).where(_this(token_id, key)).values(**values)
    if not changed(tx.session.execute(kept)):
        raise NotFound("no such idempotent request")


def abandon(tx: Transaction, token_id: str, key: str) -> None:
    """The request failed and may be made again with this key."""
    tx.session.execute(delete(tables.IdempotentReply).where(_this(token_id, key)))


def prune(tx: Transaction, before: datetime) -> int:
    """Forget the answers from before this time and say how many."""
    old = delete(tables.IdempotentReply).where(tables.IdempotentReply.created_at < before)
    return changed(tx.session.execute(old))


def forget_mentions(tx: Transaction, patient_id: str) -> int:
    """Delete the answers that name this patient, and say how many. Reads every kept answer."""
    reply = tables.IdempotentReply
    names = (patient_id, json.dumps(patient_id)[1:-1])
    gone = 0
    for row in tx.session.execute(select(reply)).scalars().all():
        body = tx.vault.open(row.body_sealed, _BODY)
        if any(name in body for name in names):
            tx.session.delete(row)
            gone += 1
    tx.session.flush()
    return gone


def _insert(tx: Transaction, token_id: str, key: str, request_digest: str) -> bool:
    values = {
        "token_id": token_id,
        "key": key,
        "request_digest": request_digest,
        "status": _UNANSWERED,
        "body_sealed": tx.vault.seal("", _BODY),
        "created_at": tx.now(),
    }
    return insert_new(tx, tables.IdempotentReply, values)


def _this(token_id: str, key: str) -> ColumnElement[bool]:
    return (tables.IdempotentReply.token_id == token_id) & (tables.IdempotentReply.key == key)
