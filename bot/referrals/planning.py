"""Plans what is next for a referral, a need or a case: follow-up rows, each planned once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.adapters.places import by_number, by_zip, holidays_in, states_of_number
from bot.content.referral import ReferralContent
from bot.core.check_ins import deadline, next_check_in, partner_step
from bot.core.hours import Recipient, next_allowed
from bot.core.referral import FIRST
from bot.core.zones import plausible_zones
from bot.local_time import zone_of
from bot.store import followups, needs, patients, phones, referrals
from bot.store.database import Transaction
from bot.store.needs import PatientNeed
from bot.store.referrals import PatientReferral

CHECK_IN = "check_in"
WILL_CALL = "partner_will_call"
DID_THEY_CALL = "did_they_call"
NEXT_PLACE = "next_place"
NAVIGATION_CHECK_IN = "navigation_check_in"
REMINDER = "appointment_reminder"
PARTNER_STEP = "partner_step"
UNANSWERED = "unanswered"
LOST = "lost_to_follow_up"
DEADLINE = "referral_deadline"
NEED_DEADLINE = "need_deadline"
NAVIGATION_DUE = "navigation_due"
VISIT_NOTICE = "visit_notice"
PLACES_REMINDER = "places_reminder"
PLACES_UNANSWERED = "places_unanswered"

# What is texted, and what is only done.
SPOKEN = (CHECK_IN, WILL_CALL, DID_THEY_CALL, NEXT_PLACE, NAVIGATION_CHECK_IN, REMINDER, PLACES_REMINDER)
SILENT = (PARTNER_STEP, UNANSWERED, LOST, DEADLINE, NEED_DEADLINE, NAVIGATION_DUE, VISIT_NOTICE, PLACES_UNANSWERED)
CHECK_INS = (CHECK_IN, NAVIGATION_CHECK_IN)
OF_OFFERS = frozenset({PLACES_REMINDER, PLACES_UNANSWERED})
WITH_PATIENT = frozenset({CHECK_IN, UNANSWERED, LOST})
OF_REFERRAL = frozenset({CHECK_IN, WILL_CALL, DID_THEY_CALL, PARTNER_STEP, UNANSWERED, LOST, DEADLINE})


def zone_for(tx: Transaction, patient_id: str) -> str:
    """The zone in which the patient's hours are meant."""
    patient = patients.get(tx, patient_id)
    phone = phones.primary(tx, patient_id)
    if patient is None:
        return zone_of(None, None, "")
    return zone_of(patient.timezone, patient.profile.zip, phones.address(tx, phone.id) if phone else "")


def working_time(
    tx: Transaction, content: ReferralContent, patient_id: str, at: datetime, number: str = ""
) -> datetime:
    """The first moment from ``at`` on at which a place is at work: by the zones of its ``number`` where they say it.

    Else by that of the patient, near whom it lies. So with the holidays of the state.
    """
    patient = patients.get(tx, patient_id)
    zones = plausible_zones(None, None, by_number(number), [zone_for(tx, patient_id)])
    home = by_zip(patient.profile.zip)[1] if patient and patient.profile.zip else None
    states = states_of_number(number) or frozenset({home} if home else ())
    place = Recipient(zones, states, partial(holidays_in, states))
    return next_allowed(at, place, content.partner.hours) or at


def plan(
    tx: Transaction, referral: PatientReferral, kind: str, due_at: datetime, more: Mapping[str, Any] | None = None
) -> None:
    """Plan one thing for the referral."""
    count = referrals.get(tx, referral.id).planned + 1
    referrals.change(tx, referral.id, planned=count)
    guard = {"referral_id": referral.id, **(more or {})}
    followups.plan(tx, referral.patient_id, kind, due_at, guard, f"{kind}:{referral.id}:{count}")


def plan_check_in(tx: Transaction, content: ReferralContent, referral: PatientReferral, *, calm: bool) -> None:
    """The next check-in instead of whatever was planned with the patient; none after the end of time."""
    referrals.drop_planned(tx, referral, WITH_PATIENT, "planned_anew")
    due = next_check_in(
        content.check_ins,
        referral.opened_at,
        tx.now(),
        referral.check_ins,
        zone_for(tx, referral.patient_id),
        calm=calm,
    )
    if due <= deadline(content.check_ins, referral.opened_at):
        plan(tx, referral, CHECK_IN, due)


def plan_deadline(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    """The end of time for this referral."""
    referrals.drop_planned(tx, referral, frozenset({DEADLINE}), "planned_anew")
    plan(tx, referral, DEADLINE, deadline(content.check_ins, referral.opened_at))


def plan_partner_step(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    """The next reminder to a partner that has not answered, or the end of waiting."""
    if referral.told_at is not None:
        _, due_at = partner_step(content.partner, referral.told_at, referral.reminders)
        at = working_time(tx, content, referral.patient_id, max(due_at, tx.now()))
        plan(tx, referral, PARTNER_STEP, at)


def plan_call(
    tx: Transaction, content: ReferralContent, referral: PatientReferral, proposed_at: datetime | None
) -> None:
    """Tell the patient that the place will call, now, and ask some days later whether it did."""
    referrals.drop_planned(tx, referral, frozenset({WILL_CALL, DID_THEY_CALL}), "planned_anew")
    at = proposed_at.isoformat() if proposed_at and proposed_at > tx.now() else None
    plan(tx, referral, WILL_CALL, tx.now(), {"at": at})
    plan_did_they_call(tx, content, referral, max(proposed_at or tx.now(), tx.now()))


def plan_did_they_call(tx: Transaction, content: ReferralContent, referral: PatientReferral, since: datetime) -> None:
    """Ask some days after ``since`` whether the place was in touch."""
    plan(tx, referral, DID_THEY_CALL, since + timedelta(days=content.partner.did_they_call_days))


def plan_need_deadline(tx: Transaction, content: ReferralContent, patient_id: str, need_id: str) -> None:
    """The end of time for a need, unless it is planned."""
    if _need_deadlines(tx, patient_id, need_id):
        return
    due_at = needs.get(tx, need_id).opened_at + timedelta(days=content.check_ins.until_days)
    key = f"{NEED_DEADLINE}:{need_id}:{int(tx.now().timestamp())}"
    followups.plan_again(tx, patient_id, NEED_DEADLINE, due_at, {"need_id": need_id}, key)


def drop_need_deadline(tx: Transaction, patient_id: str, need_id: str) -> None:
    """The need has ended before its time."""
    for followup_id in _need_deadlines(tx, patient_id, need_id):
        followups.drop(tx, followup_id, "need_closed")


def _need_deadlines(tx: Transaction, patient_id: str, need_id: str) -> list[str]:
    planned = [each for each in followups.pending(tx, patient_id) if each.kind == NEED_DEADLINE]
    return [each.id for each in planned if each.guard["need_id"] == need_id]


def waiting_needs(tx: Transaction, patient_id: str) -> list[PatientNeed]:
    """The open needs for which no place is agreed to, in the order they were opened."""
    agreed = {each.need_id for each in referrals.open_ones(tx, patient_id) if each.state != FIRST}
    return [need for need in needs.of_patient(tx, patient_id) if need.closed_at is None and need.id not in agreed]


def has_place(tx: Transaction, need_id: str) -> bool:
    """Whether a place is agreed to for this need, and nothing is known of its end."""
    return any(not each.is_closed and each.state != FIRST for each in referrals.of_need(tx, need_id))


def plan_offers(tx: Transaction, content: ReferralContent, patient_id: str, wait_days: int | None = None) -> None:
    """Places were shown, or a need was named, or one has ended: speak of what waits once more, some days from now.

    ``wait_days`` of the content unless given. Nothing is planned any more where nothing waits.
    """
    _drop_offers(tx, patient_id, OF_OFFERS)
    if not waiting_needs(tx, patient_id):
        return
    times = content.offers
    days = times.remind_days if wait_days is None else wait_days
    _plan_offer(tx, patient_id, PLACES_REMINDER, days_from(tx, days))
    _plan_offer(tx, patient_id, PLACES_UNANSWERED, days_from(tx, days + times.close_days))


def plan_end_of_offers(tx: Transaction, content: ReferralContent, patient_id: str) -> None:
    """They were spoken of once more now: what is not answered some days later ends."""
    _drop_offers(tx, patient_id, frozenset({PLACES_UNANSWERED}))
    _plan_offer(tx, patient_id, PLACES_UNANSWERED, days_from(tx, content.offers.close_days))


def _plan_offer(tx: Transaction, patient_id: str, kind: str, due_at: datetime) -> None:
    # With an id: several turns of one second plan anew each.
    followups.plan(tx, patient_id, kind, due_at, {"since": tx.now().isoformat()}, f"{kind}:{tx.new_id('offer')}")


def _drop_offers(tx: Transaction, patient_id: str, kinds: frozenset[str]) -> None:
    for planned in followups.pending(tx, patient_id):
        if planned.kind in kinds:
            followups.drop(tx, planned.id, "planned_anew")


def days_from(tx: Transaction, days: int) -> datetime:
    """So many days from now."""
    return tx.now() + timedelta(days=days)
