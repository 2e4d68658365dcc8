"""Visits at the clinic: the patient is reminded, and the community health worker (CHW) is told who comes.

Appointments come with the patient's record; whoever writes that calls :func:`plan`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.core.check_ins import at_hour
from bot.core.on_call import line_up
from bot.on_call.alerting import channels
from bot.referrals import planning
from bot.referrals.telling import VISIT
from bot.store import deliveries, followups, navigation, on_call, patients
from bot.store.database import Transaction
from bot.store.deliveries import Notice
from bot.store.followups import FollowUp
from bot.store.on_call import Person
from bot.store.patients import Appointment, Patient

SUNDAY = 6


def plan(tx: Transaction, patient_id: str, content_dir: Path | None = None) -> None:
    """Plan what is said about every visit to come; what is planned stays as it is, what was dropped comes again."""
    patient = patients.get(tx, patient_id)
    if patient is None:
        return
    times = load_referral(content_dir).visits
    zone = planning.zone_for(tx, patient_id)
    for visit in patient.profile.appointments:
        if visit.at <= tx.now():
            continue
        day = visit.at.astimezone(ZoneInfo(zone)).date()
        _plan(tx, patient_id, planning.REMINDER, "", visit, at_hour(_reminder_day(day), times.remind_hour, zone))
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
    when = f"{'tomorrow' if followup.guard['notice'] == 'day_before' else 'today'} at {local:%H:%M} ({local.tzname()})"
    if case.state == "declined":
        when += ", help declined so far"
    for channel in channels(deps, person) if person else ():
        notice = Notice(patient.id, person.id if person else "", VISIT, 1, channel, case_id=case.id, detail=when)
        deliveries.put(tx, notice, f"{VISIT}:{followup.id}:{channel}")


def _plan(tx: Transaction, patient_id: str, kind: str, notice: str, visit: Appointment, due_at: datetime) -> None:
    """Not for what should have been said already."""
    if due_at <= tx.now():
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


def _reminder_day(day: date) -> date:
    """The day before, or the Saturday before a Monday: nobody is texted on Sundays."""
    before = _before(day)
    return _before(before) if before.weekday() == SUNDAY else before


def _who(tx: Transaction, person_id: str | None, patient: Patient) -> Person | None:
    """Whose case it is; while it is nobody's on call, the first in line."""
    assigned = on_call.find(tx, person_id) if person_id else None
    if assigned is not None:
        return assigned
    line = line_up(on_call.everybody(tx), patient.clinic, tx.now())
    return line[0] if line else None
