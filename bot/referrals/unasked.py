"""What follows when a patient says of a place what was not asked: its time does not suit, the need is met already."""

from __future__ import annotations

from bot.content.referral import load_referral
from bot.core.dialog import JsonObject
from bot.core.referral import PATIENT
from bot.core.referral_case import RESOLVED
from bot.effect_context import Context, Effect, note
from bot.referrals.reporting import close_need, open_case
from bot.store import needs, referrals
from bot.store.errors import NotFound

TIME_CASE = "referral_time_refused"


def _cannot_make_it(c: Context, event: JsonObject) -> None:
    """A person finds another time with the place: it cannot be told by text, and the patient was promised a word."""
    try:
        referral = referrals.get(c.tx, event["referral_id"])
    except NotFound:
        return
    # The dialog's state may be older than the record.
    if referral.patient_id == c.scene.patient.id and not referral.is_closed:
        open_case(c.tx, referral, TIME_CASE, "today", "the patient cannot make the time of the place")
        note(c, "patient_cannot_make_it", referral_id=referral.id)


def _need_met(c: Context, event: JsonObject) -> None:
    """The patient had help before a place was chosen."""
    content = load_referral(c.deps.settings.content_dir)
    for need in needs.of_patient(c.tx, c.scene.patient.id):
        if need.domain == event["domain"] and need.closed_at is None:
            close_need(c.tx, content, need.id, RESOLVED, PATIENT)
    note(c, "need_met", domain=event["domain"])


EFFECTS: dict[str, Effect] = {"patient_cannot_make_it": _cannot_make_it, "need_met": _need_met}
