"""The open referrals, as a turn's context has them."""

from __future__ import annotations

from bot.bootstrap import Deps
from bot.core.dialog import JsonObject
from bot.core.directory.service import Phone
from bot.core.directory.texts import phone_text
from bot.referrals.places import finder
from bot.store import referrals
from bot.store.database import Transaction
from bot.store.referrals import PatientReferral

MOST_OPEN = 3


def open_referrals(deps: Deps, tx: Transaction, patient_id: str) -> list[JsonObject]:
    """The open referrals as a turn's context has them, the latest first."""
    return [_summed_up(deps, tx, each) for each in referrals.open_ones(tx, patient_id)[:MOST_OPEN]]


def _summed_up(deps: Deps, tx: Transaction, referral: PatientReferral) -> JsonObject:
    reach = finder(deps).reach(tx, referral.service_id)
    return {
        "id": referral.id,
        "place": referral.service_name,
        "domain": referral.domain,
        "state": referral.state,
        "told": bool(referral.shared),
        "address": reach.address if reach else None,
        "number": phone_text(Phone(reach.number), {}) if reach and reach.number else None,
        "free": reach.free if reach else None,
    }
