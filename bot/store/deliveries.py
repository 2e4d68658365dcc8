"""What partners and staff are sent: rows that are written with what they tell of, and each sent once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from bot.store.database import Database, Transaction
from bot.store.errors import LeaseLost
from bot.store.leases import unfinished
from bot.store.referral_tables import Delivery
from bot.store.rows import changed, insert_new

_OPEN = unfinished(Delivery)


@dataclass(frozen=True)
class Notice:
    """What is to be sent: about whom, to whom (``to_id`` is a service or somebody on call), and which one it is."""

    patient_id: str
    to_id: str
    purpose: str
    number: int
    channel: str
    referral_id: str | None = None
    case_id: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class ClaimedDelivery:
    """A notice that ``owner`` holds. With ``attempted_at`` set, an earlier try may have gone out."""

    id: str
    notice: Notice
    attempts: int
    attempted_at: datetime | None
    created_at: datetime
    owner: str


def put(tx: Transaction, notice: Notice, dedupe_key: str) -> bool:
    """Queue it; False when something with this key was queued before."""
    now = tx.now()
    values = {
        "id": tx.new_id("dlv"),
        "patient_id": notice.patient_id,
        "referral_id": notice.referral_id,
        "case_id": notice.case_id,
        "to_id": notice.to_id,
        "purpose": notice.purpose,
        "number": notice.number,
        "channel": notice.channel,
        "detail": notice.detail,
        "dedupe_key": dedupe_key,
        "state": "waiting",
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }
    return insert_new(tx, Delivery, values)


def drop_for_referral(tx: Transaction, referral_id: str) -> int:
    """Drop what waits for a referral that has ended, and say how many. What may be out already stays."""
    waits = and_(Delivery.referral_id == referral_id, Delivery.state == "waiting", Delivery.attempted_at.is_(None))
    return changed(tx.session.execute(update(Delivery).where(waits).values(state="dropped")))


def claim(db: Database, owner: str, lease: timedelta) -> ClaimedDelivery | None:
    """Claim the notice that has waited longest, or None. Commits before it returns."""
    with db.write() as tx:
        query = select(Delivery.id).where(_claimable(tx.now())).order_by(Delivery.next_attempt_at, Delivery.id).limit(1)
        found = tx.session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
        if found is None:
            return None
        values = {"state": "claimed", "lease_owner": owner, "lease_until": tx.now() + lease}
        taken = update(Delivery).where(Delivery.id == found, _claimable(tx.now()))
        if not changed(tx.session.execute(taken.values(attempts=Delivery.attempts + 1, **values))):
            return None
        row = tx.session.get(Delivery, found, populate_existing=True)
        assert row is not None
        return _claimed(row, owner)


def mark_attempted(tx: Transaction, claimed: ClaimedDelivery) -> None:
    """It is about to be sent: from now on its outcome is unknown. Commit first. Raises :class:`LeaseLost`."""
    _update_held(tx, claimed, attempted_at=tx.now())


def retry_later(tx: Transaction, claimed: ClaimedDelivery, at: datetime, error: str, *, outcome_unknown: bool) -> None:
    """Put it back until ``at``. Raises :class:`LeaseLost`."""
    values: dict[str, Any] = {"state": "waiting", "next_attempt_at": at, "error": error}
    if not outcome_unknown:
        values["attempted_at"] = None
    _update_held(tx, claimed, lease_owner=None, lease_until=None, **values)


def settle(tx: Transaction, claimed: ClaimedDelivery, state: str, error: str | None = None) -> None:
    """What became of it for good: sent, failed, unknown or dropped. Raises :class:`LeaseLost`."""
    sent_at = tx.now() if state == "sent" else None
    _update_held(tx, claimed, lease_owner=None, lease_until=None, state=state, error=error, sent_at=sent_at)


def states(tx: Transaction, referral_id: str, purpose: str) -> list[str]:
    """The states of the referral's notices of this purpose, one a channel and number."""
    query = select(Delivery.state).where(Delivery.referral_id == referral_id, Delivery.purpose == purpose)
    return list(tx.session.execute(query).scalars())


def next_due(tx: Transaction) -> datetime | None:
    """When the next notice or the next try is due; None when nothing waits."""
    return tx.session.execute(select(func.min(Delivery.next_attempt_at)).where(_OPEN)).scalar_one()


def _claimable(now: datetime) -> ColumnElement[bool]:
    waiting = and_(Delivery.state == "waiting", Delivery.next_attempt_at <= now)
    return and_(_OPEN, or_(waiting, and_(Delivery.state == "claimed", Delivery.lease_until <= now)))


def _claimed(row: Delivery, owner: str) -> ClaimedDelivery:
    notice = Notice(
        patient_id=row.patient_id,
        to_id=row.to_id,
        purpose=row.purpose,
        number=row.number,
        channel=row.channel,
        referral_id=row.referral_id,
        case_id=row.case_id,
        detail=row.detail,
    )
    return ClaimedDelivery(row.id, notice, row.attempts, row.attempted_at, row.created_at, owner)


def _update_held(tx: Transaction, claimed: ClaimedDelivery, **values: Any) -> None:
    held = and_(
        Delivery.id == claimed.id,
        Delivery.state == "claimed",
        Delivery.lease_owner == claimed.owner,
        Delivery.attempts == claimed.attempts,
    )
    if not changed(tx.session.execute(update(Delivery).where(held).values(**values))):
        raise LeaseLost(f"{claimed.id} is no longer held by {claimed.owner}")
