"""Applies delivery receipts to the messages that they are about."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.bootstrap import Deps
from bot.content import content_root
from bot.core import delivery, send_policy
from bot.core.send_policy import ErrorClass, ErrorRule, ErrorTable, Step, after_error
from bot.sending.consequences import Addressed, given_up, number_unreachable, opted_out_at_twilio
from bot.sending.errors_table import load_errors
from bot.store import campaigns, outbox, receipts, sending
from bot.store.database import Transaction
from bot.store.receipts import SentMessage, StoredReceipt

log = logging.getLogger(__name__)


BATCH = 200
KEPT_FOR = timedelta(days=7)
# What Twilio says of a message that it has just taken; no receipt reports it.
AT_FIRST = "accepted"
LOST = frozenset({"failed", "undelivered"})


def apply_waiting(deps: Deps, errors: ErrorTable | None = None) -> int:
    """Apply every receipt whose message is known, in the order they came, and say how many.

    One about an unknown message waits, and is dropped after ``KEPT_FOR``. Each is applied in a transaction of
    its own and once, also when several processes do this at the same time; one that fails stays for the next time.
    """
    errors = errors or load_errors(content_root())
    applied, failed = 0, set[int]()
    while found := _next(deps, failed):
        for receipt in found:
            try:
                applied += _apply(deps, receipt, errors)
            except Exception:
                failed.add(receipt.seq)
                log.exception("receipt_failed seq=%d", receipt.seq)
    _drop_old(deps)
    return applied


def _next(deps: Deps, failed: set[int]) -> list[StoredReceipt]:
    with deps.db.read() as tx:
        return [r for r in sending.receipts_to_apply(tx, BATCH + len(failed)) if r.seq not in failed]


def _drop_old(deps: Deps) -> None:
    """Looks before it writes: this is called every few seconds."""
    with deps.db.read() as tx:
        oldest = receipts.waiting(tx, limit=1)
        if not oldest or oldest[0].received_at >= tx.now() - KEPT_FOR:
            return
    with deps.db.write() as tx:
        dropped = receipts.drop_unmatched(tx, tx.now() - KEPT_FOR)
    if dropped:
        log.warning("receipts_dropped count=%d", dropped)


def _apply(deps: Deps, receipt: StoredReceipt, errors: ErrorTable) -> bool:
    with deps.db.write() as tx:
        message = receipts.message_for(tx, receipt.message_sid, receipt.message_id)
        if message is None or not sending.take_receipt(tx, receipt.seq):
            return False
        if message.twilio_sid not in (None, receipt.message_sid):
            log.error("receipt_of_a_second_message message=%s sid=%s", message.id, receipt.message_sid)
        else:
            _bind_and_move(tx, message, receipt, errors)
        return True


def _bind_and_move(tx: Transaction, message: SentMessage, receipt: StoredReceipt, errors: ErrorTable) -> None:
    """A receipt that names our row tells what became of a send whose answer never came: no look-up is needed then."""
    if message.twilio_sid is None:
        outbox.handed_over(tx, message.id, receipt.message_sid, AT_FIRST)
        _enrolment(tx, message, "sent")
    moved = delivery.apply(message.status or AT_FIRST, receipt.status)
    if moved is None:
        return
    receipts.set_status(tx, message.id, moved, receipt.error_code)
    if moved in delivery.ARRIVED:
        _enrolment(tx, message, "delivered")
    elif moved in LOST:
        _did_not_arrive(tx, message, receipt.error_code, errors.rule(receipt.error_code))


def _did_not_arrive(tx: Transaction, message: SentMessage, code: int | None, rule: ErrorRule) -> None:
    """As when Twilio refuses a send: see :mod:`bot.sending.outcomes`. A retry is a new message here."""
    about = _addressed(message)
    if rule.error_class is ErrorClass.ALERT_OPERATOR:
        log.error("operator_needed error=%s message=%s meaning=%r", rule.error, message.id, rule.meaning)
    match after_error(rule, 1, 0.0).step:
        case Step.SUPPRESS:
            opted_out_at_twilio(tx, about, code or 0)
        case Step.FLAG_NUMBER:
            number_unreachable(tx, about, code or 0, rule)
        case Step.RETRY | Step.HOLD:
            at, most = tx.now() + send_policy.RESEND_WAIT, send_policy.MAX_ATTEMPTS_AFTER_RECEIPT
            again = sending.send_again(tx, message.id, at, code or 0, most)
            if again is None:
                given_up(tx, about, code, rule)
            else:
                log.info("sent_again_later message=%s again=%s error=%s", message.id, again, rule.error)
        case Step.FAIL:
            given_up(tx, about, code, rule)


def _enrolment(tx: Transaction, message: SentMessage, state: str) -> None:
    if message.enrolment_id is not None:
        campaigns.set_enrolment_state(tx, message.enrolment_id, state)


def _addressed(message: SentMessage) -> Addressed:
    return Addressed(
        message_id=message.id,
        patient_id=message.patient_id,
        phone_id=message.phone_id,
        conversation_id=message.conversation_id,
        inbound_id=None,
        enrolment_id=message.enrolment_id,
        proactive=message.enrolment_id is not None,
    )
