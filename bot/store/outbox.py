"""The outbox: what is to be sent, once, in the order of its phone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, update
from sqlalchemy.orm import aliased

from bot.store import campaigns, escalations
from bot.store.database import Database, Transaction
from bot.store.errors import LeaseLost
from bot.store.history import HistoryMessage as HistoryMessage
from bot.store.history import history as history
from bot.store.leases import Queue, hold_thread, unfinished, until_settled
from bot.store.rows import changed
from bot.store.tables import Message, Phone
from bot.store.vault import VaultError

log = logging.getLogger(__name__)

BODY = "message.body_sealed"
NUMBER = "phone.number_sealed"
_OTHER = aliased(Message)


@dataclass(frozen=True)
class ClaimedMessage:
    """A message that ``owner`` holds. With ``attempted_at`` set, an earlier try may have reached Twilio: look it up."""

    id: str
    seq: int
    conversation_id: str
    patient_id: str
    phone_id: str
    number_hash: str
    to_address: str
    inbound_id: str | None
    enrolment_id: str | None
    channel: str
    body: str
    purpose: str
    proactive: bool
    after_opt_out: bool
    priority: int
    segments: int
    attempts: int
    attempted_at: datetime | None
    created_at: datetime
    owner: str


def put(
    tx: Transaction,
    *,
    conversation_id: str,
    patient_id: str,
    phone_id: str,
    inbound_id: str | None,
    channel: str,
    body: str,
    purpose: str,
    segments: int,
    proactive: bool = False,
    priority: int = 0,
    after_opt_out: bool = False,
    enrolment_id: str | None = None,
) -> str:
    """Queue a text and give its id. It can be claimed once the transaction commits."""
    now = tx.now()
    row = Message(
        id=tx.new_id("msg"),
        conversation_id=conversation_id,
        patient_id=patient_id,
        phone_id=phone_id,
        inbound_id=inbound_id,
        enrolment_id=enrolment_id,
        channel=channel,
        body_sealed=tx.vault.seal(body, BODY),
        purpose=purpose,
        proactive=proactive,
        after_opt_out=after_opt_out,
        priority=priority,
        segments=segments,
        next_attempt_at=now,
        created_at=now,
        updated_at=now,
    )
    tx.session.add(row)
    # Flushed at once: rows of one transaction keep the order in which they were put.
    tx.session.flush()
    return row.id


def claim(
    db: Database, owner: str, lease: timedelta, ready: Callable[[ClaimedMessage], bool] | None = None
) -> ClaimedMessage | None:
    """Claim the most urgent due message whose phone is free, or None. Commits before it returns.

    By ``priority``, then in the order they were put. A phone has one message in the air at a time, one with
    an unknown outcome included, and no message overtakes an earlier one of the same or a more urgent priority.
    ``ready`` is asked last, inside the transaction; when it says no, nothing is claimed. A message that the vault
    cannot open fails with a case for a person, and the next one is claimed: it must hold up nobody.
    """
    return until_settled(lambda: _try_claim(db, owner, lease, ready))  # type: ignore[no-any-return]


def mark_attempted(tx: Transaction, claimed: ClaimedMessage) -> None:
    """The request to Twilio is about to be made: from now on the outcome is unknown. Commit before making it.

    Raises :class:`LeaseLost`, also when the message was cancelled in the meantime.
    """
    _update_held(tx, claimed, attempted_at=tx.now())


def handed_over(tx: Transaction, message_id: str, sid: str, status: str) -> bool:
    """Twilio has the message. Recorded whoever holds the lease, because it is a fact; False when it was already."""
    now = tx.now()
    values = {"state": "handed_over", "twilio_sid": sid, "status": status, "handed_over_at": now, "updated_at": now}
    this = and_(Message.id == message_id, Message.twilio_sid.is_(None))
    done = update(Message).where(this).values(**values, error_code=None, lease_owner=None, lease_until=None)
    return changed(tx.session.execute(done)) == 1


def retry_later(
    tx: Transaction,
    claimed: ClaimedMessage,
    at: datetime,
    *,
    error_code: int | None = None,
    outcome_unknown: bool = False,
    count_attempt: bool = True,
) -> None:
    """Put the message back until ``at``. Raises LeaseLost.

    With ``outcome_unknown`` the next claim has ``attempted_at`` set; without it Twilio surely has not taken it.
    """
    attempts = claimed.attempts if count_attempt else claimed.attempts - 1
    values: dict[str, Any] = {"state": "waiting", "next_attempt_at": at, "error_code": error_code, "attempts": attempts}
    if not outcome_unknown:
        values["attempted_at"] = None
    _leave(tx, claimed, **values)


def failed(tx: Transaction, claimed: ClaimedMessage, error_code: int | None) -> None:
    """It cannot be sent, for good. Raises LeaseLost."""
    _leave(tx, claimed, state="failed", error_code=error_code)


def refused(tx: Transaction, claimed: ClaimedMessage) -> None:
    """The gate does not let it out. Raises LeaseLost."""
    _leave(tx, claimed, state="refused")


def cancel_for_phone(tx: Transaction, phone_id: str) -> int:
    """Cancel what waits for this phone and say how many.

    What may already be at Twilio stays, to be looked up, and so does what may be sent after an opt-out.
    """
    return _cancel(tx, Message.phone_id == phone_id)


def cancel_for_patient(tx: Transaction, phone_id: str, patient_id: str) -> int:
    """Cancel what waits for this patient on this phone, as :func:`cancel_for_phone` does; the others' stays."""
    return _cancel(tx, and_(Message.phone_id == phone_id, Message.patient_id == patient_id))


def cancel_enrolment(tx: Transaction, enrolment_id: str) -> int:
    """Cancel what waits for this enrolment, as :func:`cancel_for_phone` does."""
    return _cancel(tx, Message.enrolment_id == enrolment_id)


def counts(tx: Transaction) -> dict[str, int]:
    """How many unfinished messages wait and how many are claimed."""
    query = select(Message.state, func.count()).where(unfinished(Message)).group_by(Message.state)
    return {state: count for state, count in tx.session.execute(query)}


def oldest_waiting(tx: Transaction) -> datetime | None:
    """When the oldest message that is still to be sent was put; None when there is none."""
    return tx.session.execute(select(func.min(Message.created_at)).where(unfinished(Message))).scalar_one()


def _cancel(tx: Transaction, which: ColumnElement[bool]) -> int:
    untouched = and_(unfinished(Message), Message.attempted_at.is_(None), not_(Message.after_opt_out))
    values = {"state": "cancelled", "lease_owner": None, "lease_until": None, "updated_at": tx.now()}
    return changed(tx.session.execute(update(Message).where(which, untouched).values(**values)))


def _try_claim(
    db: Database, owner: str, lease: timedelta, ready: Callable[[ClaimedMessage], bool] | None
) -> tuple[bool | None, ClaimedMessage | None]:
    with db.write() as tx:
        row = _QUEUE.first(tx)
        if row is None:
            return True, None
        hold_thread(tx, row.phone_id)
        claimed = _opened(tx, row, owner)
        if claimed is not None and ready is not None and not ready(claimed):
            return True, None
        if not _QUEUE.take(tx, row, owner, lease):
            return False, None
        if claimed is None:
            _fail_unread(tx, row)
            return None, None
        return True, claimed


def _opened(tx: Transaction, row: Message, owner: str) -> ClaimedMessage | None:
    try:
        return _claimed(tx, row, owner)
    except VaultError:
        return None


def _fail_unread(tx: Transaction, row: Message) -> None:
    """The text or the number is lost: it cannot be sent, and a person is told."""
    values = {"state": "failed", "lease_owner": None, "lease_until": None, "updated_at": tx.now()}
    tx.session.execute(update(Message).where(Message.seq == row.seq).values(**values))
    if row.enrolment_id is not None:
        campaigns.set_enrolment_state(tx, row.enrolment_id, "failed", "unreadable")
    escalations.create(
        tx,
        patient_id=row.patient_id,
        conversation_id=row.conversation_id,
        inbound_id=row.inbound_id,
        kind="message_failed",
        urgency="soon" if row.proactive else "today",
    )
    log.error("message_unreadable message=%s", row.id)


def _in_the_air(row: Any) -> ColumnElement[bool]:
    """Held by a worker, or tried with an unknown outcome."""
    return or_(row.state == "claimed", and_(row.state == "waiting", row.attempted_at.is_not(None)))


def _phone_free() -> ColumnElement[bool]:
    """Nothing else for the phone is in the air."""
    same = and_(_OTHER.phone_id == Message.phone_id, _OTHER.seq != Message.seq)
    held = select(_OTHER.seq).where(same, unfinished(_OTHER), _in_the_air(_OTHER))
    return ~held.correlate(Message).exists()


def _next_for_phone() -> ColumnElement[bool]:
    """Nothing earlier waits; what is in the air already is settled before anything else."""
    same = and_(_OTHER.phone_id == Message.phone_id, _OTHER.seq < Message.seq, _OTHER.priority <= Message.priority)
    earlier = select(_OTHER.seq).where(same, unfinished(_OTHER))
    return or_(_in_the_air(Message), ~earlier.correlate(Message).exists())


_QUEUE = Queue(Message, [Message.priority, Message.seq], _phone_free(), _next_for_phone())


def _claimed(tx: Transaction, row: Message, owner: str) -> ClaimedMessage:
    phone = tx.session.get_one(Phone, row.phone_id)
    return ClaimedMessage(
        id=row.id,
        seq=row.seq,
        conversation_id=row.conversation_id,
        patient_id=row.patient_id,
        phone_id=row.phone_id,
        number_hash=phone.number_hash,
        to_address=tx.vault.open(phone.number_sealed, NUMBER),
        inbound_id=row.inbound_id,
        enrolment_id=row.enrolment_id,
        channel=row.channel,
        body=tx.vault.open(row.body_sealed, BODY),
        purpose=row.purpose,
        proactive=row.proactive,
        after_opt_out=row.after_opt_out,
        priority=row.priority,
        segments=row.segments,
        attempts=row.attempts + 1,
        attempted_at=row.attempted_at,
        created_at=row.created_at,
        owner=owner,
    )


def _leave(tx: Transaction, claimed: ClaimedMessage, **values: Any) -> None:
    _update_held(tx, claimed, lease_owner=None, lease_until=None, updated_at=tx.now(), **values)


def _update_held(tx: Transaction, claimed: ClaimedMessage, **values: Any) -> None:
    held = and_(
        Message.id == claimed.id,
        Message.state == "claimed",
        Message.lease_owner == claimed.owner,
        Message.attempts == claimed.attempts,
    )
    result = tx.session.execute(update(Message).where(held).values(**values))
    if not changed(result):
        raise LeaseLost(f"{claimed.id} is no longer held by {claimed.owner}")
