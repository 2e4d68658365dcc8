"""Visits at the clinic: the patient is reminded, and the community health worker (CHW) is told who comes.

Appointments come with the patient's record; whoever writes that calls :func:`plan`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.content.referral import load_referral
from bot.core.check_ins import at_hour
from bot.core.gate import GateFacts, earliest
from bot.core.on_call import line_up
from bot.on_call.alerting import channels
from bot.recipients import place, recipient_of
from bot.referrals import planning
from bot.referrals.telling import VISIT
from bot.store import deliveries, followups, navigation, on_call, patients, phones
from bot.store.database import Transaction
from bot.store.deliveries import Notice
from bot.store.followups import FollowUp
from bot.store.on_call import Person
from bot.store.patients import Appointment, Patient

# Sundays and holidays in a row are fewer.
MOST_DAYS_BEFORE = 7
# A reminder that comes later helps nobody to come.
NOTICE = timedelta(hours=2)

Allowed = Callable[[datetime], datetime | None]


def plan(tx: Transaction, patient_id: str, content_dir: Path | None = None) -> None:
    """Plan what is said about every visit to come; what is planned stays as it is, what was dropped comes again."""
    patient = patients.get(tx, patient_id)
    if patient is None:
        return
    times = load_referral(content_dir).visits
    zone = planning.zone_for(tx, patient_id)
    allowed = _allowed_from(tx, patient)
    for visit in patient.profile.appointments:
        if visit.at <= tx.now():
            continue
        day = visit.at.astimezone(ZoneInfo(zone)).date()
        reminder = _remind_at(visit.at, tx.now(), zone, times.remind_hour, allowed)
        if reminder is not None:
            _plan(tx, patient_id, planning.REMINDER, "", visit, reminder)
        for notice, hour in times.notice_hours.items():
            at = at_hour(_before(day) if notice == "day_before" else day, hour, zone)
            _plan(tx, patient_id, planning.VISIT_NOTICE, notice, visit, at)


def visit_of(tx: Transaction, followup: FollowUp) -> Appointment | None:
    """The visit that the follow-up is about, if it stands and is still to come."""
    patient = patients.get(tx, followup.patient_id)
    if patient is None or "at" not in followup.guard:
        return None
    at = datetime.fromisoformat(followup.guard["at"])
    if at <= tx.now():
        return None
    return next((visit for visit in patient.profile.appointments if visit.at == at), None)


def tell_chw(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """Tell the CHW of somebody who is navigation-eligible that the visit comes up, of anybody else nobody.

    Also of who declined the help, which the notice says: whoever was at high risk still is, and may be greeted.
    """
    case = _at_risk(deps, tx, followup.patient_id)
    visit = visit_of(tx, followup)
    patient = patients.get(tx, followup.patient_id)
    if case is None or visit is None or patient is None:
        return
    person = _who(tx, case.person_id, patient)
    local = visit.at.astimezone(ZoneInfo(planning.zone_for(tx, patient.id)))
    # The day itself: a letter that is tried again must not say "tomorrow" a day later.
    when = f"on {local:%A, %B} {local.day} at {local:%H:%M} ({local.tzname()})"
    if case.state == "declined":
        when += ", help declined so far"
    for channel in channels(deps, person) if person else ():
        notice = Notice(patient.id, person.id if person else "", VISIT, 1, channel, case_id=case.id, detail=when)
        deliveries.put(tx, notice, f"{VISIT}:{followup.id}:{channel}")


def _plan(tx: Transaction, patient_id: str, kind: str, notice: str, visit: Appointment, due_at: datetime) -> None:
    """Not for what should have been said already."""
    if due_at < tx.now():
        return
    at = visit.at.isoformat()
    guard = {"at": at, "notice": notice} if notice else {"at": at}
    followups.plan_again(tx, patient_id, kind, due_at, guard, f"{kind}:{notice}:{patient_id}:{at}"[:200])


def _at_risk(deps: Deps, tx: Transaction, patient_id: str) -> navigation.Case | None:
    """The case of somebody who was found eligible within the year of navigation; none once their needs have an end."""
    times = load_referral(deps.settings.content_dir).navigation
    case = navigation.latest(tx, patient_id)
    if case is None or case.state == "closed":
        return None
    is_open = case.state == "open"
    return case if is_open or tx.now() - case.opened_at <= timedelta(days=times.month_days * times.months) else None


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _allowed_from(tx: Transaction, patient: Patient) -> Allowed:
    """Gives the first moment from a time on at which the patient may be texted."""
    policy, phone = load_policy(), phones.primary(tx, patient.id)
    if phone is None:
        where = place(patient.timezone, patient.profile.zip, "", policy)
    else:
        where = recipient_of(tx, patient, phone, policy)
    return lambda at: earliest(GateFacts(recipient=where), planning.REMINDER, at, policy)


def _remind_at(visit: datetime, now: datetime, zone: str, hour: int, allowed: Allowed) -> datetime | None:
    """This hour, or the first allowed one after it, of the last day before the visit on which texts are allowed.

    When that has passed, as soon as is allowed, but no later than :data:`NOTICE` before the visit; None for never.
    """
    there = ZoneInfo(zone)
    day = visit.astimezone(there).date()
    for _ in range(MOST_DAYS_BEFORE):
        day = _before(day)
        at = allowed(at_hour(day, hour, zone))
        if at is not None and at.astimezone(there).date() == day:
            break
    else:
        return None
    if at < now:
        at = allowed(now)
    return at if at is not None and at <= visit - NOTICE else None


def _who(tx: Transaction, person_id: str | None, patient: Patient) -> Person | None:
    """Whose case it is; while it is nobody's on call, the first in line."""
    assigned = on_call.find(tx, person_id) if person_id else None
    if assigned is not None:
        return assigned
    line = line_up(on_call.everybody(tx), patient.clinic, tx.now())
    return line[0] if line else None
