"""A screening of the patient that is over, and the next one planned half a year later."""

from __future__ import annotations

from datetime import timedelta

from bot.core.callbacks import RESCREENING
from bot.store import conversations, followups, phones, screenings
from bot.store.database import Transaction
from tests.referrals.world import PAT

CORE = "ahc-hrsn-core"
MONTHS_LATER = timedelta(days=182)


def was_screened(tx: Transaction) -> None:
    """Completed just now, without a need."""
    phone = phones.primary(tx, PAT)
    assert phone is not None
    thread = conversations.find_or_create(tx, phone.id, PAT, "en")
    run = screenings.start(tx, PAT, thread.id, CORE, "1", "en", "sms")
    screenings.complete(tx, run, "completed", {"needs": []})
    guard = {"after": run, "instrument": CORE}
    followups.plan(tx, PAT, RESCREENING, tx.now() + MONTHS_LATER, guard, f"{RESCREENING}:{run}")
