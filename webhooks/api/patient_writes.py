"""Writes the fields that a clinic gave of a patient, and leaves the others as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.patient_records import record_consent, set_phone
from bot.store import patients
from bot.store.leases import hold_thread
from bot.store.patients import Appointment, Patient, Profile
from webhooks.api.calls import Asked
from webhooks.api.models.patients import PatientWrite
from webhooks.api.problems import FieldError, unusable

_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_PROFILE = ("given_name", "zip", "birth_date", "emergency_visits_12m")
_OWN = ("language", "timezone", "clinic")


def write(asked: Asked, patient_id: str) -> tuple[bool, list[str]]:
    """Create or update; gives whether the patient is new and which fields were given. 422 names unusable fields."""
    tx, body = asked.tx, asked.body
    _check(asked, body)
    # Two writes of one patient at once must not undo each other's fields.
    hold_thread(tx, f"patient {patient_id}")
    known = patients.get(tx, patient_id)
    is_new = patients.upsert(tx, patient_id, **_columns(body, known))
    if "phone" in body.model_fields_set:
        set_phone(tx, patient_id, body.phone)
    if body.consent is not None:
        record_consent(tx, patient_id, body.consent)
    return is_new, sorted(body.model_fields_set)


def _check(asked: Asked, body: PatientWrite) -> None:
    """What needs the content or the clock to be judged."""
    now = asked.deps.clock.now()
    languages = asked.deps.content.languages
    wrong: list[FieldError] = []
    if body.language is not None and body.language not in languages:
        wrong.append(FieldError("language", f"must be one of {', '.join(languages)}"))
    if body.birth_date is not None and body.birth_date > (now + timedelta(days=1)).date():
        wrong.append(FieldError("birth_date", "is in the future"))
    if body.consent is not None and body.consent.at is not None and body.consent.at > now + _CLOCKS_DIFFER_BY:
        wrong.append(FieldError("consent.at", "is in the future"))
    if wrong:
        raise unusable(wrong)


def _columns(body: PatientWrite, known: Patient | None) -> dict[str, Any]:
    given = body.model_fields_set
    columns: dict[str, Any] = {"profile": _profile(body, known.profile if known else Profile())}
    for name in _OWN:
        columns[name] = getattr(body, name) if name in given else getattr(known, name, None)
    columns["proxy"] = bool(body.proxy) if "proxy" in given else bool(known and known.proxy)
    return columns


def _profile(body: PatientWrite, profile: Profile) -> Profile:
    given = body.model_fields_set
    changes: dict[str, Any] = {name: getattr(body, name) for name in _PROFILE if name in given}
    if "appointments" in given:
        changes["appointments"] = tuple(Appointment(a.at, a.place) for a in body.appointments or [])
    return replace(profile, **changes)
