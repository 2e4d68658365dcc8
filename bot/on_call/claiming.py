"""A text from somebody on call that claims a case: ``CLAIM K7M2QX``. Called by the turn before anything else."""

from __future__ import annotations

import logging

from bot.bootstrap import Deps
from bot.core.claims import Claim, read_claim
from bot.store import audit, claims, escalations, inbound, on_call, patients
from bot.store.database import Transaction
from bot.store.errors import WrongState
from bot.store.inbound import ClaimedInbound
from bot.store.on_call import Person

log = logging.getLogger(__name__)

WHICH = "which"


def take_claim(deps: Deps, claimed: ClaimedInbound) -> bool:
    """Claim what the text names, and answer; whether the text was one of these.

    Only from a phone that is on call: from any other it is a text like every text. A bare CLAIM means the one case
    that the person was told of. Where nothing is claimed the answer says which cases are open. So it does after an "ok"
    to an alert, unless a patient has the same phone.
    """
    claim = read_claim(claimed.body, deps.content.on_call.words)
    if claim is None or claimed.kind != "text" or not _is_on_call(deps, claimed):
        return False
    with deps.db.write() as tx:
        person = on_call.by_number(tx, claimed.number_hash)
        if person is None or not _is_of_cases(tx, person, claimed, claim):
            return False
        inbound.finish(tx, claimed, "on_call_claim", None, None)
        meant = _meant(tx, person, claim)
        for escalation_id in meant:
            _claim(tx, person, escalation_id)
        if not meant and not claims.answer(tx, person.id, WHICH):
            log.warning("claim_without_a_case person=%s", person.id)
    deps.wakeups.notify("alerts")
    return True


def _is_on_call(deps: Deps, claimed: ClaimedInbound) -> bool:
    with deps.db.read() as tx:
        return on_call.by_number(tx, claimed.number_hash) is not None


def _is_of_cases(tx: Transaction, person: Person, claimed: ClaimedInbound, claim: Claim) -> bool:
    """Whether it is. What a patient with the same phone may have answered to a question is left to them."""
    if not claim.vague or _named(tx, claim):
        return True
    if patients.by_number(tx, claimed.from_address):
        return False
    return bool(claim.codes or claims.open_cases_told_to(tx, person.id))


def _named(tx: Transaction, claim: Claim) -> list[str]:
    """The cases that have the codes, whatever their state."""
    return [case for code in dict.fromkeys(claim.codes) if (case := claims.case_by_code(tx, code)) is not None]


def _meant(tx: Transaction, person: Person, claim: Claim) -> list[str]:
    """The cases to claim; what is named in doubt only where it is no longer open, so that this is said."""
    if claim.plain and not claim.codes:
        told = claims.open_cases_told_to(tx, person.id)
        return told if len(told) == 1 else []
    return [case for case in _named(tx, claim) if claim.plain or escalations.get(tx, case).state != "open"]


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
    claims.answer(tx, person.id, purpose, escalation_id)
