"""What waits and what became of things, counted in the database, because several processes share the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.store import alerts, inbound, on_call, outbox, sending
from bot.store.database import Transaction
from bot.store.tables import Escalation, Inbound, Receipt


@dataclass(frozen=True)
class Backlog:
    """Counts by code, and the age in seconds of the oldest row that waits (0 when none does)."""

    inbound: Mapping[str, int]
    inbound_outcomes: Mapping[str, int]
    messages: Mapping[str, int]
    held: Mapping[str, int]
    open_escalations: Mapping[str, int]
    waiting_receipts: int
    inbound_oldest: float
    outbox_oldest: float
    alerts: Mapping[str, int]
    alerts_failing: int
    cases_unheard: int
    unclaimed_oldest: float
    on_call: int

    @property
    def inbound_waiting(self) -> int:
        """Rows that no turn has finished yet."""
        return self.inbound.get("waiting", 0) + self.inbound.get("claimed", 0)

    @property
    def outbox_waiting(self) -> int:
        """Messages that have not been handed over yet."""
        return self.messages.get("waiting", 0) + self.messages.get("claimed", 0)


def read_backlog(tx: Transaction) -> Backlog:
    """Count everything, in one transaction."""
    return Backlog(
        inbound=inbound.counts(tx),
        inbound_outcomes=_outcomes(tx),
        messages=outbox.counts(tx),
        held=sending.held_counts(tx),
        open_escalations=_open_escalations(tx),
        waiting_receipts=_waiting_receipts(tx),
        inbound_oldest=_age(tx, inbound.oldest_waiting(tx)),
        outbox_oldest=_age(tx, outbox.oldest_waiting(tx)),
        alerts=alerts.counts(tx),
        alerts_failing=alerts.failing(tx),
        cases_unheard=alerts.unheard(tx),
        unclaimed_oldest=_age(tx, alerts.oldest_unclaimed(tx)),
        on_call=on_call.count(tx),
    )


def _outcomes(tx: Transaction) -> dict[str, int]:
    rows = tx.session.execute(
        select(Inbound.outcome, func.count()).where(Inbound.outcome.is_not(None)).group_by(Inbound.outcome)
    )
    return {str(outcome): count for outcome, count in rows}


def _open_escalations(tx: Transaction) -> dict[str, int]:
    rows = tx.session.execute(
        select(Escalation.urgency, func.count()).where(Escalation.state != "resolved").group_by(Escalation.urgency)
    )
    return {urgency: count for urgency, count in rows}


def _waiting_receipts(tx: Transaction) -> int:
    query = select(func.count()).select_from(Receipt).where(Receipt.applied_at.is_(None))
    return tx.session.execute(query).scalar_one()


def _age(tx: Transaction, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (tx.now() - since).total_seconds())
