"""Navigation cases: who helps a patient through, by when, and along which plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.store.database import Transaction
from bot.store.errors import NotFound, WrongState
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.referral_tables import NavigationCase
from bot.store.rows import open_json, seal_json

_CHW = "navigation_case.chw_sealed"
_PLAN = "navigation_case.plan_sealed"


@dataclass(frozen=True)
class Case:
    """One case. ``plan`` is a list of goals, as JSON; ``visits`` those at which the CHW will be, in ISO form."""

    id: str
    patient_id: str
    state: str
    chw: str | None
    person_id: str | None
    due_at: datetime | None
    contacted_at: datetime | None
    plan: list[dict[str, Any]]
    visits: list[str]
    check_ins: int
    status: str | None
    said_by: str | None
    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None


def offer(tx: Transaction, patient_id: str) -> str | None:
    """A case for somebody who is eligible now; None when one is offered or open already."""
    if current(tx, patient_id) is not None:
        return None
    row = NavigationCase(
        id=tx.new_id("nav"), patient_id=patient_id, state="offered", visits=[], opened_at=tx.now(), check_ins=0
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def current(tx: Transaction, patient_id: str) -> Case | None:
    """The patient's case that is offered or open, or None."""
    query = select(NavigationCase).where(NavigationCase.patient_id == patient_id)
    query = query.where(NavigationCase.state.in_(("offered", "open"))).order_by(NavigationCase.opened_at.desc())
    row = tx.session.execute(query.limit(1)).scalar_one_or_none()
    return None if row is None else _case(tx, row)


def latest(tx: Transaction, patient_id: str) -> Case | None:
    """The patient's latest case, whatever became of it, or None."""
    query = select(NavigationCase).where(NavigationCase.patient_id == patient_id)
    query = query.order_by(NavigationCase.opened_at.desc(), NavigationCase.id.desc()).limit(1)
    row = tx.session.execute(query).scalar_one_or_none()
    return None if row is None else _case(tx, row)


def get(tx: Transaction, case_id: str) -> Case:
    """The case with this id. Raises :class:`NotFound`."""
    row = tx.session.get(NavigationCase, case_id, populate_existing=True)
    if row is None:
        raise NotFound("no such navigation case")
    return _case(tx, row)


def change(tx: Transaction, case_id: str, **values: Any) -> Case:
    """Write these columns of a case that is not over. Raises :class:`NotFound` and :class:`WrongState`."""
    case = get(tx, case_id)
    if case.state in ("closed", "declined"):
        raise WrongState(f"the case is {case.state}")
    tx.session.execute(update(NavigationCase).where(NavigationCase.id == case_id).values(**values))
    return get(tx, case_id)


def assign(tx: Transaction, case_id: str, chw: str, person_id: str | None) -> Case:
    """Somebody helps from now on. Raises as :func:`change`."""
    return change(tx, case_id, chw_sealed=tx.vault.seal(chw, _CHW), person_id=person_id)


def set_plan(tx: Transaction, case_id: str, goals: Sequence[dict[str, Any]]) -> Case:
    """The whole plan, instead of the one that was. Raises as :func:`change`."""
    return change(tx, case_id, plan_sealed=seal_json(tx, list(goals), _PLAN))


def close(tx: Transaction, case_id: str, status: str, said_by: str) -> Case:
    """How it ended, and by whose word. Raises as :func:`change`."""
    return change(tx, case_id, state="closed", status=status, said_by=said_by, closed_at=tx.now())


def page(tx: Transaction, after: str | None, limit: int, state: str | None, patient_id: str | None) -> Page[Case]:
    """Cases in the order they were opened, of one state and one patient if asked. Raises ``BadCursor``."""
    query = select(NavigationCase)
    if state is not None:
        query = query.where(NavigationCase.state == state)
    if patient_id is not None:
        query = query.where(NavigationCase.patient_id == patient_id)
    if after is not None:
        query = query.where(later_than(NavigationCase.opened_at, NavigationCase.id, *read_cursor(after)))
    query = query.order_by(NavigationCase.opened_at, NavigationCase.id).limit(limit + 1)
    rows = tx.session.execute(query).scalars().all()
    items = tuple(_case(tx, row) for row in rows[:limit])
    return Page(items, cursor(items[-1].opened_at, items[-1].id) if len(rows) > limit else None)


def _case(tx: Transaction, row: NavigationCase) -> Case:
    return Case(
        id=row.id,
        patient_id=row.patient_id,
        state=row.state,
        chw=tx.vault.open(row.chw_sealed, _CHW) if row.chw_sealed else None,
        person_id=row.person_id,
        due_at=row.due_at,
        contacted_at=row.contacted_at,
        plan=open_json(tx, row.plan_sealed, _PLAN) if row.plan_sealed else [],
        visits=row.visits,
        check_ins=row.check_ins,
        status=row.status,
        said_by=row.said_by,
        opened_at=row.opened_at,
        accepted_at=row.accepted_at,
        closed_at=row.closed_at,
    )
