"""Sends what partners and staff are to be told, one notice after the other; called by the clock every second.

A text of which nobody knows whether it left is looked up at Twilio before it is sent again; a letter is not sent
again; a webhook is, with the same id. A channel that is of no use makes room for the next one.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from bot.adapters.hooks import HookRefused, HooksApi, HookUnknown, HttpHooks
from bot.adapters.mail import Mail, MailNotSent, MailUnknown
from bot.bootstrap import Deps
from bot.content.referral import load_referral
from bot.referrals.planning import working_time
from bot.referrals.telling import VISIT, was_not_told, was_told
from bot.referrals.words import Outgoing, compose, headers_of
from bot.sending.notices import SENT, UNKNOWN, Notice, try_text
from bot.store import deliveries
from bot.store.deliveries import ClaimedDelivery
from bot.store.errors import LeaseLost

log = logging.getLogger(__name__)

# Longer than any one try may take.
LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
# With the waits between them, about two days.
MOST_TRIES = 20
OUTSIDE_HOURS = "outside_hours"


def send_deliveries(deps: Deps) -> int:
    """Send everything that is due; how many notices were dealt with."""
    sender = DeliverySender(deps, f"{os.uname().nodename}:{os.getpid()}:{deps.new_id('deliveries')}")
    return sum(1 for _ in iter(sender.send_one, False))


class DeliverySender:
    """One sender of notices; any number may share the queue."""

    def __init__(self, deps: Deps, owner: str, hooks: HooksApi | None = None) -> None:
        """``owner`` names who holds a notice; it must be nobody else's."""
        self._deps = deps
        self._owner = owner
        self._hooks = hooks or HttpHooks()

    def send_one(self) -> bool:
        """Deal with the notice that has waited longest; False when none is due."""
        with self._deps.db.read() as tx:
            due_at = deliveries.next_due(tx)
            if due_at is None or due_at > tx.now():
                return False
        claimed = deliveries.claim(self._deps.db, self._owner, LEASE)
        if claimed is None:
            return False
        try:
            self._deal_with(claimed)
        except LeaseLost:
            log.warning("delivery_lease_lost delivery=%s", claimed.id)
        return True

    def _deal_with(self, claimed: ClaimedDelivery) -> None:
        try:
            with self._deps.db.write() as tx:
                outgoing = compose(self._deps, tx, claimed)
        except OperationalError:
            raise
        except Exception as error:
            # Whatever is wrong with this notice, those behind it go their way.
            log.error("delivery_not_composed delivery=%s", claimed.id, exc_info=error)
            self._failed(claimed, type(error).__name__)
            return
        if outgoing is None:
            self._settle(claimed, "dropped")
        elif claimed.notice.channel == "webhook":
            self._post(claimed, outgoing)
        elif claimed.notice.channel == "mail":
            self._mail(claimed, outgoing)
        else:
            self._text(claimed, outgoing)

    def _post(self, claimed: ClaimedDelivery, outgoing: Outgoing) -> None:
        self._mark_attempted(claimed)
        headers = headers_of(claimed, outgoing, int(self._deps.clock.now().timestamp()))
        try:
            self._hooks.post(outgoing.to, outgoing.body.encode(), headers)
        except HookRefused as refusal:
            self._failed(claimed, f"http_{refusal.status}", for_good=refusal.for_good)
        except HookUnknown:
            self._failed(claimed, "no_answer")
        else:
            self._sent(claimed)

    def _mail(self, claimed: ClaimedDelivery, outgoing: Outgoing) -> None:
        if claimed.attempted_at is not None:
            # It may be out: to be told once is enough, and reminders follow if it was not.
            self._sent(claimed, "unknown")
            return
        if self._deps.mail is None:
            self._failed(claimed, "no_mail_server", for_good=True)
            return
        self._mark_attempted(claimed)
        try:
            self._deps.mail.send(Mail(outgoing.to, outgoing.subject, outgoing.body, f"{claimed.id}.followthrough"))
        except MailNotSent as error:
            self._failed(claimed, f"smtp_{error.code}", for_good=error.code >= 550)
        except MailUnknown:
            self._sent(claimed, "unknown")
        else:
            self._sent(claimed)

    def _text(self, claimed: ClaimedDelivery, outgoing: Outgoing) -> None:
        if self._waits_for_hours(claimed, outgoing):
            return
        notice = Notice(outgoing.to, outgoing.body, claimed.created_at, claimed.attempted_at)
        result = try_text(self._deps, notice, lambda: self._mark_attempted(claimed))
        if result.state == SENT:
            self._sent(claimed)
        elif result.state == UNKNOWN:
            self._again(claimed, result.error, result.wait or _wait(claimed), outcome_unknown=True)
        else:
            self._failed(claimed, result.error, for_good=result.for_good)

    def _waits_for_hours(self, claimed: ClaimedDelivery, outgoing: Outgoing) -> bool:
        """Nobody's phone rings at night: a text to a place waits until it is at work. Staff have hours of their own."""
        if claimed.notice.purpose == VISIT:
            return False
        content = load_referral(self._deps.settings.content_dir)
        with self._deps.db.write() as tx:
            at = working_time(tx, content, claimed.notice.patient_id, tx.now(), outgoing.to)
            if at <= tx.now():
                return False
            is_tried = claimed.attempted_at is not None
            deliveries.retry_later(tx, claimed, at, OUTSIDE_HOURS, outcome_unknown=is_tried)
        log.info("delivery_waits_for_hours delivery=%s", claimed.id)
        return True

    # What became of it

    def _mark_attempted(self, claimed: ClaimedDelivery) -> bool:
        """Raises ``LeaseLost`` when somebody else holds the notice by now."""
        with self._deps.db.write() as tx:
            deliveries.mark_attempted(tx, claimed)
        return True

    def _settle(self, claimed: ClaimedDelivery, state: str, error: str | None = None) -> None:
        with self._deps.db.write() as tx:
            deliveries.settle(tx, claimed, state, error)

    def _sent(self, claimed: ClaimedDelivery, state: str = "sent") -> None:
        with self._deps.db.write() as tx:
            deliveries.settle(tx, claimed, state)
            was_told(self._deps, tx, claimed)
        log.info("delivery_sent delivery=%s channel=%s state=%s", claimed.id, claimed.notice.channel, state)

    def _again(self, claimed: ClaimedDelivery, error: str, wait: timedelta, *, outcome_unknown: bool = False) -> None:
        log.warning("delivery_not_sent delivery=%s error=%s", claimed.id, error)
        with self._deps.db.write() as tx:
            deliveries.retry_later(tx, claimed, tx.now() + wait, error, outcome_unknown=outcome_unknown)

    def _failed(self, claimed: ClaimedDelivery, error: str, *, for_good: bool = False) -> None:
        """Surely not taken: again later, or, for good, by the next channel."""
        if not for_good and claimed.attempts < MOST_TRIES:
            self._again(claimed, error, _wait(claimed))
            return
        log.error("delivery_failed delivery=%s channel=%s error=%s", claimed.id, claimed.notice.channel, error)
        with self._deps.db.write() as tx:
            deliveries.settle(tx, claimed, "failed", error)
            was_not_told(self._deps, tx, claimed)


def _wait(claimed: ClaimedDelivery) -> timedelta:
    """Half a minute, then twice as long each time, up to four hours."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(claimed.attempts - 1, 12)
    return min(doubled, LONGEST_WAIT)
