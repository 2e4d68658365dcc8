"""What only a campaign knows of its invitations when they fall due."""

from __future__ import annotations

from datetime import timedelta

from bot.abandoned import end_left_runs
from bot.bootstrap import Deps
from bot.core.gate import Decision
from bot.store import campaigns
from bot.store.database import Transaction
from bot.store.followups import FollowUp

NOT_NEEDED = "no_longer_needed"
TOO_LATE = timedelta(days=30)
PAUSED_LOOK = timedelta(hours=1)


def still_wanted(deps: Deps, tx: Transaction, followup: FollowUp) -> Decision | None:
    """Whether patient and campaign still wait for it; a paused campaign's waits on."""
    enrolment = campaigns.enrolment(tx, followup.guard["enrolment_id"])
    if enrolment is None or enrolment.state not in ("enrolled", "held"):
        return Decision(False, NOT_NEEDED)
    campaign = campaigns.get(tx, enrolment.campaign_id)
    if campaign.state == "paused":
        return Decision(False, "campaign_paused", tx.now() + PAUSED_LOOK)
    if campaign.state != "running":
        return Decision(False, f"campaign_{campaign.state}")
    late = tx.now() - max(campaign.start_at, followup.planned_for)
    return Decision(False, "too_late") if late > TOO_LATE else None


def make_room(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """What was left half-way must not be gone on with when the new questions are answered."""
    end_left_runs(tx, followup.patient_id, deps.content.instruments)
    campaigns.set_enrolment_state(tx, followup.guard["enrolment_id"], "enrolled")


def keep_back(tx: Transaction, followup: FollowUp, reason: str) -> None:
    """The enrolment shows why it is held."""
    if reason != NOT_NEEDED:
        campaigns.set_enrolment_state(tx, followup.guard["enrolment_id"], "held", reason)
