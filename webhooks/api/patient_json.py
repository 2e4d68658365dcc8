"""Shows a patient as the API gives one."""

from __future__ import annotations

from bot.store import consents, patients, phones, suppressions
from bot.store.database import Transaction
from bot.store.patients import Patient
from webhooks.api.models.patients import AppointmentGiven, ConsentGiven, PatientJson
from webhooks.api.problems import not_found


def require_patient(tx: Transaction, patient_id: str) -> Patient:
    """The patient with this id, or a 404 problem."""
    patient = patients.get(tx, patient_id)
    if patient is None:
        raise not_found("patient")
    return patient


def show(tx: Transaction, patient: Patient) -> PatientJson:
    """The patient with the phone that is texted, the consent that counts, and why the phone is blocked."""
    phone = phones.primary(tx, patient.id)
    blocked = sorted(suppressions.kinds(tx, phone.number_hash)) if phone else []
    profile = patient.profile
    return PatientJson(
        id=patient.id,
        patient_id=patient.id,
        origin=patient.origin,
        phone=phones.address(tx, phone.id) if phone else None,
        given_name=profile.given_name,
        language=patient.language,
        zip=profile.zip,
        timezone=patient.timezone,
        birth_date=profile.birth_date,
        clinic=patient.clinic,
        consent=_consent(tx, patient.id),
        opted_out="opted_out" in blocked,
        blocked=blocked,
        proxy=patient.proxy,
        emergency_visits_12m=profile.emergency_visits_12m,
        appointments=[AppointmentGiven(at=a.at, place=a.place) for a in profile.appointments],
        created_at=patient.created_at,
        updated_at=patient.updated_at,
    )


def _consent(tx: Transaction, patient_id: str) -> ConsentGiven | None:
    latest = consents.latest(tx, patient_id)
    return None if latest is None else ConsentGiven(granted=latest.granted, method=latest.method, at=latest.at)
