"""Writes down what became of a claimed message: sent, refused, to be tried again, given up."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.adapters.twilio_messages import SendRefused, SentMessage
from bot.core.gate import OPTED_OUT
from bot.core.send_policy import ErrorClass, ErrorRule, NextStep, Step, after_error
from bot.sending.consequences import Addressed, given_up, number_unreachable, opted_out_at_twilio
from bot.store import campaigns, followups, outbox, sending
from bot.store.database import Database, Transaction
from bot.store.outbox import ClaimedMessage

log = logging.getLogger(__name__)


def record_sent(db: Database, claimed: ClaimedMessage, sent: SentMessage) -> None:
    """Twilio has the message. When a receipt came first and bound it already, nothing is to be done."""
    with db.write() as tx:
        if not _bind(tx, claimed, sent) and sending.bound_sid(tx, claimed.id) not in (sent.sid, None):
            log.error("sent_twice message=%s sid=%s", claimed.id, sent.sid)
    log.info("sent message=%s sid=%s status=%s segments=%d", claimed.id, sent.sid, sent.status, claimed.segments)


def bind_first_unbound(db: Database, claimed: ClaimedMessage, found: Sequence[SentMessage]) -> bool:
    """Bind the first of Twilio's messages that is nobody else's here; False when there is none."""
    with db.write() as tx:
        ours = next((sent for sent in found if not sending.is_bound(tx, sent.sid)), None)
        if ours is None:
            return sending.bound_sid(tx, claimed.id) is not None
        _bind(tx, claimed, ours)
    log.info("found_at_twilio message=%s sid=%s", claimed.id, ours.sid)
    return True


def record_refusal(
    db: Database, claimed: ClaimedMessage, refusal: SendRefused, rule: ErrorRule, jitter: float
) -> timedelta:
    """Apply the rule of an error to the message and what hangs on it; gives the wait before the next try (or zero)."""
    step = after_error(rule, claimed.attempts, jitter, refusal.retry_after)
    code = refusal.code or refusal.http_status
    if rule.error_class is ErrorClass.ALERT_OPERATOR:
        log.error("operator_needed error=%s message=%s meaning=%r", rule.error, claimed.id, rule.meaning)
    else:
        log.warning("send_refused error=%s message=%s step=%s", rule.error, claimed.id, step.step)
    with db.write() as tx:
        _take_step(tx, claimed, step, code, rule)
    return step.wait


def refuse(tx: Transaction, claimed: ClaimedMessage, reason: str, again_at: datetime | None = None) -> None:
    """The gate does not let it out; its enrolment is held for the reason, or ended by an opt-out.

    With ``again_at`` what it was about falls due again then, unless a part of it was sent.
    """
    outbox.refused(tx, claimed)
    followup_id = sending.unsent_followup(tx, claimed.inbound_id) if again_at is not None else None
    if again_at is not None and followup_id is not None:
        followups.plan_anew(tx, followup_id, reason, again_at)
    if claimed.enrolment_id is not None and reason == OPTED_OUT:
        campaigns.set_enrolment_state(tx, claimed.enrolment_id, OPTED_OUT)
    elif claimed.enrolment_id is not None:
        campaigns.set_enrolment_state(tx, claimed.enrolment_id, "held", reason)
    log.info("refused_by_gate message=%s reason=%s", claimed.id, reason)


def give_up(tx: Transaction, claimed: ClaimedMessage, code: int | None, rule: ErrorRule) -> None:
    """No further try: failed, and a case for a person."""
    outbox.failed(tx, claimed, code)
    given_up(tx, _addressed(claimed), code, rule)


def _bind(tx: Transaction, claimed: ClaimedMessage, sent: SentMessage) -> bool:
    if not outbox.handed_over(tx, claimed.id, sent.sid, sent.status):
        return False
    if claimed.enrolment_id is not None:
        campaigns.set_enrolment_state(tx, claimed.enrolment_id, "sent")
    return True


def _take_step(tx: Transaction, claimed: ClaimedMessage, step: NextStep, code: int, rule: ErrorRule) -> None:
    match step.step:
        case Step.RETRY | Step.HOLD:
            counts = step.step is Step.RETRY
            outbox.retry_later(tx, claimed, tx.now() + step.wait, error_code=code, count_attempt=counts)
        case Step.SUPPRESS:
            outbox.failed(tx, claimed, code)
            opted_out_at_twilio(tx, _addressed(claimed), code)
        case Step.FLAG_NUMBER:
            outbox.failed(tx, claimed, code)
            number_unreachable(tx, _addressed(claimed), code, rule)
        case Step.FAIL:
            give_up(tx, claimed, code, rule)


def _addressed(claimed: ClaimedMessage) -> Addressed:
    return Addressed(
        message_id=claimed.id,
        patient_id=claimed.patient_id,
        phone_id=claimed.phone_id,
        conversation_id=claimed.conversation_id,
        inbound_id=claimed.inbound_id,
        enrolment_id=claimed.enrolment_id,
        proactive=claimed.proactive,
    )
