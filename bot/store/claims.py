"""What a text from somebody on call is about: cases by their codes, and the notices that answer it."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.store import alerts
from bot.store.database import Transaction
from bot.store.on_call_tables import Alert, AlertPlan
from bot.store.tables import Escalation


def case_by_code(tx: Transaction, code: str) -> str | None:
    """The case with this code, whatever its state, the latest first; None when there is none."""
    query = select(AlertPlan.escalation_id).where(AlertPlan.code == code).order_by(AlertPlan.since.desc()).limit(1)
    return tx.session.execute(query).scalar_one_or_none()


def open_cases_told_to(tx: Transaction, person_id: str) -> list[str]:
    """The open cases that this person was alerted of, the oldest first."""
    query = (
        select(Escalation.id)
        .join(Alert, Alert.escalation_id == Escalation.id)
        .where(Alert.person_id == person_id, Escalation.state == "open")
        .group_by(Escalation.id, Escalation.opened_at)
        .order_by(Escalation.opened_at)
    )
    return list(tx.session.execute(query).scalars())


def lowest_number(tx: Transaction, escalation_id: str) -> int:
    """The lowest number of the case's notices, 0 when there is none: answers to CLAIM go below it."""
    query = select(func.min(Alert.number)).where(Alert.escalation_id == escalation_id)
    return min(tx.session.execute(query).scalar_one() or 0, 0)


def open_codes(tx: Transaction, person_id: str, limit: int) -> list[str]:
    """The codes of the open cases that this person was alerted of, or else of all, the oldest first."""
    told = open_cases_told_to(tx, person_id)
    query = select(AlertPlan.code).join(Escalation, Escalation.id == AlertPlan.escalation_id)
    query = query.where(Escalation.state == "open", *([Escalation.id.in_(told)] if told else []))
    return list(tx.session.execute(query.order_by(Escalation.opened_at, Escalation.id).limit(limit)).scalars())


def answer(tx: Transaction, person_id: str, purpose: str, escalation_id: str | None = None) -> bool:
    """Queue an answer by text to somebody on call; False when there was never a case to speak of.

    One that is about no case of its own is kept with the latest there was.
    """
    latest = select(AlertPlan.escalation_id).order_by(AlertPlan.since.desc(), AlertPlan.escalation_id).limit(1)
    about = escalation_id or tx.session.execute(latest).scalar_one_or_none()
    return about is not None and alerts.put(tx, about, person_id, purpose, lowest_number(tx, about) - 1, "text")
