"""People: those a clinic told us of, and those who texted in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from bot.store import phones, tables
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.paging import Page, cursor, later_than, read_cursor
from bot.store.rows import insert_new, open_json, seal_json
from bot.store.tables import PatientPhone

_PROFILE = "patient.profile_sealed"


@dataclass(frozen=True)
class Appointment:
    """A visit that the clinic planned."""

    at: datetime
    place: str | None = None


@dataclass(frozen=True)
class Profile:
    """What is known of the person and kept sealed. Every part may be unknown."""

    given_name: str | None = None
    zip: str | None = None
    birth_date: date | None = None
    emergency_visits_12m: int | None = None
    appointments: tuple[Appointment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON: dates and times in ISO 8601."""
        return {
            "given_name": self.given_name,
            "zip": self.zip,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "emergency_visits_12m": self.emergency_visits_12m,
            "appointments": [{"at": a.at.isoformat(), "place": a.place} for a in self.appointments],
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Profile:
        """Read what :meth:`to_json` wrote."""
        born = body["birth_date"]
        visits = tuple(Appointment(datetime.fromisoformat(a["at"]), a["place"]) for a in body["appointments"])
        return cls(
            given_name=body["given_name"],
            zip=body["zip"],
            birth_date=date.fromisoformat(born) if born else None,
            emergency_visits_12m=body["emergency_visits_12m"],
            appointments=visits,
        )


@dataclass(frozen=True)
class Patient:
    """A person. ``origin`` is ``clinic`` or ``texter``; ``proxy``: somebody else answers for them."""

    id: str
    origin: str
    profile: Profile
    language: str | None
    timezone: str | None
    clinic: str | None
    proxy: bool
    created_at: datetime
    updated_at: datetime


def upsert(
    tx: Transaction,
    patient_id: str,
    *,
    profile: Profile,
    origin: str = "clinic",
    language: str | None = None,
    timezone: str | None = None,
    clinic: str | None = None,
    proxy: bool = False,
) -> bool:
    """Write the patient as given, all of it; True when the patient is new. ``origin`` is set once."""
    written = {
        "profile_sealed": seal_json(tx, profile.to_json(), _PROFILE),
        "language": language,
        "timezone": timezone,
        "clinic": clinic,
        "proxy": proxy,
        "updated_at": tx.now(),
    }
    first = {"id": patient_id, "origin": origin, "created_at": tx.now()}
    if insert_new(tx, tables.Patient, first | written):
        return True
    row = _row(tx, patient_id)
    for column, value in written.items():
        setattr(row, column, value)
    tx.session.flush()
    return False


def create_texter(tx: Transaction, phone_id: str, language: str | None = None) -> Patient:
    """A record for somebody who texted in, reached by this phone."""
    patient_id = tx.new_id("p")
    upsert(tx, patient_id, profile=Profile(), origin="texter", language=language)
    phones.link(tx, patient_id, phone_id)
    found = get(tx, patient_id)
    assert found is not None
    return found


def set_language(tx: Transaction, patient_id: str, language: str) -> None:
    """The language the person chose. Raises :class:`NotFound`."""
    row = _row(tx, patient_id)
    row.language = language
    row.updated_at = tx.now()
    tx.session.flush()


def set_profile(tx: Transaction, patient_id: str, profile: Profile) -> None:
    """Replace the sealed profile. Raises :class:`NotFound`."""
    row = _row(tx, patient_id)
    row.profile_sealed = seal_json(tx, profile.to_json(), _PROFILE)
    row.updated_at = tx.now()
    tx.session.flush()


def get(tx: Transaction, patient_id: str) -> Patient | None:
    """The patient with this id, or None."""
    row = tx.session.get(tables.Patient, patient_id)
    return _patient(tx, row) if row else None


def existing(tx: Transaction, patient_ids: Collection[str]) -> set[str]:
    """Which of these ids are of a patient."""
    return set(tx.session.execute(select(tables.Patient.id).where(tables.Patient.id.in_(patient_ids))).scalars())


def open_profile(tx: Transaction, sealed: str) -> Profile:
    """The profile as it is kept. Raises ``VaultError``."""
    return Profile.from_json(open_json(tx, sealed, _PROFILE))


def seal_profile(tx: Transaction, profile: Profile) -> str:
    """The profile in the form in which it is kept."""
    return seal_json(tx, profile.to_json(), _PROFILE)


def by_number(tx: Transaction, address: str) -> list[Patient]:
    """Everybody this address reaches, the longest known first."""
    phone = phones.by_hash(tx, tx.vault.number_hash(address))
    return by_phone(tx, phone.id) if phone else []


def page_by_number(tx: Transaction, address: str, after: str | None, limit: int) -> Page[Patient]:
    """A page of those this address reaches, the longest known first. Raises ``BadCursor``."""
    query, who = _reached(tx.vault.number_hash(address)), tables.Patient
    if after is not None:
        query = query.where(later_than(who.created_at, who.id, *read_cursor(after)))
    rows = tx.session.execute(query.limit(limit + 1)).scalars().all()
    items = tuple(_patient(tx, row) for row in rows[:limit])
    return Page(items, cursor(items[-1].created_at, items[-1].id) if len(rows) > limit else None)


def _reached(number_hash: str) -> Select[Any]:
    linked = select(tables.Patient).join(PatientPhone, PatientPhone.patient_id == tables.Patient.id)
    phone = linked.join(tables.Phone, tables.Phone.id == PatientPhone.phone_id)
    return phone.where(tables.Phone.number_hash == number_hash).order_by(tables.Patient.created_at, tables.Patient.id)


def by_phone(tx: Transaction, phone_id: str) -> list[Patient]:
    """Everybody this phone reaches, the longest known first."""
    query = (
        select(tables.Patient)
        .join(PatientPhone, PatientPhone.patient_id == tables.Patient.id)
        .where(PatientPhone.phone_id == phone_id)
        .order_by(tables.Patient.created_at, tables.Patient.id)
    )
    return [_patient(tx, row) for row in tx.session.execute(query).scalars()]


def _row(tx: Transaction, patient_id: str) -> tables.Patient:
    row = tx.session.get(tables.Patient, patient_id)
    if row is None:
        raise NotFound("no such patient")
    return row


def _patient(tx: Transaction, row: tables.Patient) -> Patient:
    return Patient(
        id=row.id,
        origin=row.origin,
        profile=Profile.from_json(open_json(tx, row.profile_sealed, _PROFILE)),
        language=row.language,
        timezone=row.timezone,
        clinic=row.clinic,
        proxy=row.proxy,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
