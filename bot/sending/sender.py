"""The sender: takes messages from the outbox and hands each to Twilio once.

Reads top-down: claim, ask Twilio about an earlier try, pass the gate, say that it is attempted (committed),
hand over, record what came of it. A crash between any two of these leaves a row from which the next claim
can tell what is known; where the outcome is not, Twilio is asked before anything is sent.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from secrets import SystemRandom

from bot.adapters.twilio_messages import SendNotMade, SendRefused, SendUnknown
from bot.bootstrap import Deps
from bot.content import content_root
from bot.content.policy import load_policy
from bot.core.gate import MISSED, NOT_SAFE, Decision, GateFacts, earliest, may_reply, may_send
from bot.core.send_policy import MAX_ATTEMPTS, ErrorClass, ErrorRule, ErrorTable, backoff
from bot.sending import outcomes
from bot.sending.errors_table import load_errors
from bot.sending.facts import facts_for_sending
from bot.sending.pace import Pace
from bot.store import outbox, phones, sending
from bot.store.database import Transaction
from bot.store.errors import LeaseLost
from bot.store.outbox import ClaimedMessage
from bot.unseen import MOVED_ON

log = logging.getLogger(__name__)

TOPIC = "outbox"
LEASE = timedelta(seconds=30)
# A request takes 20 s at most; one that would outlive the lease is not begun.
LATEST_START = timedelta(seconds=8)
LOOK_UP_AFTER = timedelta(seconds=10)
CLOCK_SLACK = timedelta(seconds=60)
PAUSE_CHECK = timedelta(seconds=30)
# What may not be safe is looked at again by the clock; a person has to settle it.
UNSAFE_LOOK = timedelta(hours=1)
IDLE_SECONDS = 0.1
AFTER_ERROR_SECONDS = 1.0
RANDOM = SystemRandom()
NO_ANSWER = ErrorRule("no answer", ErrorClass.RETRY, "Several tries brought no answer from Twilio.")


class Sender:
    """One sending thread. Any number of them, in any number of processes, may share an outbox."""

    def __init__(
        self,
        deps: Deps,
        *,
        errors: ErrorTable | None = None,
        jitter: Callable[[], float] = RANDOM.random,
        look_up_after: timedelta = LOOK_UP_AFTER,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``jitter`` gives numbers in [0, 1). Raises ``ErrorsTableInvalid`` when the table of errors is wrong."""
        self._deps = deps
        self._errors = errors or load_errors(content_root())
        self._jitter = jitter
        self._look_up_after = look_up_after
        self._monotonic = monotonic
        self._owner = f"{os.uname().nodename}:{os.getpid()}:{deps.new_id('sender')}"
        self._pace = Pace(deps.buckets, deps.settings.twilio_from, monotonic)
        self._unreached = 0
        self._seen_unknown: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Send until ``stop`` is set. An error is logged and tried again: the database may be away for a while."""
        while not stop.is_set():
            try:
                worked = self.send_one()
            except Exception:
                log.exception("sending_failed")
                stop.wait(AFTER_ERROR_SECONDS)
                continue
            if not worked:
                self._deps.wakeups.wait(TOPIC, IDLE_SECONDS)

    def send_one(self) -> bool:
        """Deal with the most urgent message that is due; False when there is none, or the queue is held."""
        if self._pace.must_wait() or not self._something_to_send():
            return False
        claimed = outbox.claim(self._deps.db, self._owner, LEASE, ready=self._pace.lets_pass)
        if claimed is None:
            return False
        try:
            self._deal_with(claimed)
        except LeaseLost:
            log.warning("lease_lost message=%s", claimed.id)
        return True

    def _something_to_send(self) -> bool:
        with self._deps.db.read() as tx:
            if not sending.anything_due(tx):
                return False
            held = [waited for waited in sending.errors_waited_for(tx) if self._holds_others(waited.code)]
        if held:
            self._hold_channels(held)
        return True

    def _hold_channels(self, held: Sequence[sending.Waited]) -> None:
        """What would leave by a sender address that is refused waits with it, and stands in nobody else's way."""
        with self._deps.db.write() as tx:
            for waited in held:
                if count := sending.hold_channel(tx, waited):
                    log.warning("channel_held channel=%s error=%d messages=%d", waited.channel, waited.code, count)

    def _holds_others(self, code: int) -> bool:
        """While a message waits because our own set-up is refused, others like it would only be refused too."""
        rule = self._errors.rule(code, code if code < 1000 else None)
        return rule.error_class is ErrorClass.ALERT_OPERATOR and not rule.only_this_number

    def _deal_with(self, claimed: ClaimedMessage) -> None:
        latest_start = self._deps.clock.now() + LATEST_START
        if claimed.attempted_at is not None and not self._surely_not_sent(claimed, claimed.attempted_at):
            return
        if self._passes_the_gate(claimed) and self._in_time(claimed, latest_start):
            self._hand_over(claimed)

    # An earlier try, of which we do not know what became

    def _surely_not_sent(self, claimed: ClaimedMessage, attempted_at: datetime) -> bool:
        """True when Twilio, asked late enough, does not have the message. False when it has, or cannot say yet."""
        wait = self._still_to_wait(claimed, attempted_at)
        if wait > timedelta(0):
            self._ask_later(claimed, self._deps.clock.now() + wait, count=False)
            return False
        try:
            found = self._deps.twilio.find_recent(
                claimed.to_address, claimed.body, min(claimed.created_at, attempted_at) - CLOCK_SLACK
            )
        except (SendRefused, SendUnknown, SendNotMade) as error:
            log.warning("look_up_failed message=%s error=%s", claimed.id, type(error).__name__)
            self._ask_later(claimed, self._deps.clock.now() + backoff(claimed.attempts, self._jitter()), count=False)
            return False
        self._seen_unknown.pop(claimed.id, None)
        return not outcomes.bind_first_unbound(self._deps.db, claimed, found)

    def _still_to_wait(self, claimed: ClaimedMessage, attempted_at: datetime) -> timedelta:
        """A virtual clock may jump while a request is under way, so there the machine's time must pass as well."""
        wait = attempted_at + self._look_up_after - self._deps.clock.now()
        if self._deps.settings.virtual_clock:
            seen = self._seen_unknown.setdefault(claimed.id, self._monotonic())
            wait = max(wait, self._look_up_after - timedelta(seconds=self._monotonic() - seen))
        return wait

    def _ask_later(self, claimed: ClaimedMessage, at: datetime, *, count: bool) -> None:
        with self._deps.db.write() as tx:
            outbox.retry_later(tx, claimed, at, outcome_unknown=True, count_attempt=count)

    # The gate, at the moment of sending

    def _passes_the_gate(self, claimed: ClaimedMessage) -> bool:
        """Decide and, when it may go, say that it is attempted: one transaction, so that no opt-out slips between."""
        with self._deps.db.write() as tx:
            if claimed.attempts > MAX_ATTEMPTS:
                outcomes.give_up(tx, claimed, None, NO_ANSWER)
                return False
            return self._is_allowed(tx, claimed) and self._mark_attempted(tx, claimed)

    def _is_allowed(self, tx: Transaction, claimed: ClaimedMessage) -> bool:
        facts = facts_for_sending(tx, claimed, self._deps.clock.now())
        if claimed.proactive:
            return self._may_go_unasked(tx, claimed, facts)
        decision = may_reply(facts, claimed.after_opt_out)
        if not decision.allowed:
            outcomes.refuse(tx, claimed, decision.reason)
            return False
        return self._is_still_wanted(tx, claimed)

    def _may_go_unasked(self, tx: Transaction, claimed: ClaimedMessage, facts: GateFacts) -> bool:
        """What comes at the wrong hour, or with words that are no longer fresh, is not sent: it is planned anew."""
        now, policy = self._deps.clock.now(), load_policy()
        kind = sending.followup_kind(tx, claimed.inbound_id) or claimed.purpose
        decision = may_send(facts, kind, now, policy)
        if decision.allowed and now - claimed.created_at > policy.fresh_for:
            decision = Decision(False, MISSED, earliest(facts, kind, now, policy))
        if decision.allowed:
            return self._is_still_wanted(tx, claimed)
        again_at = now + UNSAFE_LOOK if decision.reason == NOT_SAFE else decision.retry_at
        outcomes.refuse(tx, claimed, decision.reason, again_at)
        return False

    def _is_still_wanted(self, tx: Transaction, claimed: ClaimedMessage) -> bool:
        if _comes_too_late(tx, claimed):
            outcomes.refuse(tx, claimed, MOVED_ON, self._deps.clock.now() + load_policy().thread_rests_after)
            return False
        state = sending.campaign_state(tx, claimed.enrolment_id) if claimed.proactive and claimed.enrolment_id else None
        if state == "paused":
            outbox.retry_later(tx, claimed, self._deps.clock.now() + PAUSE_CHECK, count_attempt=False)
        elif state == "cancelled":
            outcomes.refuse(tx, claimed, "campaign_cancelled")
        return state not in ("paused", "cancelled")

    def _mark_attempted(self, tx: Transaction, claimed: ClaimedMessage) -> bool:
        outbox.mark_attempted(tx, claimed)
        if claimed.proactive:
            # Whoever answers from a shared phone answers what was said there last.
            phones.make_current(tx, claimed.phone_id, claimed.conversation_id)
        return True

    def _in_time(self, claimed: ClaimedMessage, latest_start: datetime) -> bool:
        """A request begun so late that the lease could end in it might be made by another sender too."""
        now = self._deps.clock.now()
        if now <= latest_start:
            return True
        with self._deps.db.write() as tx:
            outbox.retry_later(tx, claimed, now, count_attempt=False)
        return False

    # The request itself

    def _hand_over(self, claimed: ClaimedMessage) -> None:
        settings = self._deps.settings
        callback = f"{settings.public_url.rstrip('/')}/twilio/status?m={claimed.id}"
        try:
            sent = self._deps.twilio.create(claimed.to_address, claimed.body, callback, self._sender_for(claimed))
        except SendNotMade:
            self._not_reached(claimed)
        except SendUnknown:
            self._outcome_unknown(claimed, 0, None)
        except SendRefused as refusal:
            self._refused(claimed, refusal)
        else:
            self._unreached = 0
            outcomes.record_sent(self._deps.db, claimed, sent)

    def _sender_for(self, claimed: ClaimedMessage) -> str:
        """A WhatsApp address is answered from ours; a messaging service finds the right one itself."""
        sender: str = self._deps.settings.twilio_from
        whatsapp = claimed.to_address.startswith("whatsapp:") and sender.startswith("+")
        return f"whatsapp:{sender}" if whatsapp else sender

    def _not_reached(self, claimed: ClaimedMessage) -> None:
        """Twilio, or the way there, is down: nothing was made, so nothing is counted, and the queue waits with it."""
        self._unreached += 1
        wait = backoff(min(self._unreached, 5), self._jitter())
        self._pace.hold(wait)
        log.warning("twilio_not_reached message=%s again_in=%.1f", claimed.id, wait.total_seconds())
        with self._deps.db.write() as tx:
            outbox.retry_later(tx, claimed, self._deps.clock.now() + wait, count_attempt=False)

    def _outcome_unknown(self, claimed: ClaimedMessage, http_status: int, retry_after: float | None) -> None:
        wait = max(self._look_up_after, backoff(claimed.attempts, self._jitter(), retry_after))
        log.warning("outcome_unknown message=%s http=%d", claimed.id, http_status)
        self._ask_later(claimed, self._deps.clock.now() + wait, count=True)

    def _refused(self, claimed: ClaimedMessage, refusal: SendRefused) -> None:
        if refusal.http_status >= 500:
            # A gateway may lose the answer of a request that was carried out.
            self._outcome_unknown(claimed, refusal.http_status, refusal.retry_after)
            return
        rule = self._errors.rule(refusal.code, refusal.http_status)
        wait = outcomes.record_refusal(self._deps.db, claimed, refusal, rule, self._jitter())
        if refusal.http_status == 429:
            self._pace.hold(wait)


def _comes_too_late(tx: Transaction, claimed: ClaimedMessage) -> bool:
    """What opens a conversation would only confuse whoever has gone on with it; so would a reply sent again."""
    if claimed.priority == sending.RESEND_PRIORITY:
        return sending.has_moved_on(tx, claimed.conversation_id, claimed.created_at)
    return claimed.proactive and sending.was_answered_since(
        tx, claimed.phone_id, claimed.inbound_id, claimed.created_at
    )
