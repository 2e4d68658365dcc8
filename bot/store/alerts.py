"""Alerts to whoever is on call: how far each case has come, and each single notice, sent once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.core.on_call import case_code
from bot.store.database import Database, Transaction
from bot.store.errors import LeaseLost
from bot.store.on_call_tables import Alert, AlertPlan
from bot.store.rows import changed, insert_new
from bot.store.tables import Escalation, Patient

URGENT = frozenset({"now", "today"})
_LATER = aliased(Alert)
_OPEN = Alert.state.in_(("waiting", "claimed"))


@dataclass(frozen=True)
class Plan:
    """A step of the alerts of an open case that is due. ``taken`` is how many steps there were before, in all."""

    escalation_id: str
    urgency: str
    clinic: str | None
    since: datetime
    step: int
    taken: int


@dataclass(frozen=True)
class ClaimedAlert:
    """A notice that ``owner`` holds. With ``attempted_at`` set, an earlier try may have gone out."""

    id: str
    escalation_id: str
    person_id: str
    code: str
    urgency: str
    purpose: str
    number: int
    channel: str
    attempts: int
    attempted_at: datetime | None
    created_at: datetime
    owner: str


def begin(tx: Transaction, escalation_id: str, urgency: str) -> None:
    """Plan the alerts of a case, in the transaction that opens it; a case that can wait has none."""
    if urgency in URGENT:
        now = tx.now()
        code = case_code(escalation_id)
        tx.session.add(AlertPlan(escalation_id=escalation_id, code=code, since=now, next_at=now))
        tx.session.flush()


def begin_again(tx: Transaction, escalation_id: str, urgency: str) -> None:
    """The case has become more urgent: its alerts start from the first step, as of now."""
    now = tx.now()
    this = update(AlertPlan).where(AlertPlan.escalation_id == escalation_id)
    if not changed(tx.session.execute(this.values(since=now, next_at=now, step=0, ended=False))):
        begin(tx, escalation_id, urgency)


def end_settled(tx: Transaction) -> int:
    """End the plans of cases that somebody has claimed or that are resolved; how many."""
    settled = select(Escalation.id).where(Escalation.state != "open")
    this = and_(~AlertPlan.ended, AlertPlan.escalation_id.in_(settled))
    return changed(tx.session.execute(update(AlertPlan).where(this).values(ended=True)))


def due(tx: Transaction, limit: int) -> list[Plan]:
    """The steps of open cases that are due, the oldest first."""
    query = (
        select(AlertPlan, Escalation.urgency, Patient.clinic)
        .join(Escalation, Escalation.id == AlertPlan.escalation_id)
        .outerjoin(Patient, Patient.id == Escalation.patient_id)
        .where(~AlertPlan.ended, AlertPlan.next_at <= tx.now(), Escalation.state == "open")
        .order_by(AlertPlan.next_at, AlertPlan.escalation_id)
        .limit(limit)
    )
    return [
        Plan(plan.escalation_id, urgency, clinic, plan.since, plan.step, plan.taken)
        for plan, urgency, clinic in tx.session.execute(query)
    ]


def take_step(tx: Transaction, plan: Plan, next_step: int, next_at: datetime, *, heard: bool) -> bool:
    """Go on to the next step; False when another clock was faster. ``heard``: there was somebody to alert."""
    same = and_(AlertPlan.escalation_id == plan.escalation_id, AlertPlan.taken == plan.taken, ~AlertPlan.ended)
    values: dict[str, Any] = {"step": next_step, "taken": plan.taken + 1, "next_at": next_at}
    values["unheard"] = 0 if heard else AlertPlan.unheard + 1
    return changed(tx.session.execute(update(AlertPlan).where(same, AlertPlan.step == plan.step).values(values))) == 1


def hurry(tx: Transaction, escalation_id: str, at: datetime) -> None:
    """Bring the next step forward to ``at``; when those after it are due does not change."""
    this = and_(AlertPlan.escalation_id == escalation_id, ~AlertPlan.ended, AlertPlan.next_at > at)
    tx.session.execute(update(AlertPlan).where(this).values(next_at=at))


def step_of(tx: Transaction, escalation_id: str) -> int:
    """The next step of a case's cadence."""
    return tx.session.execute(select(AlertPlan.step).where(AlertPlan.escalation_id == escalation_id)).scalar_one()


def put(tx: Transaction, escalation_id: str, person_id: str, purpose: str, number: int, channel: str) -> bool:
    """Queue one notice; False when there is one of this number to the person by this channel."""
    now = tx.now()
    values = {
        "id": tx.new_id("alr"),
        "escalation_id": escalation_id,
        "person_id": person_id,
        "purpose": purpose,
        "number": number,
        "channel": channel,
        "state": "waiting",
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }
    return insert_new(tx, Alert, values)


def drop_unwanted(tx: Transaction) -> int:
    """Drop what waits for cases that are not open any more, and what a later notice has overtaken; how many.

    What may have gone out already stays, to be looked up.
    """
    settled = select(Escalation.id).where(Escalation.state != "open")
    later = select(_LATER.id).where(
        _LATER.escalation_id == Alert.escalation_id,
        _LATER.person_id == Alert.person_id,
        _LATER.channel == Alert.channel,
        _LATER.purpose == "alert",
        _LATER.number > Alert.number,
    )
    unwanted = or_(Alert.escalation_id.in_(settled), later.correlate(Alert).exists())
    this = and_(Alert.state == "waiting", Alert.purpose == "alert", Alert.attempted_at.is_(None), unwanted)
    return changed(
        tx.session.execute(
            update(Alert).where(this).values(state="dropped").execution_options(synchronize_session=False)
        )
    )


def claim(db: Database, owner: str, lease: timedelta) -> ClaimedAlert | None:
    """Claim the notice that has waited longest, or None. Commits before it returns."""
    with db.write() as tx:
        query = select(Alert.id).where(_claimable(tx.now())).order_by(Alert.next_attempt_at, Alert.id).limit(1)
        found = tx.session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
        if found is None:
            return None
        values = {"state": "claimed", "lease_owner": owner, "lease_until": tx.now() + lease}
        taken = update(Alert).where(Alert.id == found, _claimable(tx.now()))
        if not changed(tx.session.execute(taken.values(attempts=Alert.attempts + 1, **values))):
            return None
        return _claimed(tx, found, owner)


def mark_attempted(tx: Transaction, claimed: ClaimedAlert) -> bool:
    """The notice is about to be sent: from now on its outcome is unknown. Commit before sending.

    False, and the notice is dropped, when its case is not open any more. Raises :class:`LeaseLost`.
    """
    state = tx.session.execute(select(Escalation.state).where(Escalation.id == claimed.escalation_id)).scalar_one()
    wanted: bool = state == "open" or claimed.purpose != "alert"
    if wanted:
        _update_held(tx, claimed, attempted_at=tx.now())
    else:
        _leave(tx, claimed, state="dropped")
    return wanted


def retry_later(tx: Transaction, claimed: ClaimedAlert, at: datetime, error: str, *, outcome_unknown: bool) -> None:
    """Put the notice back until ``at``. Raises :class:`LeaseLost`."""
    values: dict[str, Any] = {"state": "waiting", "next_attempt_at": at, "error": error}
    if not outcome_unknown:
        values["attempted_at"] = None
    _leave(tx, claimed, **values)


def settle(tx: Transaction, claimed: ClaimedAlert, state: str, error: str | None = None) -> None:
    """What became of it for good: sent, failed or unknown. Raises :class:`LeaseLost`."""
    _leave(tx, claimed, state=state, error=error, sent_at=tx.now() if state == "sent" else None)


def counts(tx: Transaction) -> dict[str, int]:
    """How many notices there are by state."""
    query = select(Alert.state, func.count()).group_by(Alert.state)
    return {state: number for state, number in tx.session.execute(query)}


def unheard(tx: Transaction) -> int:
    """How many open cases have nobody who could be told of them."""
    query = select(func.count()).select_from(AlertPlan).join(Escalation, Escalation.id == AlertPlan.escalation_id)
    silent = and_(~AlertPlan.ended, AlertPlan.unheard > 0, Escalation.state == "open")
    return tx.session.execute(query.where(silent)).scalar_one()


def failing(tx: Transaction) -> int:
    """How many notices of open cases failed, or wait after a try that failed."""
    troubled = or_(Alert.state.in_(("failed", "unknown")), and_(_OPEN, Alert.error.is_not(None)))
    query = select(func.count()).select_from(Alert).join(Escalation, Escalation.id == Alert.escalation_id)
    return tx.session.execute(query.where(troubled, Escalation.state == "open")).scalar_one()


def oldest_unclaimed(tx: Transaction) -> datetime | None:
    """When the oldest case that is still alerted was opened; None when there is none."""
    query = select(func.min(Escalation.opened_at)).where(Escalation.state == "open", Escalation.urgency.in_(URGENT))
    return tx.session.execute(query).scalar_one()


def next_due(tx: Transaction) -> datetime | None:
    """When the next step or the next try of a notice is due; None when nothing is planned."""
    steps = select(func.min(AlertPlan.next_at)).join(Escalation, Escalation.id == AlertPlan.escalation_id)
    step = tx.session.execute(steps.where(~AlertPlan.ended, Escalation.state == "open")).scalar_one()
    attempt = tx.session.execute(select(func.min(Alert.next_attempt_at)).where(_OPEN)).scalar_one()
    times: list[datetime | None] = [step, attempt]
    return min((at for at in times if at is not None), default=None)


def _claimable(now: datetime) -> ColumnElement[bool]:
    waiting = and_(Alert.state == "waiting", Alert.next_attempt_at <= now)
    return or_(waiting, and_(Alert.state == "claimed", Alert.lease_until <= now))


def _claimed(tx: Transaction, alert_id: str, owner: str) -> ClaimedAlert:
    query = (
        select(Alert, AlertPlan.code, Escalation.urgency)
        .join(AlertPlan, AlertPlan.escalation_id == Alert.escalation_id)
        .join(Escalation, Escalation.id == Alert.escalation_id)
        .where(Alert.id == alert_id)
        .execution_options(populate_existing=True)
    )
    row, code, urgency = tx.session.execute(query).one()
    return ClaimedAlert(
        id=row.id,
        escalation_id=row.escalation_id,
        person_id=row.person_id,
        code=code,
        urgency=urgency,
        purpose=row.purpose,
        number=row.number,
        channel=row.channel,
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        created_at=row.created_at,
        owner=owner,
    )


def _leave(tx: Transaction, claimed: ClaimedAlert, **values: Any) -> None:
    _update_held(tx, claimed, lease_owner=None, lease_until=None, **values)


def _update_held(tx: Transaction, claimed: ClaimedAlert, **values: Any) -> None:
    held = and_(
        Alert.id == claimed.id,
        Alert.state == "claimed",
        Alert.lease_owner == claimed.owner,
        Alert.attempts == claimed.attempts,
    )
    if not changed(tx.session.execute(update(Alert).where(held).values(**values))):
        raise LeaseLost(f"{claimed.id} is no longer held by {claimed.owner}")
