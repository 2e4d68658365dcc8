"""A text from somebody on call that claims a case: ``CLAIM K7M2QX``. Called by the turn before anything else."""

from __future__ import annotations

import logging

from bot.bootstrap import Deps
from bot.core.on_call import read_claim
from bot.store import alerts, audit, escalations, inbound, on_call
from bot.store.database import Transaction
from bot.store.errors import WrongState
from bot.store.inbound import ClaimedInbound
from bot.store.on_call import Person

log = logging.getLogger(__name__)


def take_claim(deps: Deps, claimed: ClaimedInbound) -> bool:
    """Claim the case that the text names, and answer; whether the text was one of these.

    Only from a phone that is on call: from any other it is a text like every text. A bare CLAIM means the one case
    that the person was told of; with several, or none, nothing is claimed.
    """
    code = read_claim(claimed.body)
    if code is None or claimed.kind != "text":
        return False
    with deps.db.write() as tx:
        person = on_call.by_number(tx, claimed.number_hash)
        if person is None:
            return False
        escalation_id = _meant(tx, person, code)
        inbound.finish(tx, claimed, "on_call_claim", None, None)
        if escalation_id is not None:
            _claim(tx, person, escalation_id)
    deps.wakeups.notify("alerts")
    return True


def _meant(tx: Transaction, person: Person, code: str) -> str | None:
    if code:
        return alerts.case_by_code(tx, code)
    told = alerts.open_cases_told_to(tx, person.id)
    return told[0] if len(told) == 1 else None


def _claim(tx: Transaction, person: Person, escalation_id: str) -> None:
    actor = f"on_call:{person.id}"
    try:
        escalations.claim(tx, escalation_id, actor)
    except WrongState:
        purpose = "taken"
    else:
        purpose = "claimed"
        audit.record(tx, actor, "escalation_claimed", "escalation", escalation_id, by="text")
        log.info("escalation_claimed escalation=%s by=%s", escalation_id, actor)
    alerts.put(tx, escalation_id, person.id, purpose, alerts.lowest_number(tx, escalation_id) - 1, "text")
