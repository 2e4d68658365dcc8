"""Things to do for a patient at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select, update
from sqlalchemy.exc import OperationalError

from bot.store import audit, escalations, inbound, phones, tables
from bot.store.database import Database, Transaction
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.rows import changed, insert_new

log = logging.getLogger(__name__)

FAILED, FAILED_CASE = "could_not_be_done", "followup_not_handled"
_PENDING = ("planned", "held")


@dataclass(frozen=True)
class FollowUp:
    """One thing to do. ``guard`` is what must still hold; ``state`` is planned, held, sent, done or dropped.

    ``due_at`` moves when it is held; ``planned_for`` is when it was first meant to be done.
    """

    id: str
    patient_id: str
    kind: str
    due_at: datetime
    guard: dict[str, Any]
    dedupe_key: str
    state: str
    reason: str | None
    created_at: datetime
    planned_for: datetime
    bulk: bool


def plan(
    tx: Transaction,
    patient_id: str,
    kind: str,
    due_at: datetime,
    guard: Mapping[str, Any],
    dedupe_key: str,
    bulk: bool = False,
) -> str | None:
    """Plan it and give its id; None when something with this ``dedupe_key`` was planned before."""
    followup_id = tx.new_id("fu")
    values = {
        "id": followup_id,
        "patient_id": patient_id,
        "kind": kind,
        "due_at": due_at,
        "first_due_at": due_at,
        "bulk": bulk,
        "guard": dict(guard),
        "dedupe_key": dedupe_key,
        "state": "planned",
        "created_at": tx.now(),
    }
    return followup_id if insert_new(tx, tables.FollowUp, values) else None


def plan_again(
    tx: Transaction, patient_id: str, kind: str, due_at: datetime, guard: Mapping[str, Any], dedupe_key: str
) -> None:
    """Plan it, also where it was planned before and dropped; what is pending or done stays as it is."""
    if plan(tx, patient_id, kind, due_at, guard, dedupe_key) is None:
        dropped = (tables.FollowUp.dedupe_key == dedupe_key) & (tables.FollowUp.state == "dropped")
        values = {"state": "planned", "reason": None, "due_at": due_at, "first_due_at": due_at, "guard": dict(guard)}
        tx.session.execute(update(tables.FollowUp).where(dropped).values(**values))


def claim_due(
    db: Database,
    now: datetime,
    limit: int,
    release: Callable[[Transaction, FollowUp], None] | None = None,
    bulk: bool | None = None,
) -> list[FollowUp]:
    """Release what is due at ``now``, in the order of its time; each row is released once, by whoever claims first.

    In one transaction every row becomes ``sent`` and ``release`` (:func:`to_inbound` unless another is
    given) hands it on: a crash leaves it either planned or handed on. ``bulk``: only rows that are it, or are not.
    What cannot be handed on is dropped, a person is told, and the others go their way; only a database that is away
    stops them all.
    """
    hand_on = release or to_inbound
    with db.write() as tx:
        # An index for each kind of row, in the order of time: what is due later is never looked at.
        which = (False, True) if bulk is None else (bulk,)
        found = [row for each in which for row in _due(tx, now, limit, each)]
        rows = sorted(found, key=lambda row: (row.due_at, row.id))[:limit]
        claimed = [_followup(row) for row in rows]
        for row, followup in zip(rows, claimed, strict=True):
            if row.state not in _PENDING:
                # One that came before it made it needless.
                continue
            row.state = "sent"
            _hand_on_or_set_aside(tx, followup, hand_on)
    return claimed


def _hand_on_or_set_aside(
    tx: Transaction, followup: FollowUp, hand_on: Callable[[Transaction, FollowUp], None]
) -> None:
    tx.session.flush()
    try:
        with tx.session.begin_nested():
            hand_on(tx, followup)
            tx.session.flush()
    except OperationalError:
        raise
    except Exception as error:
        # The class and its places only: a text could quote what was sealed.
        log.error("followup_set_aside followup=%s kind=%s", followup.id, followup.kind, exc_info=error)
        drop(tx, followup.id, FAILED)
        open_case(tx, followup, FAILED_CASE, "today")
        audit.record(tx, "clock", "followup_set_aside", "followup", followup.id, error=type(error).__name__)


def open_case(tx: Transaction, followup: FollowUp, kind: str, urgency: str) -> None:
    """A person is to look at what became of it."""
    escalations.create(
        tx,
        patient_id=followup.patient_id,
        conversation_id=None,
        inbound_id=None,
        kind=kind,
        urgency=urgency,
        note=f"Follow-up {followup.id}: {followup.kind}",
    )


def to_inbound(tx: Transaction, followup: FollowUp, our_address: str = "") -> None:
    """Hand it to the workers as an inbound row of kind ``due``; drop it when the patient has no phone."""
    phone = phones.to_text(tx, followup.patient_id, followup.guard.get("phone_id"))
    if phone is None:
        drop(tx, followup.id, "no_phone")
        return
    guard = followup.guard
    named: dict[str, Any] = {name: guard[name] for name in ("enrolment_id", "instrument") if name in guard}
    inbound.store(
        tx,
        # With the time: one that was handed on and held again is handed on anew.
        message_sid=f"followup:{followup.id}:{int(followup.due_at.timestamp())}",
        kind="due",
        channel="sms",
        from_address=phones.address(tx, phone.id),
        to_address=our_address,
        body="",
        detail={
            "followup_id": followup.id,
            "followup_kind": followup.kind,
            "patient_id": followup.patient_id,
            "phone_id": phone.id,
            "guard": followup.guard,
            **named,
        },
        received_at=tx.now(),
        priority=1 if followup.bulk else 0,
    )


def get(tx: Transaction, followup_id: str) -> FollowUp | None:
    """The follow-up with this id, or None when it is gone."""
    row = tx.session.get(tables.FollowUp, followup_id, populate_existing=True)
    return _followup(row) if row else None


def hold(tx: Transaction, followup_id: str, reason: str, until: datetime) -> bool:
    """It may not be done now: it falls due again at ``until``. False when it is done or dropped."""
    return _move(tx, followup_id, "held", reason, due_at=until)


def postpone(tx: Transaction, followup_id: str, until: datetime) -> bool:
    """It is not time for it yet, by what happened since it was planned. False when it is done or dropped."""
    return _move(tx, followup_id, "planned", None, due_at=until, first_due_at=until)


def plan_anew(tx: Transaction, followup_id: str, reason: str, until: datetime) -> bool:
    """What it led to was not sent, for ``reason``: it falls due again at ``until``. False when it was dropped."""
    again = (tables.FollowUp.id == followup_id) & tables.FollowUp.state.in_((*_PENDING, "sent", "done"))
    values = {"state": "held", "reason": reason, "due_at": until}
    return changed(tx.session.execute(update(tables.FollowUp).where(again).values(**values))) == 1


def wake(tx: Transaction, patient_id: str, reasons: Collection[str]) -> int:
    """What is held for the patient for one of these reasons is looked at now; gives how many rows that are."""
    this = (tables.FollowUp.patient_id == patient_id) & (tables.FollowUp.state == "held")
    this &= tables.FollowUp.reason.in_(reasons)
    return changed(tx.session.execute(update(tables.FollowUp).where(this).values(due_at=tx.now())))


def done(tx: Transaction, followup_id: str) -> bool:
    """It was done. False when it was done or dropped before."""
    return _move(tx, followup_id, "done", None)


def drop(tx: Transaction, followup_id: str, reason: str) -> bool:
    """It will not be done. False when it was done or dropped before."""
    return _move(tx, followup_id, "dropped", reason)


def drop_for_patient(tx: Transaction, patient_id: str, reason: str, keep: Collection[str] = ()) -> int:
    """Drop everything that is planned or held for the patient, but for the kinds to keep, and say how many."""
    pending = (tables.FollowUp.patient_id == patient_id) & tables.FollowUp.state.in_(_PENDING)
    pending &= tables.FollowUp.kind.not_in(keep)
    dropped = update(tables.FollowUp).where(pending).values(state="dropped", reason=reason)
    return changed(tx.session.execute(dropped))


def pending(tx: Transaction, patient_id: str) -> list[FollowUp]:
    """What is planned or held for the patient, by its time."""
    this = (tables.FollowUp.patient_id == patient_id) & tables.FollowUp.state.in_(_PENDING)
    query = select(tables.FollowUp).where(this).order_by(tables.FollowUp.due_at, tables.FollowUp.id)
    return [_followup(row) for row in tx.session.execute(query).scalars()]


def list_for_patient(tx: Transaction, patient_id: str, after: str | None, limit: int) -> Page[FollowUp]:
    """The patient's follow-ups by their due time. Raises ``BadCursor``."""
    query = select(tables.FollowUp).where(tables.FollowUp.patient_id == patient_id)
    if after is not None:
        query = query.where(later_than(tables.FollowUp.due_at, tables.FollowUp.id, *read_cursor(after)))
    query = query.order_by(tables.FollowUp.due_at, tables.FollowUp.id).limit(limit + 1)
    rows = tx.session.execute(query).scalars().all()
    items = tuple(_followup(row) for row in rows[:limit])
    return Page(items, cursor(items[-1].due_at, items[-1].id) if len(rows) > limit else None)


def latest_over(tx: Transaction, patient_id: str, limit: int) -> list[FollowUp]:
    """The patient's latest follow-ups that are neither planned nor held, by their due time."""
    this = (tables.FollowUp.patient_id == patient_id) & tables.FollowUp.state.not_in(_PENDING)
    order = tables.FollowUp.due_at.desc(), tables.FollowUp.id.desc()
    query = select(tables.FollowUp).where(this).order_by(*order).limit(limit)
    return [_followup(row) for row in reversed(tx.session.execute(query).scalars().all())]


def next_due(tx: Transaction, bulk: bool | None = None) -> datetime | None:
    """When the next pending follow-up falls due, of those that are ``bulk`` or are not if asked; None for nothing."""
    row, which = tables.FollowUp, (False, True) if bulk is None else (bulk,)
    first = (
        select(row.due_at).where(_is_pending(), row.bulk.is_(each)).order_by(row.due_at).limit(1) for each in which
    )
    times = [at for query in first if (at := tx.session.execute(query).scalar_one_or_none()) is not None]
    return min(times, default=None)


def _due(tx: Transaction, now: datetime, limit: int, bulk: bool) -> list[tables.FollowUp]:
    row = tables.FollowUp
    query = select(row).where(_is_pending(), row.bulk.is_(bulk), row.due_at <= now)
    query = query.order_by(row.due_at, row.id).limit(limit).with_for_update(skip_locked=True)
    return list(tx.session.execute(query).scalars())


def _is_pending() -> ColumnElement[bool]:
    """In the words of the partial index: neither database matches it with parameters."""
    literals: list[ColumnElement[str]] = [literal_column("'planned'"), literal_column("'held'")]
    return tables.FollowUp.state.in_(literals)


def _move(tx: Transaction, followup_id: str, state: str, reason: str | None, **values: Any) -> bool:
    tx.session.flush()
    movable = (tables.FollowUp.id == followup_id) & tables.FollowUp.state.in_((*_PENDING, "sent"))
    moved = update(tables.FollowUp).where(movable).values(state=state, reason=reason, **values)
    return changed(tx.session.execute(moved)) == 1


def _followup(row: tables.FollowUp) -> FollowUp:
    return FollowUp(
        id=row.id,
        patient_id=row.patient_id,
        kind=row.kind,
        due_at=row.due_at,
        guard=row.guard,
        dedupe_key=row.dedupe_key,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        planned_for=row.first_due_at or row.due_at,
        bulk=row.bulk,
    )
