"""What has happened in a thread, as far as its rows tell."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from bot.store.database import Transaction
from bot.store.tables import Inbound

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
