"""Gathers from the record what the gate must know before a patient is texted unasked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.abandoned import under_way
from bot.content.policy import load_policy
from bot.core.caps import WEEK
from bot.core.gate import GateFacts
from bot.recipients import recipient_of
from bot.safe_to_text import may_be_unsafe, named_at
from bot.store import campaigns, consents, conversations, followups, patients, phones, screenings, suppressions, unasked
from bot.store.conversations import Conversation
from bot.store.database import Transaction
from bot.store.followups import FollowUp
from bot.store.phones import Phone

INVITATION = "campaign_invitation"
# How long a question or an invitation that nobody answers keeps a shared phone from being used for another patient.
THREAD_REST = timedelta(days=2)
# How long an invitation that is not answered yet keeps the next one back.
INVITED_RECENTLY = timedelta(hours=24)
_UNANSWERED = frozenset({"enrolled", "sent", "delivered"})
_UNDER_WAY = frozenset({"sent", "delivered", "started"})
_HANDED_ON = _UNDER_WAY | {"enrolled"}
_MANY = 500


@dataclass(frozen=True)
class Proposal:
    """Whom to text about what: the kind of the follow-up, and when it was first meant to be.

    ``enrolment_id`` is that of an invitation, once there is one, which does not stand in its own way. ``phone_id``
    is the phone on which the patient asked for it, ``asked_at`` when they named its time, if they did.
    ``takes_place_at`` is the time that it tells of.
    """

    patient_id: str
    kind: str = INVITATION
    enrolment_id: str | None = None
    planned_for: datetime | None = None
    phone_id: str | None = None
    asked_at: datetime | None = None
    takes_place_at: datetime | None = None


def proposal_of(followup: FollowUp) -> Proposal:
    """What the gate is asked when this follow-up falls due."""
    guard = followup.guard
    return Proposal(
        followup.patient_id,
        followup.kind,
        guard.get("enrolment_id"),
        followup.planned_for,
        guard.get("phone_id"),
        asked_at=named_at(followup),
        takes_place_at=datetime.fromisoformat(guard["at"]) if guard.get("at") else None,
    )


def gather_facts(tx: Transaction, proposal: Proposal, now: datetime) -> GateFacts:
    """What the record says about the patient and the phone that would be texted. Reads only."""
    policy = load_policy()
    consent = consents.latest(tx, proposal.patient_id)
    phone = phones.to_text(tx, proposal.patient_id, proposal.phone_id)
    patient = patients.get(tx, proposal.patient_id)
    invites = proposal.kind == INVITATION
    return GateFacts(
        consent=None if consent is None else consent.granted,
        suppressions=frozenset(suppressions.kinds(tx, phone.number_hash)) if phone else frozenset(),
        textable=phone is not None,
        screening_open=bool(under_way(tx, proposal.patient_id, now)),
        phone_busy=phone is not None and _is_busy(tx, phone, proposal, now),
        invited_recently=invites and _awaits_an_answer(tx, proposal, now),
        screened_recently=invites and _was_screened(tx, proposal, now - policy.cadence.screened_recently),
        recipient=None if patient is None or phone is None else recipient_of(tx, patient, phone, policy),
        recent=() if phone is None else _recent(tx, phone, proposal, now),
        planned_for=proposal.planned_for,
        takes_place_at=proposal.takes_place_at,
        maybe_unsafe=may_be_unsafe(tx, proposal.patient_id, proposal.asked_at),
    )


def _recent(tx: Transaction, phone: Phone, proposal: Proposal, now: datetime) -> tuple[datetime, ...]:
    """What was sent, and what is about to be, which counts as sent now."""
    sent = unasked.sent_unasked(tx, proposal.patient_id, phone.id, now - WEEK)
    coming = unasked.about_to_be_sent(tx, proposal.patient_id, phone.id, phone.number_hash)
    return (*sent, now) if coming else tuple(sent)


def _was_screened(tx: Transaction, proposal: Proposal, since: datetime) -> bool:
    return bool(screenings.last_screened(tx, [proposal.patient_id], since))


def _is_busy(tx: Transaction, phone: Phone, proposal: Proposal, now: datetime) -> bool:
    """Two patients in turn on one phone would answer each other's questions."""
    others = [p.id for p in patients.by_phone(tx, phone.id) if p.id != proposal.patient_id]
    if not others:
        return False
    return not unasked.handed_on_to(tx, phone.number_hash).isdisjoint(others) or any(
        _invited_just_now(tx, other, now) or _spoken_to(tx, phone, other, now) or _screened(tx, phone, other, now)
        for other in others
    )


def _invited_just_now(tx: Transaction, patient_id: str, now: datetime) -> bool:
    planned = followups.list_for_patient(tx, patient_id, None, _MANY).items
    fresh = [f for f in planned if f.state == "sent" and now - f.due_at < THREAD_REST]
    return any(_is_unsettled(tx, f.guard.get("enrolment_id")) for f in fresh)


def _awaits_an_answer(tx: Transaction, proposal: Proposal, now: datetime) -> bool:
    """Whether another campaign invited the patient less than a day ago; of others on the phone, see above."""
    planned = followups.list_for_patient(tx, proposal.patient_id, None, _MANY).items
    given = [f.guard.get("enrolment_id") for f in planned if f.state == "sent" and now - f.due_at < INVITED_RECENTLY]
    others = [campaigns.enrolment(tx, e) for e in given if e is not None and e != proposal.enrolment_id]
    return any(other is not None and other.state in _UNANSWERED for other in others)


def _is_unsettled(tx: Transaction, enrolment_id: str | None) -> bool:
    enrolment = campaigns.enrolment(tx, enrolment_id) if enrolment_id else None
    return enrolment is not None and enrolment.state in _HANDED_ON


def _spoken_to(tx: Transaction, phone: Phone, patient_id: str, now: datetime) -> bool:
    """Whether there was a turn here just now; one that leaves something to be answered counts for longer."""
    ages = [(thread, now - thread.updated_at) for thread in _threads(tx, phone, patient_id)]
    if any(thread.version and age < load_policy().thread_rests_after for thread, age in ages):
        return True
    fresh = [thread for thread, age in ages if age < THREAD_REST]
    return any(_is_asked(thread) for thread in fresh) or (
        bool(fresh) and any(e.state in _UNDER_WAY for e in campaigns.open_enrolments(tx, patient_id))
    )


def _is_asked(thread: Conversation) -> bool:
    """Whether a question of ours is open there, of a form or after an alarm."""
    state = thread.state or {}
    return bool(state.get("form") or state.get("check"))


def _screened(tx: Transaction, phone: Phone, patient_id: str, now: datetime) -> bool:
    """Whether a screening is under way here; it holds the phone until it ends or is left."""
    here = {thread.id for thread in _threads(tx, phone, patient_id)}
    return any(run.conversation_id in here for run in under_way(tx, patient_id, now))


def _threads(tx: Transaction, phone: Phone, patient_id: str) -> list[Conversation]:
    return [thread for thread in conversations.of_patient(tx, patient_id) if thread.phone_id == phone.id]
