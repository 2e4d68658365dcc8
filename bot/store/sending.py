"""What the sender and the receipts ask of the outbox beyond claiming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update

from bot.store.database import Transaction
from bot.store.leases import due, unfinished
from bot.store.receipts import StoredReceipt
from bot.store.rows import changed
from bot.store.tables import Campaign, Conversation, Enrolment, Inbound, Message, Receipt

# Behind everything else: replies are 0, bulk is 1.
RESEND_PRIORITY = 2


def anything_due(tx: Transaction) -> bool:
    """Whether it is worth claiming. Reads only, so that an idle sender keeps nobody from writing."""
    return tx.session.execute(select(Message.seq).where(due(Message, tx.now())).limit(1)).first() is not None


@dataclass(frozen=True)
class Waited:
    """Messages of ``channel`` wait because of the error ``code``, until ``until`` at the latest."""

    channel: str
    code: int
    until: datetime


def errors_waited_for(tx: Transaction) -> list[Waited]:
    """The errors for which messages wait to be tried again, by channel: each leaves by a sender address of its own."""
    waits = and_(unfinished(Message), Message.error_code.is_not(None), Message.next_attempt_at > tx.now())
    by = (Message.channel, Message.error_code)
    query = select(*by, func.max(Message.next_attempt_at)).where(waits).group_by(*by).order_by(*by)
    return [Waited(channel, code, until) for channel, code, until in tx.session.execute(query) if code is not None]


def hold_channel(tx: Transaction, waited: Waited) -> int:
    """Let what is due on this channel wait for the same error, until the same time; gives how many messages."""
    waiting = and_(unfinished(Message), Message.state == "waiting", Message.next_attempt_at <= tx.now())
    held = update(Message).where(waiting, Message.channel == waited.channel)
    return changed(tx.session.execute(held.values(error_code=waited.code, next_attempt_at=waited.until)))


def is_bound(tx: Transaction, sid: str) -> bool:
    """Whether one of our messages has this Twilio id."""
    return tx.session.execute(select(Message.seq).where(Message.twilio_sid == sid)).first() is not None


def bound_sid(tx: Transaction, message_id: str) -> str | None:
    """The Twilio id of a message; None while it has none, or the message is gone."""
    return tx.session.execute(select(Message.twilio_sid).where(Message.id == message_id)).scalar_one_or_none()


def campaign_state(tx: Transaction, enrolment_id: str) -> str | None:
    """The state of the campaign that an enrolment belongs to; None when it is gone."""
    query = select(Campaign.state).join(Enrolment, Enrolment.campaign_id == Campaign.id)
    return tx.session.execute(query.where(Enrolment.id == enrolment_id)).scalar_one_or_none()


def followup_kind(tx: Transaction, turn_id: str | None) -> str | None:
    """The kind of the follow-up that the turn was taken on; None when it was another turn."""
    detail = _detail(tx, turn_id)
    return None if detail is None else detail.get("followup_kind")


def followup_of(tx: Transaction, turn_id: str | None) -> str | None:
    """The follow-up that the turn was taken on; None when it was another turn."""
    detail = _detail(tx, turn_id)
    return None if detail is None else detail.get("followup_id")


def unsent_followup(tx: Transaction, turn_id: str | None) -> str | None:
    """The follow-up that the turn was taken on, unless some text of that turn has left already."""
    detail = _detail(tx, turn_id)
    left = select(Message.seq).where(
        Message.inbound_id == turn_id, or_(Message.handed_over_at.is_not(None), Message.attempted_at.is_not(None))
    )
    if detail is None or tx.session.execute(left.limit(1)).first() is not None:
        return None
    return detail.get("followup_id")


def _detail(tx: Transaction, turn_id: str | None) -> dict[str, Any] | None:
    turn = select(Inbound.detail).where(Inbound.id == turn_id, Inbound.kind == "due")
    return None if turn_id is None else tx.session.execute(turn).scalar_one_or_none()


def has_moved_on(tx: Transaction, conversation_id: str, since: datetime) -> bool:
    """Whether the person wrote, or something was said or queued, in this conversation after ``since``."""
    said = select(Message.seq).where(Message.conversation_id == conversation_id, Message.created_at > since)
    heard = select(Inbound.seq).where(Inbound.conversation_id == conversation_id, Inbound.received_at > since)
    return any(tx.session.execute(query.limit(1)).first() is not None for query in (said, heard))


def was_answered_since(tx: Transaction, phone_id: str, turn_id: str | None, since: datetime) -> bool:
    """Whether a text of this phone was taken a turn on after the turn ``turn_id`` (after ``since``, without one).

    Whoever it was that wrote: on a shared phone the text would come into somebody else's conversation. Turns of a
    phone are taken in the order of their rows, so that no clock is asked where it need not be.
    """
    turn = select(Inbound.seq).where(Inbound.id == turn_id).scalar_subquery()
    later = Inbound.received_at > since if turn_id is None else Inbound.seq > turn
    here = select(Conversation.id).where(Conversation.phone_id == phone_id)
    heard = select(Inbound.seq).where(Inbound.conversation_id.in_(here), Inbound.kind == "text", later)
    return tx.session.execute(heard.limit(1)).first() is not None


def send_again(tx: Transaction, message_id: str, at: datetime, error_code: int, most_attempts: int) -> str | None:
    """Queue a message anew that a carrier gave up, not before ``at``; gives the id of the new row.

    None when the conversation has moved on since, or after ``most_attempts``. The new row counts on from the
    attempts of the old one, and stands behind everything else that is to be sent.
    """
    old = tx.session.execute(select(Message).where(Message.id == message_id)).scalar_one()
    if old.attempts >= most_attempts or has_moved_on(tx, old.conversation_id, old.created_at):
        return None
    now = tx.now()
    copied = ("conversation_id", "patient_id", "phone_id", "inbound_id", "enrolment_id", "channel", "body_sealed")
    kept = ("purpose", "proactive", "after_opt_out", "segments", "attempts")
    row = Message(
        id=tx.new_id("msg"),
        priority=RESEND_PRIORITY,
        error_code=error_code,
        next_attempt_at=at,
        created_at=now,
        updated_at=now,
        **{name: getattr(old, name) for name in (*copied, *kept)},
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def receipts_to_apply(tx: Transaction, limit: int) -> list[StoredReceipt]:
    """Receipts whose message is known, in the order they came; those still unknown hold up nobody."""
    known = or_(Message.twilio_sid == Receipt.message_sid, Message.id == Receipt.message_id)
    query = select(Receipt).where(Receipt.applied_at.is_(None), exists().where(known)).order_by(Receipt.seq)
    return [
        StoredReceipt(row.seq, row.message_sid, row.message_id, row.status, row.error_code, row.received_at)
        for row in tx.session.execute(query.limit(limit)).scalars()
    ]


def take_receipt(tx: Transaction, number: int) -> bool:
    """Mark a receipt as applied; False when somebody else has done so."""
    this = and_(Receipt.seq == number, Receipt.applied_at.is_(None))
    return changed(tx.session.execute(update(Receipt).where(this).values(applied_at=tx.now()))) == 1


def held_counts(tx: Transaction) -> dict[str, int]:
    """How many messages are not sent yet because of which error code, for whoever keeps the service running."""
    held = and_(unfinished(Message), Message.error_code.is_not(None))
    query = select(Message.error_code, func.count()).where(held).group_by(Message.error_code)
    return {str(code): count for code, count in tx.session.execute(query)}
