"""What a person must look at: the queue of the community health workers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.core.on_call import is_more_urgent
from bot.store import alerts, tables
from bot.store.database import Transaction
from bot.store.errors import NotFound, WrongState
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.rows import changed

_NOTE = "escalation.note_sealed"


@dataclass(frozen=True)
class Escalation:
    """One case. ``urgency`` is now, today or soon; ``state`` is open, claimed or resolved."""

    id: str
    patient_id: str | None
    conversation_id: str | None
    inbound_id: str | None
    kind: str
    urgency: str
    state: str
    opened_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    resolved_at: datetime | None
    note: str | None


def create(
    tx: Transaction,
    *,
    patient_id: str | None,
    conversation_id: str | None,
    inbound_id: str | None,
    kind: str,
    urgency: str,
    note: str | None = None,
) -> str:
    """Open a case and give its id; one that cannot wait is told to whoever is on call from this transaction on."""
    row = tables.Escalation(
        id=tx.new_id("esc"),
        patient_id=patient_id,
        conversation_id=conversation_id,
        inbound_id=inbound_id,
        kind=kind,
        urgency=urgency,
        opened_at=tx.now(),
        note_sealed=None if note is None else tx.vault.seal(note, _NOTE),
    )
    tx.session.add(row)
    tx.session.flush()
    alerts.begin(tx, row.id, urgency)
    return row.id


def press(tx: Transaction, escalation_id: str, urgency: str) -> None:
    """What was doubted is certain: an open case is told of at once. Nothing for a case that is not open.

    Where it becomes more urgent the alerts start again, in the line and at the pace of ``urgency``; else the next step
    comes now, and those after it no later than before.
    """
    case = get(tx, escalation_id)
    if case.state != "open":
        return
    if is_more_urgent(urgency, case.urgency):
        this = update(tables.Escalation).where(tables.Escalation.id == escalation_id)
        tx.session.execute(this.values(urgency=urgency))
        alerts.begin_again(tx, escalation_id, urgency)
    else:
        alerts.hurry(tx, escalation_id, tx.now())


def add_note(tx: Transaction, escalation_id: str, note: str) -> None:
    """Add a line to the note of a case. Raises :class:`NotFound`."""
    joined = "\n\n".join(part for part in (get(tx, escalation_id).note, note) if part)
    this = update(tables.Escalation).where(tables.Escalation.id == escalation_id)
    tx.session.execute(this.values(note_sealed=tx.vault.seal(joined, _NOTE)))


def get(tx: Transaction, escalation_id: str) -> Escalation:
    """The case with this id. Raises :class:`NotFound`."""
    row = tx.session.get(tables.Escalation, escalation_id, populate_existing=True)
    if row is None:
        raise NotFound("no such escalation")
    return _escalation(tx, row)


def unresolved(tx: Transaction, patient_id: str, kind: str) -> Escalation | None:
    """The patient's oldest case of this kind that is not resolved; None when there is none."""
    case = tables.Escalation
    query = select(case).where(case.patient_id == patient_id, case.kind == kind, case.state != "resolved")
    row = tx.session.execute(query.order_by(case.opened_at, case.id).limit(1)).scalar_one_or_none()
    return _escalation(tx, row) if row else None


def all_unresolved(tx: Transaction, patient_id: str, kinds: Collection[str]) -> list[Escalation]:
    """The patient's cases of these kinds that are not resolved, the oldest first."""
    case = tables.Escalation
    query = select(case).where(case.patient_id == patient_id, case.kind.in_(kinds), case.state != "resolved")
    rows = tx.session.execute(query.order_by(case.opened_at, case.id)).scalars()
    return [_escalation(tx, row) for row in rows]


def claim(tx: Transaction, escalation_id: str, by: str) -> Escalation:
    """Take an open case; taking one's own again changes nothing. Raises NotFound and :class:`WrongState`."""
    free = (tables.Escalation.id == escalation_id) & (tables.Escalation.state == "open")
    taken = update(tables.Escalation).where(free).values(state="claimed", claimed_by=by, claimed_at=tx.now())
    done = changed(tx.session.execute(taken))
    found = get(tx, escalation_id)
    if not done and (found.state, found.claimed_by) != ("claimed", by):
        raise WrongState(f"the escalation is {found.state}")
    return found


def resolve(tx: Transaction, escalation_id: str, note: str | None = None) -> Escalation:
    """Close a case, with a note if there is one. Raises NotFound, and :class:`WrongState` when it is resolved."""
    unsettled = (tables.Escalation.id == escalation_id) & (tables.Escalation.state != "resolved")
    values = {"state": "resolved", "resolved_at": tx.now()}
    if note is not None:
        values["note_sealed"] = tx.vault.seal(note, _NOTE)
    done = changed(tx.session.execute(update(tables.Escalation).where(unsettled).values(**values)))
    found = get(tx, escalation_id)
    if not done:
        raise WrongState("the escalation is resolved")
    return found


def list_page(tx: Transaction, after: str | None, limit: int, state: str | None = None) -> Page[Escalation]:
    """The queue in the order the cases were opened, of one state if asked. Raises ``BadCursor``."""
    case = tables.Escalation
    query = select(case) if state is None else select(case).where(case.state == state)
    if after is not None:
        query = query.where(later_than(case.opened_at, case.id, *read_cursor(after)))
    rows = tx.session.execute(query.order_by(case.opened_at, case.id).limit(limit + 1)).scalars().all()
    items = tuple(_escalation(tx, row) for row in rows[:limit])
    return Page(items, cursor(items[-1].opened_at, items[-1].id) if len(rows) > limit else None)


def _escalation(tx: Transaction, row: tables.Escalation) -> Escalation:
    return Escalation(
        id=row.id,
        patient_id=row.patient_id,
        conversation_id=row.conversation_id,
        inbound_id=row.inbound_id,
        kind=row.kind,
        urgency=row.urgency,
        state=row.state,
        opened_at=row.opened_at,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        resolved_at=row.resolved_at,
        note=tx.vault.open(row.note_sealed, _NOTE) if row.note_sealed else None,
    )
