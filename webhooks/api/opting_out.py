"""Stops everything to a patient on the clinic's word."""

from __future__ import annotations

from bot.core.gate import OPTED_OUT
from bot.opting_out import end_outreach, opt_out_phone
from bot.patient_records import TOLD_THE_CLINIC
from bot.store import audit, consents, phones
from bot.store.database import Transaction


def opt_out(tx: Transaction, patient_id: str, actor: str, reason: str | None = None) -> None:
    """Block the patient's phones, withdraw the consent, cancel what is queued. Doing it twice changes nothing.

    As with a STOP by text, whoever else is reached by these phones is texted no more either.
    ``reason`` is a code word, kept in the audit alone.
    """
    for phone in phones.of_patient(tx, patient_id):
        opt_out_phone(tx, phone, "clinic")
    end_outreach(tx, patient_id, OPTED_OUT)
    # The withdrawal holds for the person, also when the clinic enters another number later.
    _withdraw_consent(tx, patient_id)
    audit.record(
        tx, actor, "opted_out", "patient", patient_id, source="clinic", **({"reason": reason} if reason else {})
    )


def _withdraw_consent(tx: Transaction, patient_id: str) -> None:
    latest = consents.latest(tx, patient_id)
    if latest is not None and not latest.granted:
        return
    phone = phones.primary(tx, patient_id)
    consents.record(
        tx,
        patient_id=patient_id,
        phone_id=phone.id if phone else None,
        granted=False,
        method=TOLD_THE_CLINIC,
        text_version=None,
        channel="clinic",
        at=tx.now(),
    )
