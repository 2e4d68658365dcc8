"""Outreach that a clinic started, and how far it went with each patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select, update

from bot.store import tables
from bot.store.database import Transaction
from bot.store.errors import NotFound, WrongState
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.rows import changed, insert_new
from bot.store.tables import Enrolment

# From which states a campaign may come to this one.
_CAMPAIGN_FROM = MappingProxyType(
    {
        "running": ("running", "paused"),
        "paused": ("running", "paused"),
        "cancelled": ("running", "paused", "cancelled"),
    }
)
_UNSENT = ("enrolled", "held")
_REACHED = ("sent", "delivered", "failed")
# From which states an enrolment may come to this one. Late news never takes it back; who said no may change
# their mind, and a screening left half-way may go on. The same state again may only bring another reason.
_ENROLMENT_FROM: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "enrolled": ("held",),
        "held": ("enrolled", "held"),
        "sent": _UNSENT,
        "delivered": (*_UNSENT, "sent"),
        "failed": (*_UNSENT, "sent"),
        "started": (*_UNSENT, *_REACHED, "partial", "declined", "opted_out"),
        "partial": (*_UNSENT, *_REACHED, "started"),
        "declined": (*_UNSENT, *_REACHED, "started", "partial"),
        "opted_out": (*_UNSENT, *_REACHED, "started", "partial", "declined"),
        "completed": (*_UNSENT, *_REACHED, "started", "partial", "declined"),
    }
)
ENROLMENT_STATES = tuple(_ENROLMENT_FROM)


@dataclass(frozen=True)
class Campaign:
    """An outreach. ``state`` is running, paused or cancelled."""

    id: str
    name: str
    kind: str
    instrument: str
    channel: str
    state: str
    start_at: datetime
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class EnrolledPatient:
    """One patient in one campaign; ``reason`` says why it is held, or why it failed."""

    id: str
    campaign_id: str
    patient_id: str
    state: str
    reason: str | None


@dataclass(frozen=True)
class EnrolmentCounts:
    """How many patients stand where: every state is a key, and the reasons of those held."""

    by_state: dict[str, int]
    held_reasons: dict[str, int]


def create(
    tx: Transaction,
    *,
    name: str,
    kind: str,
    instrument: str,
    channel: str,
    start_at: datetime,
    created_by: str,
    state: str = "running",
) -> str:
    """A campaign, running unless told otherwise; gives its id."""
    row = tables.Campaign(
        id=tx.new_id("cmp"),
        name=name,
        kind=kind,
        instrument=instrument,
        channel=channel,
        state=state,
        start_at=start_at,
        created_by=created_by,
        created_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def get(tx: Transaction, campaign_id: str) -> Campaign:
    """The campaign with this id. Raises :class:`NotFound`."""
    row = tx.session.get(tables.Campaign, campaign_id, populate_existing=True)
    if row is None:
        raise NotFound("no such campaign")
    return _campaign(row)


def list_page(tx: Transaction, after: str | None, limit: int) -> Page[Campaign]:
    """All campaigns in the order they were made. Raises ``BadCursor``."""
    query = select(tables.Campaign)
    if after is not None:
        query = query.where(later_than(tables.Campaign.created_at, tables.Campaign.id, *read_cursor(after)))
    query = query.order_by(tables.Campaign.created_at, tables.Campaign.id).limit(limit + 1)
    rows = tx.session.execute(query).scalars().all()
    items = tuple(_campaign(row) for row in rows[:limit])
    return Page(items, cursor(items[-1].created_at, items[-1].id) if len(rows) > limit else None)


def set_state(tx: Transaction, campaign_id: str, state: str) -> Campaign:
    """Run, pause or cancel. Raises NotFound, and :class:`WrongState` because a cancelled one stays cancelled."""
    movable = (tables.Campaign.id == campaign_id) & tables.Campaign.state.in_(_CAMPAIGN_FROM[state])
    moved = changed(tx.session.execute(update(tables.Campaign).where(movable).values(state=state)))
    found = get(tx, campaign_id)
    if not moved:
        raise WrongState(f"the campaign is {found.state}")
    return found


def enrol(
    tx: Transaction, campaign_id: str, patient_id: str, state: str = "enrolled", reason: str | None = None
) -> str | None:
    """Put a patient in; gives the enrolment's id, or None when the patient is in already."""
    enrolment_id = tx.new_id("enr")
    values = {
        "id": enrolment_id,
        "campaign_id": campaign_id,
        "patient_id": patient_id,
        "state": state,
        "reason": reason,
        "updated_at": tx.now(),
    }
    return enrolment_id if insert_new(tx, Enrolment, values) else None


def set_enrolment_state(tx: Transaction, enrolment_id: str, state: str, reason: str | None = None) -> bool:
    """Move an enrolment forward; False when it is further already, or gone. Raises ``KeyError`` for no such state."""
    movable = (Enrolment.id == enrolment_id) & Enrolment.state.in_(_ENROLMENT_FROM[state])
    values = {"state": state, "reason": reason, "updated_at": tx.now()}
    return changed(tx.session.execute(update(Enrolment).where(movable).values(**values))) == 1


def enrolment(tx: Transaction, enrolment_id: str) -> EnrolledPatient | None:
    """The enrolment with this id, or None when it is gone."""
    row = tx.session.get(Enrolment, enrolment_id, populate_existing=True)
    return _enrolled(row) if row else None


def open_enrolments(tx: Transaction, patient_id: str, instrument: str | None = None) -> list[EnrolledPatient]:
    """Where the patient is enrolled and not completed, of this instrument if asked; the latest campaign first."""
    query = (
        select(Enrolment)
        .join(tables.Campaign, tables.Campaign.id == Enrolment.campaign_id)
        .where(Enrolment.patient_id == patient_id, Enrolment.state != "completed")
        .order_by(tables.Campaign.created_at.desc(), Enrolment.id)
    )
    if instrument is not None:
        query = query.where(tables.Campaign.instrument == instrument)
    return [_enrolled(row) for row in tx.session.execute(query).scalars()]


def enrolments(tx: Transaction, campaign_id: str) -> list[EnrolledPatient]:
    """Everybody in the campaign, by patient id."""
    query = select(Enrolment).where(Enrolment.campaign_id == campaign_id).order_by(Enrolment.patient_id)
    return [_enrolled(row) for row in tx.session.execute(query).scalars()]


def counts(tx: Transaction, campaign_id: str) -> EnrolmentCounts:
    """How far the campaign is."""
    query = select(Enrolment.state, Enrolment.reason, func.count()).where(Enrolment.campaign_id == campaign_id)
    by_state = dict.fromkeys(ENROLMENT_STATES, 0)
    held: dict[str, int] = {}
    for state, reason, count in tx.session.execute(query.group_by(Enrolment.state, Enrolment.reason)):
        by_state[state] += count
        if state == "held":
            held[reason or "unknown"] = held.get(reason or "unknown", 0) + count
    return EnrolmentCounts(by_state, held)


def _campaign(row: tables.Campaign) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        kind=row.kind,
        instrument=row.instrument,
        channel=row.channel,
        state=row.state,
        start_at=row.start_at,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _enrolled(row: Enrolment) -> EnrolledPatient:
    return EnrolledPatient(row.id, row.campaign_id, row.patient_id, row.state, row.reason)
