"""Sends one notice after the other to people on call. A channel that fails never keeps the other back.

A text of which nobody knows whether it left is looked up at Twilio before it is sent again. A letter cannot be
looked up: it is not sent again, and the next step of the case comes at once instead.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.adapters.mail import Mail, MailNotSent, MailUnknown
from bot.bootstrap import Deps
from bot.on_call.claiming import WHICH
from bot.sending.notices import FAILED, SENT, UNKNOWN, Notice, try_text
from bot.store import alerts, claims, on_call
from bot.store.alerts import ClaimedAlert
from bot.store.database import Transaction
from bot.store.errors import LeaseLost
from bot.store.on_call import Person

log = logging.getLogger(__name__)

# Longer than a request to Twilio or an SMTP session may take.
LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=2)
# So many codes of open cases fit into a text.
MOST_CODES = 8


class AlertSender:
    """One sender of notices; any number may share the queue."""

    def __init__(self, deps: Deps, owner: str) -> None:
        """``owner`` names who holds a notice; it must be nobody else's."""
        self._deps = deps
        self._owner = owner

    def send_one(self) -> bool:
        """Deal with the notice that has waited longest; False when none is due."""
        with self._deps.db.read() as tx:
            due_at = alerts.next_due(tx)
            if due_at is None or due_at > tx.now():
                return False
        claimed = alerts.claim(self._deps.db, self._owner, LEASE)
        if claimed is None:
            return False
        try:
            self._deal_with(claimed)
        except LeaseLost:
            log.warning("alert_lease_lost alert=%s", claimed.id)
        return True

    def _deal_with(self, claimed: ClaimedAlert) -> None:
        with self._deps.db.read() as tx:
            person = on_call.find(tx, claimed.person_id)
        address = person and (person.phone if claimed.channel == "text" else person.mail)
        if person is None or not address:
            self._give_up(claimed, "no_address")
        elif claimed.channel == "text":
            self._text(claimed, address)
        else:
            self._mail(claimed, person, address)

    # By text

    def _text(self, claimed: ClaimedAlert, number: str) -> None:
        body = self._text_of(claimed)
        notice = Notice(number, body, claimed.created_at, claimed.attempted_at)
        result = try_text(self._deps, notice, lambda: self._mark_attempted(claimed))
        if result.state == SENT:
            self._sent(claimed)
        elif result.state == UNKNOWN:
            self._again(claimed, result.error, result.wait or _wait(claimed), outcome_unknown=True)
        elif result.for_good:
            self._give_up(claimed, result.error)
        elif result.state == FAILED:
            self._again(claimed, result.error, _wait(claimed))

    # By mail

    def _mail(self, claimed: ClaimedAlert, person: Person, address: str) -> None:
        if claimed.attempted_at is not None:
            self._unknown(claimed)
            return
        if self._deps.mail is None:
            self._give_up(claimed, "no_mail_server")
            return
        if not self._mark_attempted(claimed):
            return
        subject = self._words(claimed, "subject").replace("\n", " ")
        letter = Mail(address, subject, self._words(claimed, "mail"), f"{claimed.id}.followthrough")
        try:
            self._deps.mail.send(letter)
        except MailNotSent as error:
            self._again(claimed, f"smtp_{error.code}", _wait(claimed))
        except MailUnknown:
            self._unknown(claimed)
        else:
            self._sent(claimed)

    # What became of it

    def _mark_attempted(self, claimed: ClaimedAlert) -> bool:
        with self._deps.db.write() as tx:
            return alerts.mark_attempted(tx, claimed)

    def _sent(self, claimed: ClaimedAlert) -> None:
        with self._deps.db.write() as tx:
            alerts.settle(tx, claimed, "sent")
        log.info("alert_sent alert=%s channel=%s escalation=%s", claimed.id, claimed.channel, claimed.escalation_id)

    def _again(self, claimed: ClaimedAlert, error: str, wait: timedelta, *, outcome_unknown: bool = False) -> None:
        log.critical("alert_not_sent alert=%s channel=%s error=%s", claimed.id, claimed.channel, error)
        with self._deps.db.write() as tx:
            alerts.retry_later(tx, claimed, tx.now() + wait, error, outcome_unknown=outcome_unknown)

    def _give_up(self, claimed: ClaimedAlert, error: str) -> None:
        log.critical("alert_failed alert=%s channel=%s error=%s", claimed.id, claimed.channel, error)
        with self._deps.db.write() as tx:
            alerts.settle(tx, claimed, "failed", error)
            self._next_step_now(tx, claimed)

    def _unknown(self, claimed: ClaimedAlert) -> None:
        log.critical("alert_outcome_unknown alert=%s channel=%s", claimed.id, claimed.channel)
        with self._deps.db.write() as tx:
            alerts.settle(tx, claimed, "unknown", "no_answer")
            self._next_step_now(tx, claimed)

    def _next_step_now(self, tx: Transaction, claimed: ClaimedAlert) -> None:
        """The next in line should not wait for nothing; the repetitions for ever keep their pace."""
        if claimed.purpose != "alert":
            return
        if self._deps.content.on_call.cadences[claimed.urgency].is_listed(alerts.step_of(tx, claimed.escalation_id)):
            alerts.hurry(tx, claimed.escalation_id, tx.now())

    def _text_of(self, claimed: ClaimedAlert) -> str:
        if claimed.purpose != WHICH:
            return self._words(claimed, "text" if claimed.purpose == "alert" else claimed.purpose)
        with self._deps.db.read() as tx:
            codes = claims.open_codes(tx, claimed.person_id, MOST_CODES)
        return self._words(claimed, WHICH if codes else "none_open", ", ".join(codes))

    def _words(self, claimed: ClaimedAlert, name: str, codes: str = "") -> str:
        return self._deps.content.on_call.texts[name].format(
            programme=self._deps.settings.programme_name,
            urgency=claimed.urgency,
            code=claimed.code,
            case=claimed.escalation_id,
            number=claimed.number,
            link=self._deps.settings.public_url,
            codes=codes,
        )


def _wait(claimed: ClaimedAlert) -> timedelta:
    """Ten seconds, then twice as long each time, up to two minutes."""
    doublings: int = min(claimed.attempts - 1, 8)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
