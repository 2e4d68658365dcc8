"""Decisions about being texted. They are added and never changed; the latest one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, select

from bot.store import tables
from bot.store.database import Transaction


@dataclass(frozen=True)
class Consent:
    """What was decided, how it was said, and which wording had been shown."""

    id: str
    patient_id: str
    phone_id: str | None
    granted: bool
    method: str
    text_version: str | None
    channel: str
    at: datetime


def record(
    tx: Transaction,
    *,
    patient_id: str,
    phone_id: str | None,
    granted: bool,
    method: str,
    text_version: str | None,
    channel: str,
    at: datetime,
) -> str:
    """Add a decision and give its id. The patient must exist."""
    row = tables.Consent(
        id=tx.new_id("con"),
        patient_id=patient_id,
        phone_id=phone_id,
        granted=granted,
        method=method,
        text_version=text_version,
        channel=channel,
        at=at,
        recorded_at=tx.now(),
    )
    tx.session.add(row)
    tx.session.flush()
    return row.id


def latest(tx: Transaction, patient_id: str) -> Consent | None:
    """The decision that counts, by :func:`order`; None when undecided."""
    return next(iter(list_for_patient(tx, patient_id)), None)


def order() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What decisions are ordered by: their own time, the last recorded of equal times.

    None is later than it was recorded: what is said to come outlasts no later word of the patient.
    """
    row = tables.Consent
    counts_from = case((row.recorded_at < row.at, row.recorded_at), else_=row.at)
    return counts_from, row.seq.expression


def list_for_patient(tx: Transaction, patient_id: str) -> list[Consent]:
    """Every decision, the latest first."""
    query = select(tables.Consent).where(tables.Consent.patient_id == patient_id)
    query = query.order_by(*(each.desc() for each in order()))
    return [_consent(row) for row in tx.session.execute(query).scalars()]


def _consent(row: tables.Consent) -> Consent:
    return Consent(
        id=row.id,
        patient_id=row.patient_id,
        phone_id=row.phone_id,
        granted=row.granted,
        method=row.method,
        text_version=row.text_version,
        channel=row.channel,
        at=row.at,
    )
