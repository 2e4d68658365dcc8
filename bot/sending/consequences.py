"""What a failed message means beyond itself: suppressions, enrolments, cases for a person.

The same whether Twilio refused the message or a receipt reported it later.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.core.gate import UNDELIVERABLE
from bot.core.send_policy import ErrorRule
from bot.opting_out import opt_out_phone
from bot.store import audit, campaigns, escalations, phones, suppressions
from bot.store.database import Transaction

log = logging.getLogger(__name__)

ACTOR = "twilio"
MESSAGE_FAILED = "message_failed"


@dataclass(frozen=True)
class Addressed:
    """Whom a message is for, by ids."""

    message_id: str
    patient_id: str
    phone_id: str
    conversation_id: str
    inbound_id: str | None
    enrolment_id: str | None
    proactive: bool


def opted_out_at_twilio(tx: Transaction, message: Addressed, code: int) -> None:
    """Twilio refuses the number because its owner said STOP there: that is an opt-out like any other."""
    done = opt_out_phone(tx, phones.get(tx, message.phone_id), str(code))
    for patient_id in done.patient_ids if done.is_new else ():
        audit.record(tx, ACTOR, "opted_out", "patient", patient_id, source=str(code))
    log.info("opted_out_at_twilio message=%s cancelled=%d", message.message_id, done.cancelled)


def number_unreachable(tx: Transaction, message: Addressed, code: int, rule: ErrorRule) -> None:
    """Mark the number, so that nothing proactive goes there, and ask a person for another one."""
    phone = phones.get(tx, message.phone_id)
    if suppressions.add(tx, phone.number_hash, UNDELIVERABLE, str(code)):
        audit.record(tx, ACTOR, "number_found_undeliverable", "phone", phone.id, error_code=code)
    given_up(tx, message, code, rule)


def given_up(tx: Transaction, message: Addressed, code: int | None, rule: ErrorRule) -> None:
    """The message will not arrive: fail the enrolment and open a case, unless the patient has one open."""
    if message.enrolment_id is not None:
        campaigns.set_enrolment_state(tx, message.enrolment_id, "failed", str(code) if code else None)
    if escalations.unresolved(tx, message.patient_id, MESSAGE_FAILED) is None:
        escalations.create(
            tx,
            patient_id=message.patient_id,
            conversation_id=message.conversation_id,
            inbound_id=message.inbound_id,
            kind=MESSAGE_FAILED,
            urgency="soon" if message.proactive else "today",
            note=f"{rule.meaning} ({code or rule.error})",
        )
    log.warning("message_failed message=%s code=%s", message.message_id, code)
