"""What an opt-out does, whoever reported it: the patient, Twilio or the clinic."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content.policy import load_policy
from bot.content.referral import load_referral
from bot.core.gate import OPTED_OUT
from bot.referrals.reporting import end_for_patient
from bot.store import campaigns, followups, outbox, patients, phones, suppressions
from bot.store.database import Transaction

UNDER_WAY = frozenset({"enrolled", "held", "sent", "delivered", "started"})


@dataclass(frozen=True)
class OptedOut:
    """What an opt-out changed: whom the phone reaches, whether the block is new, how many queued messages it ended."""

    patient_ids: tuple[str, ...]
    is_new: bool
    cancelled: int


def opt_out_phone(tx: Transaction, phone: phones.Phone, source: str) -> OptedOut:
    """Block the phone's number, cancel what is queued for it, end outreach to whoever has it; all in ``tx``.

    The block is of the number (47 CFR 64.1200(a)(10)), so everybody who shares the phone is meant. ``source`` is a
    code word for how it was said. Doing it twice changes nothing. The caller writes the audit.
    """
    is_new = suppressions.add(tx, phone.number_hash, OPTED_OUT, source)
    cancelled = outbox.cancel_for_phone(tx, phone.id)
    reached = tuple(patient.id for patient in patients.by_phone(tx, phone.id))
    for patient_id in reached:
        end_outreach(tx, patient_id, OPTED_OUT)
    return OptedOut(reached, is_new, cancelled)


def end_outreach(tx: Transaction, patient_id: str, reason: str, state: str = OPTED_OUT) -> None:
    """Drop what is planned for the patient, and move the enrolments that are under way to ``state``.

    What sends nothing stays: a screening that was left ends all the same.
    """
    silent = [kind for kind, rule in load_policy().kinds.items() if rule.silent]
    followups.drop_for_patient(tx, patient_id, reason, silent)
    end_for_patient(tx, load_referral(), patient_id, reason)
    for enrolment in under_way(tx, patient_id):
        campaigns.set_enrolment_state(tx, enrolment.id, state, None if state == reason else reason)


def under_way(tx: Transaction, patient_id: str) -> list[campaigns.EnrolledPatient]:
    """The patient's enrolments that have not ended, the latest campaign first."""
    return [e for e in campaigns.open_enrolments(tx, patient_id) if e.state in UNDER_WAY]
