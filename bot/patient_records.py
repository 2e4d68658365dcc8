"""Writes what a clinic says of its patients: one at a time for the API, in chunks for a list of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.local_time import zone_of
from bot.referrals.reachable import reachable_again
from bot.store import consents, conversations, outbox, patients, people_in_bulk, phones
from bot.store.database import Transaction
from bot.store.leases import hold_thread
from bot.store.patients import Appointment, Profile
from bot.store.phones import Phone

# How a no is kept that the patient said to somebody at the clinic.
TOLD_THE_CLINIC = "told the clinic"
_CLINIC = "clinic"
_PROFILE = ("given_name", "zip", "birth_date", "emergency_visits_12m")
_OWN = ("language", "timezone", "clinic")
_TIMES = ("consent_at", "appointment_at")


class Said(Protocol):
    """A decision about being texted, as the clinic reports it."""

    @property
    def granted(self) -> bool:
        """Whether the patient may be texted."""
        ...

    @property
    def method(self) -> str:
        """The clinic's own word for how it was taken."""
        ...

    @property
    def at(self) -> datetime | None:
        """When, if that is known."""
        ...


@dataclass(frozen=True)
class Consent:
    """A :class:`Said` of a patient list."""

    granted: bool
    method: str
    at: datetime | None


def write_rows(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Create or update the patients of these rows, each with a different ``patient_id``; a field left out stays.

    Naive times are meant in the patient's zone.
    New patients are written in a few statements together, known ones one by one.
    """
    known = patients.existing(tx, [row["patient_id"] for row in rows])
    fresh = [row for row in rows if row["patient_id"] not in known]
    people_in_bulk.insert(tx, [_newcomer(tx, row) for row in fresh])
    for row in rows:
        if row["patient_id"] in known:
            _update(tx, row)


def set_phone(tx: Transaction, patient_id: str, address: str | None) -> None:
    """The number takes the place of the one that was texted, which gets nothing more for this patient."""
    old = phones.primary(tx, patient_id)
    new = phones.find_or_create(tx, address) if address is not None else None
    if new is not None:
        phones.link(tx, patient_id, new.id)
        if old is None or new.id != old.id:
            reachable_again(tx, patient_id)
    if old is not None and (new is None or new.id != old.id):
        _leave(tx, patient_id, old)


def record_consent(tx: Transaction, patient_id: str, consent: Said) -> None:
    """Added to the history, unless exactly this is there: the same statement twice is one decision.

    A yes without a date does not undo a no of the patient's own.
    """
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


def in_zone(
    row: Mapping[str, Any], profile: Profile, timezone: str | None = None, address: str | None = None
) -> dict[str, Any]:
    """The row with its naive times read on the patient's clock; what the row does not say of it is given beside it."""
    naive = {name: row[name] for name in _TIMES if name in row and row[name].tzinfo is None}
    if not naive:
        return dict(row)
    zone = ZoneInfo(
        zone_of(row.get("timezone", timezone), row.get("zip", profile.zip), row.get("phone", address) or "")
    )
    return {**row, **{name: at.replace(tzinfo=zone).astimezone(UTC) for name, at in naive.items()}}


def profile_of(row: Mapping[str, Any], before: Profile) -> Profile:
    """The profile with the fields of a row in it; an appointment is added to those at other times."""
    changes: dict[str, Any] = {name: row[name] for name in _PROFILE if name in row}
    if "appointment_at" in row:
        changes["appointments"] = _with_appointment(row["appointment_at"], row.get("appointment_place"), before)
    return replace(before, **changes)


def _with_appointment(at: datetime, place: str | None, before: Profile) -> tuple[Appointment, ...]:
    """Where the row names no place, the one that was named stays."""
    by_time = {each.at: each for each in before.appointments}
    known = by_time.get(at)
    by_time[at] = Appointment(at, place or (known.place if known else None))
    return tuple(by_time[each] for each in sorted(by_time))


def consent_of(row: Mapping[str, Any]) -> Consent | None:
    """What a row says of consent; None when it says nothing."""
    if "consent" not in row:
        return None
    return Consent(row["consent"], row.get("consent_method", "patient list"), row.get("consent_at"))


def _newcomer(tx: Transaction, row: Mapping[str, Any]) -> people_in_bulk.Newcomer:
    row = in_zone(row, Profile())
    consent = consent_of(row)
    return people_in_bulk.Newcomer(
        patient_id=row["patient_id"],
        profile=profile_of(row, Profile()),
        address=row.get("phone"),
        own={name: row.get(name) for name in _OWN} | {"proxy": bool(row.get("proxy"))},
        consent=None if consent is None else (consent.granted, consent.method, consent.at or tx.now()),
    )


def _update(tx: Transaction, row: Mapping[str, Any]) -> None:
    patient_id = row["patient_id"]
    # Two writes of one patient at once must not undo each other's fields.
    hold_thread(tx, f"patient {patient_id}")
    known = patients.get(tx, patient_id)
    before = known.profile if known else Profile()
    if any(name in row for name in _TIMES):
        phone = phones.primary(tx, patient_id)
        row = in_zone(row, before, known.timezone if known else None, phones.address(tx, phone.id) if phone else None)
    own: dict[str, Any] = {name: row[name] if name in row else getattr(known, name, None) for name in _OWN}
    proxy = bool(row["proxy"]) if "proxy" in row else bool(known and known.proxy)
    patients.upsert(tx, patient_id, profile=profile_of(row, before), proxy=proxy, **own)
    if "phone" in row:
        set_phone(tx, patient_id, row["phone"])
    consent = consent_of(row)
    if consent is not None:
        record_consent(tx, patient_id, consent)


def to_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in a form that JSON keeps."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def from_json(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Read what :func:`to_json` wrote."""
    row = dict(kept)
    if "birth_date" in row:
        row["birth_date"] = date.fromisoformat(row["birth_date"])
    for name in _TIMES:
        if name in row:
            row[name] = datetime.fromisoformat(row[name])
    return row


def _leave(tx: Transaction, patient_id: str, phone: Phone) -> None:
    """Whoever texts from the old number now is not taken for the patient, and a number of nobody is not kept."""
    phones.unlink(tx, patient_id, phone.id)
    outbox.cancel_for_patient(tx, phone.id, patient_id)
    current = conversations.current_for_phone(tx, phone.id)
    if current is not None and current.patient_id == patient_id:
        phones.make_current(tx, phone.id, None)
    phones.forget_unused(tx, phone.id)


def _is_repeat(consent: Said, history: list[consents.Consent]) -> bool:
    """Without a time of its own, a consent is compared with what the clinic itself said last."""
    if consent.at is None:
        said = next((known for known in history if known.channel == _CLINIC), None)
        return said is not None and _is_same(consent, said)
    return any(_is_same(consent, known) and consent.at == known.at for known in history)


def _is_same(consent: Said, known: consents.Consent) -> bool:
    return (consent.granted, consent.method) == (known.granted, known.method)


def _patient_refused(history: list[consents.Consent]) -> bool:
    """Whether the patient said no and nobody a dated yes since. A no of the clinic's own says nothing of that."""
    last = next((known for known in history if known.granted or _is_own(known)), None)
    return last is not None and not last.granted


def _is_own(known: consents.Consent) -> bool:
    return known.channel != _CLINIC or known.method == TOLD_THE_CLINIC
