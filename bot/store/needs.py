"""Needs of a patient, and the places that were shown for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.referral_tables import Barrier, Need, PlaceOffer
from bot.store.rows import insert_new


@dataclass(frozen=True)
class PatientNeed:
    """One need. ``status`` and ``said_by`` once it is known how it ended."""

    id: str
    patient_id: str
    domain: str
    status: str | None
    said_by: str | None
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Hindrance:
    """What kept a patient from a place."""

    barrier: str
    source: str
    at: datetime


def open_need(tx: Transaction, patient_id: str, domain: str) -> str:
    """The id of the patient's open need of this domain, which is opened if there is none."""
    query = select(Need.id).where(Need.patient_id == patient_id, Need.domain == domain, Need.closed_at.is_(None))
    known = tx.session.execute(query.order_by(Need.opened_at, Need.id).limit(1)).scalar_one_or_none()
    if known is not None:
        return known
    row = Need(id=tx.new_id("need"), patient_id=patient_id, domain=domain, opened_at=tx.now())
    tx.session.add(row)
    tx.session.flush()
    return row.id


def close(tx: Transaction, need_id: str, status: str, said_by: str | None) -> bool:
    """How it ended, and by whose word. False when it was closed before."""
    row = _row(tx, need_id)
    if row.closed_at is not None:
        return False
    row.status, row.said_by, row.closed_at = status, said_by, tx.now()
    tx.session.flush()
    return True


def reopen(tx: Transaction, need_id: str) -> None:
    """What was said about its end was taken back."""
    row = _row(tx, need_id)
    row.status = row.said_by = row.closed_at = None
    tx.session.flush()


def get(tx: Transaction, need_id: str) -> PatientNeed:
    """The need with this id. Raises :class:`NotFound`."""
    return _need(_row(tx, need_id))


def of_patient(tx: Transaction, patient_id: str) -> list[PatientNeed]:
    """Every need of the patient, in the order they were opened."""
    query = select(Need).where(Need.patient_id == patient_id).order_by(Need.opened_at, Need.id)
    return [_need(row) for row in tx.session.execute(query).scalars()]


def record_offers(tx: Transaction, patient_id: str, service_ids: list[str], domain: str) -> None:
    """These places were shown; one that was shown before keeps its time."""
    for service_id in service_ids:
        values = {"patient_id": patient_id, "service_id": service_id, "domain": domain, "at": tx.now()}
        insert_new(tx, PlaceOffer, values)


def shown(tx: Transaction, patient_id: str, domain: str) -> frozenset[str]:
    """The places that were shown to the patient for this domain."""
    query = select(PlaceOffer.service_id).where(PlaceOffer.patient_id == patient_id, PlaceOffer.domain == domain)
    return frozenset(tx.session.execute(query).scalars())


def record_barrier(tx: Transaction, patient_id: str, referral_id: str, barrier: str, source: str) -> None:
    """What kept the patient from this place."""
    tx.session.add(Barrier(patient_id=patient_id, referral_id=referral_id, barrier=barrier, source=source, at=tx.now()))
    tx.session.flush()


def barriers(tx: Transaction, referral_id: str) -> list[Hindrance]:
    """What was recorded of this referral, in order."""
    query = select(Barrier).where(Barrier.referral_id == referral_id).order_by(Barrier.seq)
    return [Hindrance(row.barrier, row.source, row.at) for row in tx.session.execute(query).scalars()]


def _row(tx: Transaction, need_id: str) -> Need:
    row = tx.session.get(Need, need_id, populate_existing=True)
    if row is None:
        raise NotFound("no such need")
    return row


def _need(row: Need) -> PatientNeed:
    return PatientNeed(
        id=row.id,
        patient_id=row.patient_id,
        domain=row.domain,
        status=row.status,
        said_by=row.said_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
