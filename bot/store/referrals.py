"""Referrals, and everything that was said about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.core.referral import CLOSED, FIRST, Report, Standing, as_counted
from bot.store import tables
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.referral_tables import Referral, ReferralEvent

_NOTE = "referral_event.note_sealed"
_CALLS_FROM = "referral_event.calls_from_sealed"


@dataclass(frozen=True)
class PatientReferral:
    """A patient and a place; see :class:`bot.store.referral_tables.Referral`."""

    id: str
    patient_id: str
    need_id: str
    domain: str
    service_id: str
    service_name: str
    state: str
    state_reason: str | None
    said_by: str | None
    conflict: bool
    shared: bool
    text_version: str | None
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    planned: int
    check_ins: int
    unanswered: int
    silent_since: datetime | None
    reminders: int

    @property
    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self.state in CLOSED


@dataclass(frozen=True)
class Event:
    """What one source said. ``state`` is what the referral was afterwards; ``proposed_at`` a time that was proposed.

    ``calls_from`` is the number (E.164) from which the place will call, where it said so.
    """

    id: str
    source: str
    actor: str
    word: str
    reason: str | None
    at: datetime
    state: str
    proposed_at: datetime | None
    note: str | None
    calls_from: str | None

    @property
    def report(self) -> Report:
        """As the core takes it."""
        return Report(self.source, self.word, self.at, self.reason)


def open_referral(
    tx: Transaction, *, patient_id: str, need_id: str, domain: str, service_id: str, service_name: str
) -> str:
    """The id of the open referral of this patient to this place for this need, which is opened if there is none."""
    for known in of_patient(tx, patient_id):
        if not known.is_closed and (known.service_id, known.need_id) == (service_id, need_id):
            return known.id
    row = Referral(
        id=tx.new_id("ref"),
        patient_id=patient_id,
        need_id=need_id,
        domain=domain,
        service_id=service_id,
        service_name=service_name[:300],
        state=FIRST,
        opened_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def hold(tx: Transaction, referral_id: str) -> PatientReferral:
    """The referral, locked until the transaction ends, so that two reports at once are both heard.

    Raises :class:`NotFound`.
    """
    query = select(Referral).where(Referral.id == referral_id).with_for_update()
    row = tx.session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound("no such referral")
    return _referral(row)


def get(tx: Transaction, referral_id: str) -> PatientReferral:
    """The referral with this id. Raises :class:`NotFound`."""
    row = tx.session.get(Referral, referral_id, populate_existing=True)
    if row is None:
        raise NotFound("no such referral")
    return _referral(row)


def change(tx: Transaction, referral_id: str, **values: Any) -> PatientReferral:
    """Write these columns and give the referral as it is then. Raises :class:`NotFound`."""
    tx.session.execute(update(Referral).where(Referral.id == referral_id).values(**values))
    return get(tx, referral_id)


def set_standing(tx: Transaction, referral_id: str, standing: Standing) -> PatientReferral:
    """Where it is now. The end has its time; one that was taken back has none any more."""
    known = get(tx, referral_id)
    closed_at = None if not standing.is_closed else known.closed_at or tx.now()
    return change(
        tx,
        referral_id,
        state=standing.state,
        state_reason=standing.reason,
        said_by=standing.said_by,
        conflict=standing.conflict,
        closed_at=closed_at,
    )


def add_event(
    tx: Transaction,
    referral_id: str,
    report: Report,
    *,
    actor: str,
    state: str,
    note: str | None = None,
    proposed_at: datetime | None = None,
    calls_from: str | None = None,
) -> str:
    """Keep what was said and give its id."""
    row = ReferralEvent(
        id=tx.new_id("rev"),
        referral_id=referral_id,
        source=report.source,
        actor=actor,
        word=report.word,
        reason=report.reason,
        at=report.at,
        recorded_at=tx.now(),
        state=state,
        proposed_at=proposed_at,
        calls_from_sealed=None if not calls_from else tx.vault.seal(calls_from, _CALLS_FROM),
        note_sealed=None if not note else tx.vault.seal(note, _NOTE),
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def events(tx: Transaction, referral_id: str) -> list[Event]:
    """Everything that was said, in the order in which it was recorded."""
    query = select(ReferralEvent).where(ReferralEvent.referral_id == referral_id).order_by(ReferralEvent.seq)
    return [_event(tx, row) for row in tx.session.execute(query).scalars()]


def reports(tx: Transaction, referral: PatientReferral) -> list[Report]:
    """The same as the core takes it: each with the time from which it counts, which may be later than was said."""
    return as_counted(referral.opened_at, (event.report for event in events(tx, referral.id)))


def of_patient(tx: Transaction, patient_id: str) -> list[PatientReferral]:
    """Every referral of the patient, in the order they were opened."""
    query = select(Referral).where(Referral.patient_id == patient_id).order_by(Referral.opened_at, Referral.id)
    return [_referral(row) for row in tx.session.execute(query).scalars()]


def page_of_patient(tx: Transaction, patient_id: str, after: str | None, limit: int) -> Page[PatientReferral]:
    """A page of the patient's referrals, the first opened first. Raises ``BadCursor``."""
    query = select(Referral).where(Referral.patient_id == patient_id)
    if after is not None:
        query = query.where(later_than(Referral.opened_at, Referral.id, *read_cursor(after)))
    rows = tx.session.execute(query.order_by(Referral.opened_at, Referral.id).limit(limit + 1)).scalars().all()
    items = tuple(_referral(row) for row in rows[:limit])
    return Page(items, cursor(items[-1].opened_at, items[-1].id) if len(rows) > limit else None)


def open_ones(tx: Transaction, patient_id: str) -> list[PatientReferral]:
    """The patient's referrals that have not ended, the latest first."""
    return [each for each in reversed(of_patient(tx, patient_id)) if not each.is_closed]


def of_need(tx: Transaction, need_id: str) -> list[PatientReferral]:
    """The referrals for one need, in the order they were opened."""
    query = select(Referral).where(Referral.need_id == need_id).order_by(Referral.opened_at, Referral.id)
    return [_referral(row) for row in tx.session.execute(query).scalars()]


def drop_planned(tx: Transaction, referral: PatientReferral, kinds: frozenset[str], reason: str) -> int:
    """Drop what is planned for this referral, of these kinds, and say how many."""
    pending = tables.FollowUp.state.in_(("planned", "held"))
    query = select(tables.FollowUp).where(tables.FollowUp.patient_id == referral.patient_id, pending)
    dropped = 0
    for row in tx.session.execute(query.where(tables.FollowUp.kind.in_(kinds))).scalars():
        if row.guard.get("referral_id") == referral.id:
            row.state, row.reason = "dropped", reason
            dropped += 1
    tx.session.flush()
    return dropped


def _referral(row: Referral) -> PatientReferral:
    return PatientReferral(
        id=row.id,
        patient_id=row.patient_id,
        need_id=row.need_id,
        domain=row.domain,
        service_id=row.service_id,
        service_name=row.service_name,
        state=row.state,
        state_reason=row.state_reason,
        said_by=row.said_by,
        conflict=row.conflict,
        shared=row.shared,
        text_version=row.text_version,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        told_at=row.told_at,
        planned=row.planned,
        check_ins=row.check_ins,
        unanswered=row.unanswered,
        silent_since=row.silent_since,
        reminders=row.reminders,
    )


def _event(tx: Transaction, row: ReferralEvent) -> Event:
    return Event(
        id=row.id,
        source=row.source,
        actor=row.actor,
        word=row.word,
        reason=row.reason,
        at=row.at,
        state=row.state,
        proposed_at=row.proposed_at,
        note=tx.vault.open(row.note_sealed, _NOTE) if row.note_sealed else None,
        calls_from=tx.vault.open(row.calls_from_sealed, _CALLS_FROM) if row.calls_from_sealed else None,
    )
