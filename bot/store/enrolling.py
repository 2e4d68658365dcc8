"""Many patients at once, in a few statements a chunk: what the gate asks of each, and their enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.store import consents, patients, screenings, suppressions, tables
from bot.store.database import Transaction
from bot.store.patients import Profile
from bot.store.rows import changed, insert_rows
from bot.store.tables import Consent, Enrolment, Patient, PatientPhone, Phone, Suppression

# Why an invitation is held that will go out by itself, if nobody cancels it.
ONLY_TIME = ("quiet_hours", "sunday", "holiday", "texted_today", "texted_often", "campaign_paused")


@dataclass(frozen=True)
class Known:
    """What is on record of one patient. ``address`` is None where no phone can be texted.

    ``screened_at`` is when the patient was last screened, None where that is long ago or never was.
    """

    patient_id: str
    timezone: str | None
    profile: Profile
    address: str | None
    phone_id: str | None
    consent: bool | None
    suppressions: frozenset[str]
    screened_at: datetime | None


@dataclass(frozen=True)
class Invited:
    """One enrolment to write down: in which state, why, and when it falls due; ``dropped`` ones never do."""

    patient_id: str
    due_at: datetime
    state: str = "enrolled"
    reason: str | None = None
    dropped: bool = False


def known(tx: Transaction, patient_ids: Sequence[str], screened_since: datetime) -> dict[str, Known]:
    """What is on record of these patients, by id; who is not known is left out. What was screened before is old."""
    decided = _consents(tx, patient_ids)
    screened = screenings.last_screened(tx, patient_ids, screened_since)
    query = (
        select(Patient.id, Patient.timezone, Patient.profile_sealed, Phone.id, Phone.number_sealed, Phone.number_hash)
        .outerjoin(PatientPhone, (PatientPhone.patient_id == Patient.id) & PatientPhone.is_primary.is_(True))
        .outerjoin(Phone, Phone.id == PatientPhone.phone_id)
        .where(Patient.id.in_(patient_ids))
    )
    rows = tx.session.execute(query).all()
    blocked = _suppressions(tx, [row[5] for row in rows if row[5]])
    return {
        row[0]: Known(
            patient_id=row[0],
            timezone=row[1],
            profile=patients.open_profile(tx, row[2]),
            address=tx.vault.open(row[4], "phone.number_sealed") if row[4] else None,
            phone_id=row[3],
            consent=decided.get(row[0]),
            suppressions=frozenset(blocked.get(row[5], ())),
            screened_at=screened.get(row[0]),
        )
        for row in rows
    }


def suppressed(tx: Transaction, address: str | None) -> frozenset[str]:
    """Why an address must not be texted; empty for none."""
    return frozenset(suppressions.kinds(tx, tx.vault.number_hash(address))) if address else frozenset()


def enrol(tx: Transaction, campaign_id: str, kind: str, guard: dict[str, Any], invited: Sequence[Invited]) -> int:
    """Enrol these patients, each with its follow-up; who is in the campaign already is left as is. Gives how many.

    What has the same time is released in the order of its ids, so these are given in the order of the patients.
    """
    ids = [each.patient_id for each in invited]
    inside = select(Enrolment.patient_id).where(Enrolment.campaign_id == campaign_id, Enrolment.patient_id.in_(ids))
    already = set(tx.session.execute(inside).scalars())
    fresh = [each for each in invited if each.patient_id not in already]
    numbered = list(zip(_ids(tx, "enr", fresh), _ids(tx, "fu", fresh), fresh, strict=True))
    if numbered:
        insert_rows(tx, Enrolment, [_enrolment(tx, campaign_id, enr, each) for enr, _, each in numbered])
        insert_rows(tx, tables.FollowUp, [_followup(tx, kind, guard, *each) for each in numbered])
    return len(fresh)


def waiting(tx: Transaction, campaign_id: str, after: str, limit: int) -> list[tuple[str, str]]:
    """The next enrolments that are enrolled or held, with their patients, in the order of their ids."""
    waits = (
        select(Enrolment.id, Enrolment.patient_id)
        .where(Enrolment.campaign_id == campaign_id, Enrolment.id > after, Enrolment.state.in_(("enrolled", "held")))
        .order_by(Enrolment.id)
        .limit(limit)
    )
    return [(enrolment_id, patient_id) for enrolment_id, patient_id in tx.session.execute(waits)]


def reschedule(tx: Transaction, kind: str, enrolment_id: str, due_at: datetime) -> bool:
    """Let the invitation of this enrolment fall due then; False when it is no longer planned or held."""
    this = (tables.FollowUp.dedupe_key == f"{kind}:{enrolment_id}") & tables.FollowUp.state.in_(("planned", "held"))
    values = {"due_at": due_at, "first_due_at": due_at, "state": "planned", "reason": None}
    if not changed(tx.session.execute(update(tables.FollowUp).where(this).values(**values))):
        return False
    held = (Enrolment.id == enrolment_id) & (Enrolment.state == "held")
    tx.session.execute(update(Enrolment).where(held).values(state="enrolled", reason=None, updated_at=tx.now()))
    return True


def end(tx: Transaction, kind: str, enrolment_ids: Sequence[str], reason: str) -> int:
    """Drop what waits for these enrolments; gives how many follow-ups were dropped.

    The enrolments show the reason, but for those that were held for one that time alone does not undo, which they keep.
    """
    keys = [f"{kind}:{each}" for each in enrolment_ids]
    waits = tables.FollowUp.dedupe_key.in_(keys) & tables.FollowUp.state.in_(("planned", "held"))
    dropped = changed(tx.session.execute(update(tables.FollowUp).where(waits).values(state="dropped", reason=reason)))
    waited = (Enrolment.state == "enrolled") | Enrolment.reason.is_(None) | Enrolment.reason.in_(ONLY_TIME)
    held = Enrolment.id.in_(enrolment_ids) & Enrolment.state.in_(("enrolled", "held")) & waited
    tx.session.execute(update(Enrolment).where(held).values(state="held", reason=reason, updated_at=tx.now()))
    return dropped


def _ids(tx: Transaction, prefix: str, invited: Sequence[Invited]) -> list[str]:
    return sorted(tx.new_id(prefix) for _ in invited)


def _enrolment(tx: Transaction, campaign_id: str, enrolment_id: str, invited: Invited) -> dict[str, Any]:
    return {
        "id": enrolment_id,
        "campaign_id": campaign_id,
        "patient_id": invited.patient_id,
        "state": invited.state,
        "reason": invited.reason,
        "updated_at": tx.now(),
    }


def _followup(
    tx: Transaction, kind: str, guard: dict[str, Any], enrolment_id: str, followup_id: str, invited: Invited
) -> dict[str, Any]:
    return {
        "id": followup_id,
        "patient_id": invited.patient_id,
        "kind": kind,
        "due_at": invited.due_at,
        "first_due_at": tx.now() if invited.state == "held" else invited.due_at,
        "bulk": True,
        "guard": {"enrolment_id": enrolment_id, **guard},
        "dedupe_key": f"{kind}:{enrolment_id}",
        "state": "dropped" if invited.dropped else "held" if invited.state == "held" else "planned",
        "reason": invited.reason,
        "created_at": tx.now(),
    }


def _consents(tx: Transaction, patient_ids: Sequence[str]) -> dict[str, bool]:
    """The latest decision of each, as :func:`bot.store.consents.latest` finds it."""
    query = select(Consent.patient_id, Consent.granted).where(Consent.patient_id.in_(patient_ids))
    return {patient_id: granted for patient_id, granted in tx.session.execute(query.order_by(*consents.order()))}


def _suppressions(tx: Transaction, hashes: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = select(Suppression.number_hash, Suppression.kind).where(Suppression.number_hash.in_(hashes))
    for number_hash, kind in tx.session.execute(query):
        found.setdefault(number_hash, set()).add(kind)
    return found
