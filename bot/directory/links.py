"""Links to lists of places: the community referral summary, behind an opaque address that expires."""

from __future__ import annotations

from collections.abc import Sequence

from bot.content.directory import load_directory
from bot.settings import Settings
from bot.store import shared_lists
from bot.store.database import Transaction

PATH = "/r/"


def make_link(settings: Settings, tx: Transaction, patient_id: str, service_ids: Sequence[str], language: str) -> str:
    """A link at which these places can be read and printed, in this order and language.

    It says nothing of the patient or the need, works for as long as ``link_days`` of ``directory.yml`` says, and ends
    with the patient's record.
    """
    expires = tx.now() + load_directory(settings.content_dir).rules.link_lives
    token = shared_lists.create(tx, patient_id, service_ids, language, expires)
    return f"{settings.public_url}{PATH}{token}"
