"""What is to be taken a turn on: stored once, claimed in the order of its thread, finished once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.store import audit, escalations
from bot.store.database import Database, Transaction
from bot.store.errors import LeaseLost
from bot.store.leases import Queue, hold_thread, unfinished, until_settled
from bot.store.rows import changed, insert_new
from bot.store.tables import Inbound
from bot.store.vault import VaultError

log = logging.getLogger(__name__)

_FROM = "inbound.from_sealed"
_BODY = "inbound.body_sealed"
_OTHER = aliased(Inbound)


@dataclass(frozen=True)
class ClaimedInbound:
    """A row that ``owner`` holds until its lease runs out. ``attempts`` counts this one."""

    id: str
    seq: int
    message_sid: str
    kind: str
    channel: str
    number_hash: str
    from_address: str
    to_address: str
    body: str
    num_media: int
    opt_out_type: str | None
    detail: dict[str, Any]
    received_at: datetime
    attempts: int
    owner: str


def store(
    tx: Transaction,
    *,
    message_sid: str,
    kind: str,
    channel: str,
    from_address: str,
    to_address: str,
    body: str,
    num_media: int = 0,
    opt_out_type: str | None = None,
    detail: Mapping[str, Any] | None = None,
    received_at: datetime,
    priority: int = 0,
) -> str | None:
    """Keep a message and give its id; None when this MessageSid is there already. Atomic, never an error."""
    row_id = tx.new_id("in")
    values = {
        "id": row_id,
        "message_sid": message_sid,
        "kind": kind,
        "channel": channel,
        "number_hash": tx.vault.number_hash(from_address),
        "from_sealed": tx.vault.seal(from_address, _FROM),
        "to_address": to_address,
        "body_sealed": tx.vault.seal(body, _BODY),
        "num_media": num_media,
        "opt_out_type": opt_out_type,
        "detail": dict(detail or {}),
        "received_at": received_at,
        "priority": priority,
        "next_attempt_at": received_at,
    }
    return row_id if insert_new(tx, Inbound, values) else None


def last_text(tx: Transaction, conversation_id: str) -> datetime | None:
    """When somebody last wrote in this conversation, as far as a turn was taken on it; None when nobody did."""
    texts = select(func.max(Inbound.received_at)).where(
        Inbound.conversation_id == conversation_id, Inbound.kind == "text"
    )
    found: datetime | None = tx.session.execute(texts).scalar_one_or_none()
    return found


def last_text_of(tx: Transaction, patient_id: str) -> datetime | None:
    """When the patient last wrote, in whatever conversation, as far as a turn was taken on it; None when never."""
    texts = select(func.max(Inbound.received_at)).where(Inbound.patient_id == patient_id, Inbound.kind == "text")
    found: datetime | None = tx.session.execute(texts).scalar_one_or_none()
    return found


def last_ended_as(tx: Transaction, patient_id: str, outcome: str) -> datetime | None:
    """When a turn of the patient's last ended as ``outcome``; None when none did."""
    turns = select(func.max(Inbound.done_at)).where(Inbound.patient_id == patient_id, Inbound.outcome == outcome)
    found: datetime | None = tx.session.execute(turns).scalar_one_or_none()
    return found


def claim(db: Database, owner: str, lease: timedelta) -> ClaimedInbound | None:
    """Claim the oldest due row of the most urgent priority whose thread is free, or None. Commits before it returns.

    A thread (one ``number_hash``) is worked on by one worker at a time and in the order of arrival: a row
    waits for every earlier unfinished one, also for one that waits for its next attempt. A row that the vault
    cannot open is set aside with a case for a person, and the next one is claimed: it must hold up nobody.
    """
    return until_settled(lambda: _try_claim(db, owner, lease))  # type: ignore[no-any-return]


def claim_behind(db: Database, head: ClaimedInbound, after: int, owner: str, lease: timedelta) -> ClaimedInbound | None:
    """Claim the next text of the thread of ``head`` after row ``after``, although ``head`` is not done.

    Only for what must not wait for its turn (a STOP, a cry for help): whoever claims so gives the row back unless
    it is that. None when there is no such text, or when the thread is worked on.
    """
    with db.write() as tx:
        hold_thread(tx, head.number_hash)
        behind = select(Inbound).where(
            Inbound.number_hash == head.number_hash,
            Inbound.seq > after,
            Inbound.state == "waiting",
            Inbound.kind == "text",
        )
        row = tx.session.execute(behind.order_by(Inbound.seq).limit(1)).scalar_one_or_none()
        if row is None or not _QUEUE.take(tx, row, owner, lease):
            return None
        try:
            return _claimed(tx, row, owner)
        except VaultError as error:
            _set_aside_unread(tx, row, type(error).__name__)
            return None


def finish(
    tx: Transaction, claimed: ClaimedInbound, outcome: str, conversation_id: str | None, patient_id: str | None
) -> None:
    """The turn is done. Raises :class:`LeaseLost`, so that a late worker's whole transaction rolls back."""
    done = {"state": "done", "outcome": outcome[:80], "done_at": tx.now()}
    _leave(tx, claimed, **done, conversation_id=conversation_id, patient_id=patient_id)


def retry_later(tx: Transaction, claimed: ClaimedInbound, error: str, at: datetime, count_attempt: bool = True) -> None:
    """Put the row back until ``at``. ``error`` is the class of the error, never its text. Raises LeaseLost."""
    attempts = claimed.attempts if count_attempt else claimed.attempts - 1
    _leave(tx, claimed, state="waiting", outcome=error[:80], next_attempt_at=at, attempts=attempts)


def set_aside(
    tx: Transaction,
    claimed: ClaimedInbound,
    error: str,
    conversation_id: str | None = None,
    patient_id: str | None = None,
) -> None:
    """Give the row up; the thread goes on with the next one. Raises LeaseLost.

    With the ids, the text is in the patient's history, and goes when the patient is erased.
    """
    given_up = {"state": "set_aside", "outcome": error[:80], "done_at": tx.now()}
    _leave(tx, claimed, **given_up, conversation_id=conversation_id, patient_id=patient_id)


def renew(tx: Transaction, claimed: ClaimedInbound, lease: timedelta) -> None:
    """Hold the row for another ``lease`` from now. Raises LeaseLost."""
    _update_held(tx, claimed, lease_until=tx.now() + lease)


def counts(tx: Transaction) -> dict[str, int]:
    """How many unfinished rows wait and how many are claimed."""
    query = select(Inbound.state, func.count()).where(unfinished(Inbound)).group_by(Inbound.state)
    return {state: count for state, count in tx.session.execute(query)}


def oldest_waiting(tx: Transaction) -> datetime | None:
    """When the oldest unfinished row came in; None when there is none."""
    return tx.session.execute(select(func.min(Inbound.received_at)).where(unfinished(Inbound))).scalar_one()


def _try_claim(db: Database, owner: str, lease: timedelta) -> tuple[bool | None, ClaimedInbound | None]:
    with db.write() as tx:
        row = _QUEUE.first(tx)
        if row is None:
            return True, None
        hold_thread(tx, row.number_hash)
        if not _QUEUE.take(tx, row, owner, lease):
            return False, None
        try:
            return True, _claimed(tx, row, owner)
        except VaultError as error:
            _set_aside_unread(tx, row, type(error).__name__)
            return None, None


def _set_aside_unread(tx: Transaction, row: Inbound, error: str) -> None:
    """Nobody can say any more whose text it was: a person is told that there was one."""
    values = {"state": "set_aside", "outcome": error, "done_at": tx.now(), "lease_owner": None, "lease_until": None}
    tx.session.execute(update(Inbound).where(Inbound.seq == row.seq).values(**values))
    escalations.create(
        tx,
        patient_id=None,
        conversation_id=None,
        inbound_id=row.id,
        kind="message_not_handled",
        urgency="today",
    )
    audit.record(tx, "worker", "message_set_aside", "inbound", row.id, error=error)
    log.error("inbound_unreadable inbound=%s error=%s", row.id, error)


def _thread_free() -> ColumnElement[bool]:
    """No row of the thread is held."""
    same = and_(_OTHER.number_hash == Inbound.number_hash, _OTHER.seq != Inbound.seq)
    held = select(_OTHER.seq).where(same, unfinished(_OTHER), _OTHER.state == "claimed")
    return ~held.correlate(Inbound).exists()


def _next_in_thread() -> ColumnElement[bool]:
    """No earlier unfinished row; a row whose worker died comes before everything else of its thread."""
    same = and_(_OTHER.number_hash == Inbound.number_hash, _OTHER.seq < Inbound.seq)
    earlier = select(_OTHER.seq).where(same, unfinished(_OTHER))
    return or_(Inbound.state == "claimed", ~earlier.correlate(Inbound).exists())


_QUEUE = Queue(Inbound, [Inbound.priority, Inbound.seq], _thread_free(), _next_in_thread())


def _claimed(tx: Transaction, row: Inbound, owner: str) -> ClaimedInbound:
    return ClaimedInbound(
        id=row.id,
        seq=row.seq,
        message_sid=row.message_sid,
        kind=row.kind,
        channel=row.channel,
        number_hash=row.number_hash,
        from_address=tx.vault.open(row.from_sealed, _FROM),
        to_address=row.to_address,
        body=tx.vault.open(row.body_sealed, _BODY),
        num_media=row.num_media,
        opt_out_type=row.opt_out_type,
        detail=row.detail,
        received_at=row.received_at,
        attempts=row.attempts + 1,
        owner=owner,
    )


def _leave(tx: Transaction, claimed: ClaimedInbound, **values: Any) -> None:
    _update_held(tx, claimed, lease_owner=None, lease_until=None, **values)


def _update_held(tx: Transaction, claimed: ClaimedInbound, **values: Any) -> None:
    held = and_(
        Inbound.id == claimed.id,
        Inbound.state == "claimed",
        Inbound.lease_owner == claimed.owner,
        Inbound.attempts == claimed.attempts,
    )
    result = tx.session.execute(update(Inbound).where(held).values(**values))
    if not changed(result):
        raise LeaseLost(f"{claimed.id} is no longer held by {claimed.owner}")
