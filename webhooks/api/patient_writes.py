"""Writes the fields that a clinic gave of a patient, and leaves the others as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.store import consents, conversations, outbox, patients, phones
from bot.store.database import Transaction
from bot.store.leases import hold_thread
from bot.store.patients import Appointment, Patient, Profile
from bot.store.phones import Phone
from webhooks.api.calls import Asked
from webhooks.api.models.patients import ConsentJson, PatientWrite
from webhooks.api.opting_out import TOLD_THE_CLINIC
from webhooks.api.problems import FieldError, unusable

_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_CLINIC = "clinic"
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
        _set_phone(tx, patient_id, body.phone)
    if body.consent is not None:
        _record_consent(tx, patient_id, body.consent)
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


def _set_phone(tx: Transaction, patient_id: str, address: str | None) -> None:
    """The number takes the place of the one that was texted, which gets nothing more for this patient."""
    old = phones.primary(tx, patient_id)
    new = phones.find_or_create(tx, address) if address is not None else None
    if new is not None:
        phones.link(tx, patient_id, new.id)
    if old is not None and (new is None or new.id != old.id):
        _leave(tx, patient_id, old)


def _leave(tx: Transaction, patient_id: str, phone: Phone) -> None:
    """Whoever texts from the old number now is not taken for the patient, and a number of nobody is not kept."""
    phones.unlink(tx, patient_id, phone.id)
    outbox.cancel_for_patient(tx, phone.id, patient_id)
    current = conversations.current_for_phone(tx, phone.id)
    if current is not None and current.patient_id == patient_id:
        phones.make_current(tx, phone.id, None)
    phones.forget_unused(tx, phone.id)


def _record_consent(tx: Transaction, patient_id: str, consent: ConsentJson) -> None:
    """Added to the history, unless exactly this is there: the same PUT twice is one decision."""
    history = consents.list_for_patient(tx, patient_id)
    if _is_repeat(consent, history) or (consent.at is None and consent.granted and _patient_refused(history)):
        return
    phone = phones.primary(tx, patient_id)
    consents.record(
        tx,
        patient_id=patient_id,
        phone_id=phone.id if phone else None,
        granted=consent.granted,
        method=consent.method,
        text_version=None,
        channel=_CLINIC,
        at=consent.at or tx.now(),
    )


def _is_repeat(consent: ConsentJson, history: list[consents.Consent]) -> bool:
    """Without a time of its own, a consent is compared with what the clinic itself said last."""
    if consent.at is None:
        said = next((known for known in history if known.channel == _CLINIC), None)
        return said is not None and _is_same(consent, said)
    return any(_is_same(consent, known) and consent.at == known.at for known in history)


def _is_same(consent: ConsentJson, known: consents.Consent) -> bool:
    return (consent.granted, consent.method) == (known.granted, known.method)


def _patient_refused(history: list[consents.Consent]) -> bool:
    """Whether the patient said no and nobody a dated yes since. A no of the clinic's own says nothing of that."""
    last = next((known for known in history if known.granted or _is_own(known)), None)
    return last is not None and not last.granted


def _is_own(known: consents.Consent) -> bool:
    return known.channel != _CLINIC or known.method == TOLD_THE_CLINIC
