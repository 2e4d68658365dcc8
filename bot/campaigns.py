"""Outreach: invites patients whom a clinic names, and releases each invitation when it is due.

A campaign is a row for each patient and one follow-up each. A follow-up that falls due is put to the gate
again and then enters the way of every message: an inbound row, on which a worker takes a turn.
Called by the clinic API and the command line (create) and by the clock (release).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.abandoned import end_left_runs
from bot.bootstrap import Deps
from bot.core.gate import Decision, may_send
from bot.invitations import Invitation, gather_facts
from bot.store import audit, campaigns, followups, inbound, patients, phones
from bot.store.database import Transaction
from bot.store.followups import FollowUp

KIND = "campaign_invitation"
BATCH = 50
LOOK_AGAIN = timedelta(hours=1)
TOO_LATE = timedelta(days=30)
# What may pass by itself. Every other refusal of the gate ends the invitation.
PASSING = frozenset(
    {"no_consent", "cannot_be_texted", "screening_open", "phone_busy", "invited_recently", "campaign_paused"}
)


@dataclass(frozen=True)
class Outreach:
    """What a clinic asks for: whom to invite to which instrument, and from when on (aware)."""

    name: str
    kind: str
    instrument: str
    channel: str
    patients: tuple[str, ...]
    start_at: datetime


@dataclass(frozen=True)
class Forecast:
    """What would become of one patient's invitation at ``at``; ``reason`` is ``None`` when it would go out."""

    patient_id: str
    at: datetime
    reason: str | None


class UnknownPatients(ValueError):
    """Some of the patients do not exist. ``positions`` are their places in the list, from 0."""

    def __init__(self, positions: tuple[int, ...]) -> None:
        super().__init__(f"{len(positions)} of the patients are not known")
        self.positions = positions


def create_campaign(deps: Deps, outreach: Outreach, actor: str) -> str:
    """Start a campaign and send what is due at once; gives its id. Raises :class:`UnknownPatients`."""
    with deps.db.write() as tx:
        campaign_id = plan_campaign(tx, outreach, actor)
    release_due(deps)
    return campaign_id


def plan_campaign(tx: Transaction, outreach: Outreach, actor: str) -> str:
    """Write a campaign down, with a follow-up for each patient; gives its id. Raises :class:`UnknownPatients`."""
    _refuse_unknown(tx, outreach.patients)
    campaign_id = campaigns.create(
        tx,
        name=outreach.name,
        kind=outreach.kind,
        instrument=outreach.instrument,
        channel=outreach.channel,
        start_at=outreach.start_at,
        created_by=actor,
    )
    for patient_id in outreach.patients:
        _invite(tx, campaign_id, outreach, patient_id)
    audit.record(tx, actor, "campaign_created", "campaign", campaign_id, patients=len(set(outreach.patients)))
    return campaign_id


def forecast(tx: Transaction, outreach: Outreach) -> list[Forecast]:
    """What the campaign would do with each patient as things stand now. Changes nothing.

    Raises :class:`UnknownPatients`, as the campaign itself would.
    """
    _refuse_unknown(tx, outreach.patients)
    at = max(outreach.start_at, tx.now())
    taken: set[str] = set()
    return [_foresee(tx, outreach, patient_id, at, taken) for patient_id in dict.fromkeys(outreach.patients)]


def release_due(deps: Deps) -> int:
    """Hand on every follow-up that is due; gives how many were looked at. Any number may run at once."""
    looked_at = 0
    release = partial(_release, deps)
    while released := followups.claim_due(deps.db, deps.clock.now(), BATCH, release):
        looked_at += len(released)
        deps.wakeups.notify("inbound")
    return looked_at


def _refuse_unknown(tx: Transaction, patient_ids: tuple[str, ...]) -> None:
    unknown = tuple(i for i, patient_id in enumerate(patient_ids) if patients.get(tx, patient_id) is None)
    if unknown:
        raise UnknownPatients(unknown)


def _invite(tx: Transaction, campaign_id: str, outreach: Outreach, patient_id: str) -> None:
    enrolment_id = campaigns.enrol(tx, campaign_id, patient_id)
    if enrolment_id is not None:
        guard = {"enrolment_id": enrolment_id, "instrument": outreach.instrument}
        followups.plan(tx, patient_id, KIND, max(outreach.start_at, tx.now()), guard, f"{KIND}:{enrolment_id}")


def _foresee(tx: Transaction, outreach: Outreach, patient_id: str, at: datetime, taken: set[str]) -> Forecast:
    decision = may_send(gather_facts(tx, Invitation(patient_id, outreach.instrument), at), KIND, at)
    phone = phones.primary(tx, patient_id)
    if phone is not None and decision.allowed:
        decision = Decision(False, "phone_busy") if phone.id in taken else decision
        taken.add(phone.id)
    return Forecast(patient_id, at, None if decision.allowed else decision.reason)


def _release(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """Hand one due follow-up on, hold it, or drop it."""
    if followup.kind != KIND:
        followups.to_inbound(tx, followup)
        return
    decision = _decide(tx, followup)
    if decision.allowed:
        # What was left half-way must not be gone on with when the new questions are answered.
        end_left_runs(tx, followup.patient_id, deps.content.instruments)
        _hand_on(tx, followup, deps.settings.twilio_from)
    else:
        _keep_back(tx, followup, decision.reason)


def _decide(tx: Transaction, followup: FollowUp) -> Decision:
    """The gate's answer, after what only a campaign knows."""
    enrolment = campaigns.enrolment(tx, followup.guard["enrolment_id"])
    if enrolment is None or enrolment.state not in ("enrolled", "held"):
        return Decision(False, "no_longer_needed")
    campaign = campaigns.get(tx, enrolment.campaign_id)
    if campaign.state != "running":
        return Decision(False, f"campaign_{campaign.state}")
    if tx.now() - campaign.start_at > TOO_LATE:
        return Decision(False, "too_late")
    invitation = Invitation(followup.patient_id, followup.guard["instrument"], enrolment.id)
    return may_send(gather_facts(tx, invitation, tx.now()), KIND, tx.now())


def _keep_back(tx: Transaction, followup: FollowUp, reason: str) -> None:
    if reason in PASSING:
        followups.hold(tx, followup.id, reason, tx.now() + LOOK_AGAIN)
    else:
        followups.drop(tx, followup.id, reason)
    if reason != "no_longer_needed":
        campaigns.set_enrolment_state(tx, followup.guard["enrolment_id"], "held", reason)


def _hand_on(tx: Transaction, followup: FollowUp, our_address: str) -> None:
    phone = phones.primary(tx, followup.patient_id)
    assert phone is not None  # the gate refuses who cannot be texted
    campaigns.set_enrolment_state(tx, followup.guard["enrolment_id"], "enrolled")
    inbound.store(
        tx,
        # With the time: one that was handed on and held again by the turn is handed on anew.
        message_sid=f"followup:{followup.id}:{int(followup.due_at.timestamp())}",
        kind="due",
        channel="sms",
        from_address=phones.address(tx, phone.id),
        to_address=our_address,
        body="",
        detail={
            "followup_id": followup.id,
            "followup_kind": followup.kind,
            "patient_id": followup.patient_id,
            "phone_id": phone.id,
            "enrolment_id": followup.guard["enrolment_id"],
            "instrument": followup.guard["instrument"],
            "guard": followup.guard,
        },
        received_at=tx.now(),
    )
