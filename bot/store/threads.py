"""What has happened in a thread, as far as its rows tell."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select, update

from bot.store.database import Transaction
from bot.store.leases import unfinished
from bot.store.rows import changed
from bot.store.tables import Inbound, Message

# The word for a turn of the dialog manager; what code answers by itself has others.
ANSWERED = "answered"


def last_answered(tx: Transaction, conversation_id: str) -> datetime | None:
    """When the dialog manager last answered somebody's words here; None when it never did.

    Neither what code answered by itself (HELP, an empty picture) nor a text that we sent unasked counts.
    """
    answered = select(func.max(Inbound.done_at)).where(
        Inbound.conversation_id == conversation_id, Inbound.kind == "text", Inbound.outcome == ANSWERED
    )
    found: datetime | None = tx.session.execute(answered).scalar_one_or_none()
    return found


def was_shown(tx: Transaction, turn_id: str) -> bool:
    """Whether a text of this turn was handed to Twilio, or may have been."""
    in_the_air = and_(unfinished(Message), Message.attempted_at.is_not(None))
    shown = select(Message.seq).where(
        Message.inbound_id == turn_id, or_(Message.handed_over_at.is_not(None), in_the_air)
    )
    return tx.session.execute(shown.limit(1)).first() is not None


def is_to_be_shown(tx: Transaction, turn_id: str) -> bool:
    """Whether a text of this turn still waits to be sent."""
    waits = select(Message.seq).where(Message.inbound_id == turn_id, unfinished(Message))
    return tx.session.execute(waits.limit(1)).first() is not None


def withdraw(tx: Transaction, turn_id: str) -> int:
    """Keep back the texts of this turn that nobody has tried to send yet, and say how many."""
    waits = and_(Message.inbound_id == turn_id, unfinished(Message), Message.attempted_at.is_(None))
    values = {"state": "refused", "lease_owner": None, "lease_until": None, "updated_at": tx.now()}
    return changed(tx.session.execute(update(Message).where(waits).values(**values)))


def enrolment_of(tx: Transaction, turn_id: str) -> str | None:
    """The enrolment that the texts of this turn are for; None when it is none."""
    query = select(Message.enrolment_id).where(Message.inbound_id == turn_id, Message.enrolment_id.is_not(None))
    return tx.session.execute(query.limit(1)).scalar_one_or_none()
