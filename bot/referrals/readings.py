"""What the conversation is told when a follow-up of a referral falls due, and after a turn that asks for places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.bootstrap import Deps
from bot.core.dialog import JsonObject, Reading
from bot.referrals import planning
from bot.referrals.places import find_places, finder
from bot.store import navigation, patients, referrals
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.referrals import PatientReferral

Guard = Mapping[str, Any]
Builder = Callable[[Deps, Transaction, str, str, Guard], Reading | None]


def due_reading(deps: Deps, tx: Transaction, patient_id: str, language: str, kind: str, guard: Guard) -> Reading | None:
    """The reading for a follow-up of this kind; None when what it was about is over. Raises ``KeyError``."""
    try:
        return DUE[kind](deps, tx, patient_id, language, guard)
    except NotFound:
        return None


def sent_event(kind: str, reading: Reading, guard: Guard) -> JsonObject | None:
    """What the app itself says happened when the turn of a follow-up is taken; None where nothing follows."""
    if kind == planning.CHECK_IN:
        return {"type": "check_in_sent", "referral_id": guard["referral_id"]}
    if kind == planning.NAVIGATION_CHECK_IN:
        return {"type": "navigation_check_in_sent", "case_id": guard["case_id"]}
    if kind == planning.NEXT_PLACE:
        found = bool(reading.value["places"])
        return {"type": "next_place_sought", "referral_id": guard["referral_id"], "found": found}
    if kind == planning.PLACES_REMINDER:
        return {"type": "places_reminder_sent"}
    return None


def _check_in(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    referral = _open(tx, guard)
    if referral is None:
        return None
    attempt = referral.check_ins + 1
    return Reading("check_in_due", {**_place(referral), "domain": referral.domain, "attempt": attempt})


def _will_call(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    referral = _open(tx, guard)
    if referral is None:
        return None
    at = _local(tx, patient_id, guard.get("at"))
    return Reading("partner_will_call", {**_place(referral), "number": _calls_from(deps, tx, referral), "at": at})


def _calls_from(deps: Deps, tx: Transaction, referral: PatientReferral) -> str | None:
    """The number that the place gave last, else that of its listing."""
    given = [event.calls_from for event in referrals.events(tx, referral.id) if event.calls_from]
    reach = finder(deps).reach(tx, referral.service_id)
    return given[-1] if given else reach.number if reach else None


def _did_they_call(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    referral = _open(tx, guard)
    return None if referral is None else Reading("did_they_call", _place(referral))


def _next_place(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    referral = referrals.get(tx, guard["referral_id"])
    patient = patients.get(tx, patient_id)
    if patient is None:
        return None
    found = find_places(deps, tx, patient, language, [referral.domain], untried=True)
    return Reading("next_place_due", {**found, **_place(referral), "reason": referral.state_reason})


def _places_again(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    """Nothing is said where there is no place: the need is closed some days later, and a person sees it."""
    patient = patients.get(tx, patient_id)
    domains = [need.domain for need in planning.waiting_needs(tx, patient_id)]
    if patient is None or not domains:
        return None
    found = find_places(deps, tx, patient, language, domains, untried=True)
    return Reading("places_found", {**found, "waiting": True}) if found["places"] else None


def _navigation_check_in(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    case = navigation.get(tx, guard["case_id"])
    value = {"case_id": case.id, "month": case.check_ins + 1}
    return Reading("navigation_check_in_due", value) if case.state == "open" else None


def _reminder(deps: Deps, tx: Transaction, patient_id: str, language: str, guard: Guard) -> Reading | None:
    """``chw`` only when they said that they will be there: nobody is promised who is not coming."""
    patient = patients.get(tx, patient_id)
    at = datetime.fromisoformat(guard["at"])
    visit = next((v for v in patient.profile.appointments if v.at == at), None) if patient else None
    if visit is None or at <= tx.now():
        return None
    case = navigation.current(tx, patient_id)
    comes = case is not None and any(datetime.fromisoformat(each) == at for each in case.visits)
    chw = case.chw if case is not None and comes else None
    return Reading(
        "appointment_reminder", {"at": _local(tx, patient_id, guard["at"]), "place": visit.place, "chw": chw}
    )


DUE: Mapping[str, Builder] = {
    planning.CHECK_IN: _check_in,
    planning.WILL_CALL: _will_call,
    planning.DID_THEY_CALL: _did_they_call,
    planning.NEXT_PLACE: _next_place,
    planning.NAVIGATION_CHECK_IN: _navigation_check_in,
    planning.REMINDER: _reminder,
    planning.PLACES_REMINDER: _places_again,
}


def _open(tx: Transaction, guard: Guard) -> PatientReferral | None:
    referral = referrals.get(tx, guard["referral_id"])
    return None if referral.is_closed else referral


def _place(referral: PatientReferral) -> JsonObject:
    return {"referral_id": referral.id, "place": referral.service_name}


def _local(tx: Transaction, patient_id: str, at: str | None) -> str | None:
    if at is None:
        return None
    return datetime.fromisoformat(at).astimezone(ZoneInfo(planning.zone_for(tx, patient_id))).isoformat()
