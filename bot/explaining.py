"""Says in plain words what is planned for a patient, what is held and why, and what was sent. No text is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.policy import load_policy
from bot.core.gate import Decision, may_send
from bot.invitations import INVITATION, Proposal, gather_facts, proposal_of
from bot.plain_words import kind_in_words, reason_in_words
from bot.recipients import recipient_of
from bot.store import followups, history, patients, phones
from bot.store.database import Transaction
from bot.store.followups import FollowUp

_MANY = 200


def explain(tx: Transaction, patient_id: str) -> list[str]:
    """Lines to print: all that is planned, and the latest of what is over.

    Raises ``LookupError`` for a patient who is not known.
    """
    patient = patients.get(tx, patient_id)
    if patient is None:
        raise LookupError("no such patient")
    zone = _zone(tx, patient)
    return [*_now(tx, patient_id, zone), *_followups(tx, patient_id, zone), *_sent(tx, patient_id, zone)]


def _zone(tx: Transaction, patient: patients.Patient) -> ZoneInfo:
    phone = phones.primary(tx, patient.id)
    if phone is None:
        return ZoneInfo(patient.timezone or "UTC")
    return ZoneInfo(min(recipient_of(tx, patient, phone, load_policy()).zones))


def _now(tx: Transaction, patient_id: str, zone: ZoneInfo) -> Iterator[str]:
    """What may go out now: texts in general, and each kind for which something else holds."""
    usual = _verdict(tx, Proposal(patient_id, "other"))
    yield f"It is {_time(tx.now(), zone)} for patient {patient_id}."
    if usual.allowed:
        yield "A text that nobody asked for may go out now."
    else:
        yield f"No text that nobody asked for may go out now: {_refusal(usual, zone)}."
    for proposal in _of_each_kind(tx, patient_id):
        verdict, what = _verdict(tx, proposal), kind_in_words(proposal.kind)
        if verdict.allowed and not usual.allowed:
            yield f"But {what} may."
        elif not verdict.allowed and verdict.reason != usual.reason:
            lead = f"But {what} may not" if usual.allowed else f"Nor may {what}"
            yield f"{lead}: {_refusal(verdict, zone)}."


def _of_each_kind(tx: Transaction, patient_id: str) -> Iterable[Proposal]:
    """An invitation, and the next text of every kind that is planned."""
    planned = [each for each in followups.pending(tx, patient_id) if not load_policy().rule(each.kind).silent]
    proposals = {each.kind: proposal_of(each) for each in reversed(planned)}
    return {INVITATION: Proposal(patient_id), **proposals}.values()


def _verdict(tx: Transaction, proposal: Proposal) -> Decision:
    return may_send(gather_facts(tx, proposal, tx.now()), proposal.kind, tx.now(), load_policy())


def _refusal(decision: Decision, zone: ZoneInfo) -> str:
    until = f", until {_time(decision.retry_at, zone)}" if decision.retry_at else ""
    return f"{reason_in_words(decision.reason)}{until}"


def _followups(tx: Transaction, patient_id: str, zone: ZoneInfo) -> Iterator[str]:
    pending = followups.pending(tx, patient_id)
    yield "Planned:" if pending else "Nothing is planned."
    for each in pending:
        yield f"  {_time(each.due_at, zone)}: {_planned(each, zone)}"
    over = followups.latest_over(tx, patient_id, _MANY)
    yield from ["Done or dropped:"] if over else []
    for each in over:
        ended = f"dropped, because {reason_in_words(each.reason)}" if each.state == "dropped" else "done"
        yield f"  {_time(each.due_at, zone)}: {kind_in_words(each.kind)}, {ended}"


def _planned(followup: FollowUp, zone: ZoneInfo) -> str:
    what = kind_in_words(followup.kind)
    if followup.state == "planned":
        return what
    return f"{what}, held since {_time(followup.planned_for, zone)}, because {reason_in_words(followup.reason)}"


def _sent(tx: Transaction, patient_id: str, zone: ZoneInfo) -> Iterator[str]:
    texts = history.latest_sent(tx, patient_id, _MANY)
    yield "Sent:" if texts else "Nothing was sent."
    for each in texts:
        yield f"  {_time(each.at, zone)}: {kind_in_words(each.purpose or 'text')}, {each.status}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"
