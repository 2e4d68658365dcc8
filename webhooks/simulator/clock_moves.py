"""Moving the virtual clock: from one due thing to the next, each done before time goes on."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import and_, func, or_, select

from bot.on_call.alerting import send_alerts
from bot.referrals.sending import send_deliveries
from bot.release import release_due
from bot.store import alerts, followups
from bot.store.database import Database, Transaction
from bot.store.leases import unfinished
from bot.store.referral_tables import Delivery
from bot.store.tables import Inbound, Message
from bot.virtual_clock import CACHED_SECONDS, ClockMovedBack, VirtualClock

if TYPE_CHECKING:
    from bot.bootstrap import Deps

LOOK_EVERY = 0.05
MOST_STEPS = 5000
# Turns, texts to patients, notices to partners and staff.
QUEUES = (Inbound, Message, Delivery)
# A text that is put off again and again (a paused campaign's) must not stop time every half minute.
MOST_ATTEMPT_STOPS = 50
MOST_RELEASES = 1000
# Nor must a case that nobody ever claims: it is told every quarter of an hour for ever.
MOST_ALERT_STOPS = 20


@dataclass(frozen=True)
class Patience:
    """How long a move may take, in seconds of the machine: for one step, and in all."""

    step: float = 30.0
    whole: float = 300.0


def move_clock(deps: Deps, at: datetime, patience: Patience, stop: threading.Event) -> bool:
    """Let time pass until ``at``. On the way it stops at everything that falls due, in order, until that is done.

    False when something was still in hand when patience ran out; the clock is at ``at`` all the same. A time
    that is past already only waits for what is due now. Once ``stop`` is set the move gives way at once: False, and
    the clock stays where it has come to.
    """
    clock = cast(VirtualClock, deps.clock)
    until = time.monotonic() + patience.whole
    # Nobody holds a lease while time jumps, or it would run out under their hands.
    settled_at = settle(deps, patience.step, stop)
    for step in range(MOST_STEPS):
        # Time flows on its own, too: what fell due since all was done is the next stop, and not passed over.
        since = settled_at or clock.now()
        attempts, with_alerts = step < MOST_ATTEMPT_STOPS, step < MOST_ALERT_STOPS
        due_at = next_stop(deps.db, since, at, attempts=attempts, with_alerts=with_alerts)
        if due_at is None or stop.is_set() or time.monotonic() > until:
            break
        _move(clock, due_at)
        settled_at = settle(deps, patience.step, stop)
    if stop.is_set():
        return False
    _move(clock, at)
    return settle(deps, patience.step, stop) is not None and settled_at is not None


def _move(clock: VirtualClock, at: datetime) -> None:
    # Time flows between moves, so that it may have come by itself.
    with suppress(ClockMovedBack):
        clock.move_to(at)


def settle(deps: Deps, seconds: float, stop: threading.Event) -> datetime | None:
    """Release what is due and wait until no turn, no text and no notice is in hand.

    Gives the time at which nothing was; None when it took longer than so many seconds, or at ``stop``.
    """
    # Until every process sees the new time.
    stop.wait(CACHED_SECONDS * 1.5)
    until = time.monotonic() + seconds
    while not stop.is_set():
        _release(deps, stop)
        idle_at = _idle_at(deps)
        if idle_at is not None:
            return idle_at
        if time.monotonic() > until:
            return None
        stop.wait(LOOK_EVERY)
    return None


def _release(deps: Deps, stop: threading.Event) -> None:
    for _ in range(MOST_RELEASES):
        if stop.is_set() or not release_due(deps) + send_alerts(deps) + send_deliveries(deps):
            return


def _idle_at(deps: Deps) -> datetime | None:
    """The time now, if nothing is due and nothing is in hand."""
    with deps.db.read() as tx:
        now = tx.now()
        due_followup = followups.next_due(tx)
        late = due_followup is not None and due_followup <= now
        return None if late or any(_in_hand(tx, table, now) for table in QUEUES) else now


def _in_hand(tx: Transaction, table: Any, now: datetime) -> bool:
    """Whether a row is being worked on, or is due to be."""
    due = or_(table.state == "claimed", and_(table.state == "waiting", table.next_attempt_at <= now))
    return tx.session.execute(select(table.id).where(due).limit(1)).first() is not None


def next_stop(db: Database, since: datetime, at: datetime, attempts: bool, with_alerts: bool) -> datetime | None:
    """The first time after ``since`` and not after ``at`` at which something falls due, next attempts or not."""
    with db.read() as tx:
        candidates = [followups.next_due(tx)]
        if with_alerts:
            candidates.append(alerts.next_due(tx))
        if attempts:
            candidates += [_next_attempt(tx, table, since) for table in QUEUES]
    stops = [stop for stop in candidates if stop is not None and since < stop <= at]
    # A little later: rows are compared with the clock to the microsecond.
    return min(stops) + timedelta(milliseconds=1) if stops else None


def _next_attempt(tx: Transaction, table: Any, since: datetime) -> datetime | None:
    query = select(func.min(table.next_attempt_at)).where(unfinished(table), table.next_attempt_at > since)
    found: datetime | None = tx.session.execute(query).scalar_one_or_none()
    return found
