"""Who did what to what, and when. The database itself refuses to change or delete an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.store import tables
from bot.store.database import Transaction


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    detail: dict[str, Any]


def record(tx: Transaction, actor: str, action: str, subject_type: str, subject_id: str, **detail: Any) -> None:
    """Add an entry. ``action`` is in the past tense; ``detail`` holds ids, codes and counts, nothing a person said."""
    row = tables.Audit(
        at=tx.now(), actor=actor, action=action, subject_type=subject_type, subject_id=subject_id, detail=detail
    )
    tx.session.add(row)
    tx.session.flush()


def of_subject(tx: Transaction, subject_type: str, subject_id: str) -> list[Entry]:
    """What happened to this one, in order."""
    this = (tables.Audit.subject_type == subject_type) & (tables.Audit.subject_id == subject_id)
    rows = tx.session.execute(select(tables.Audit).where(this).order_by(tables.Audit.seq)).scalars()
    return [Entry(row.at, row.actor, row.action, row.subject_type, row.subject_id, row.detail) for row in rows]
