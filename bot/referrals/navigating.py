"""Navigation: help by a community health worker (CHW) for somebody who is eligible, until every need has an end."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from bot.adapters.places import by_zip, holidays_of
from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.core.check_ins import NavigationTimes, business_days_later
from bot.core.on_call import line_up
from bot.core.referral import PROGRAMME
from bot.core.referral_case import case_status
from bot.referrals import planning
from bot.store import audit, escalations, followups, navigation, needs, on_call, patients
from bot.store.database import Transaction
from bot.store.navigation import Case

NEW_CASE = "navigation_accepted"
OVERDUE_CASE = "navigation_overdue"


def offer(tx: Transaction, patient_id: str) -> None:
    """The patient is eligible: a case is kept ready until it is accepted or not."""
    case_id = navigation.offer(tx, patient_id)
    if case_id is not None:
        audit.record(tx, "worker", "navigation_offered", "navigation_case", case_id)


def accept(deps: Deps, tx: Transaction, patient_id: str) -> None:
    """The patient wants it: whoever is first in line gets the case, due in two business days, and is told."""
    offer(tx, patient_id)
    case = navigation.current(tx, patient_id)
    if case is None or case.state != "offered":
        return
    times = load_referral(deps.settings.content_dir).navigation
    zone, state = planning.zone_for(tx, patient_id), _state_of(tx, patient_id)
    is_holiday = partial(_is_holiday, state)
    due_at = business_days_later(tx.now(), times.due_business_days, zone, is_holiday)
    navigation.change(tx, case.id, state="open", accepted_at=tx.now(), due_at=due_at)
    _assign_first(tx, patient_id, case.id)
    _escalate(tx, patient_id, NEW_CASE, "soon", case.id)
    guard = {"case_id": case.id}
    followups.plan(tx, patient_id, planning.NAVIGATION_DUE, due_at, guard, f"{planning.NAVIGATION_DUE}:{case.id}")
    plan_check_in(deps, tx, navigation.get(tx, case.id))
    _plan_end(tx, times, case)
    audit.record(tx, "worker", "navigation_accepted", "navigation_case", case.id)


def decline(tx: Transaction, patient_id: str) -> None:
    """The patient does not want it. Nothing for somebody who is helped already."""
    case = navigation.current(tx, patient_id)
    if case is not None and case.state == "offered":
        navigation.change(tx, case.id, state="declined", status="declined", said_by="patient", closed_at=tx.now())
        audit.record(tx, "worker", "navigation_declined", "navigation_case", case.id)


def plan_check_in(deps: Deps, tx: Transaction, case: Case) -> None:
    """The next monthly check-in, up to the last one."""
    times = load_referral(deps.settings.content_dir).navigation
    month = case.check_ins + 1
    began = case.accepted_at or tx.now()
    due_at = began + timedelta(days=times.month_days * month)
    guard = {"case_id": case.id, "month": month}
    kind = planning.NAVIGATION_CHECK_IN
    if month <= times.months:
        followups.plan_again(tx, case.patient_id, kind, due_at, guard, f"{kind}:{case.id}:{month}")


def plan_check_in_to_come(deps: Deps, tx: Transaction, case: Case) -> None:
    """The first monthly check-in whose time has not passed; months that were missed are not made up for."""
    times = load_referral(deps.settings.content_dir).navigation
    passed = (tx.now() - (case.accepted_at or tx.now())) // timedelta(days=times.month_days)
    plan_check_in(deps, tx, navigation.change(tx, case.id, check_ins=max(case.check_ins, passed)))


def _plan_end(tx: Transaction, times: NavigationTimes, case: Case) -> None:
    """The end of time for the case, whatever comes of the check-ins."""
    due_at = tx.now() + timedelta(days=times.month_days * times.months + 1)
    kind = planning.NAVIGATION_DUE
    followups.plan(tx, case.patient_id, kind, due_at, {"case_id": case.id, "is_end": True}, f"{kind}:{case.id}:end")


def fell_due(deps: Deps, tx: Transaction, case: Case, *, is_end: bool) -> None:
    """Nobody was in touch by the due date: it is said aloud. After the last month the case ends."""
    if is_end:
        found = case_status(load_referral(deps.settings.content_dir).case, _statuses(tx, case))
        navigation.close(tx, case.id, found or "time_reached", PROGRAMME)
        audit.record(tx, "clock", "navigation_closed", "navigation_case", case.id)
    elif case.contacted_at is None:
        _escalate(tx, case.patient_id, OVERDUE_CASE, "today", case.id)


def _statuses(tx: Transaction, case: Case) -> list[str | None]:
    found = needs.of_patient(tx, case.patient_id)
    return [need.status for need in found if need.closed_at is None or need.closed_at >= case.opened_at]


def _assign_first(tx: Transaction, patient_id: str, case_id: str) -> None:
    patient = patients.get(tx, patient_id)
    line = line_up(on_call.everybody(tx), patient.clinic if patient else None, tx.now())
    if line:
        navigation.assign(tx, case_id, line[0].name, line[0].id)


def _escalate(tx: Transaction, patient_id: str, kind: str, urgency: str, case_id: str) -> None:
    if escalations.unresolved(tx, patient_id, kind) is None:
        escalations.create(
            tx,
            patient_id=patient_id,
            conversation_id=None,
            inbound_id=None,
            kind=kind,
            urgency=urgency,
            note=f"Navigation case {case_id}",
        )


def _state_of(tx: Transaction, patient_id: str) -> str | None:
    patient = patients.get(tx, patient_id)
    return by_zip(patient.profile.zip)[1] if patient and patient.profile.zip else None


def _is_holiday(state: str | None, day: date) -> bool:
    return day in holidays_of(state, day.year)
