"""What every effect is given, and what several of them do: open a case, move an enrolment, note it in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.bootstrap import Deps
from bot.core.dialog import JsonObject
from bot.core.on_call import somebody_is_told
from bot.opting_out import under_way
from bot.scene import Scene
from bot.store import audit, campaigns, escalations
from bot.store.database import Transaction

ACTOR = "worker"


@dataclass
class Applied:
    """What the events of one turn have changed so far."""

    language: str
    screening_id: str | None = None


@dataclass(frozen=True)
class Context:
    """Everything an effect may touch."""

    deps: Deps
    tx: Transaction
    scene: Scene
    applied: Applied


Effect = Callable[[Context, JsonObject], None]


def escalate(c: Context, kind: str, urgency: str) -> None:
    """Open a case, unless one of the same kind does: somebody is being told of it, or has claimed it just now."""
    cases = escalations.all_unresolved(c.tx, c.scene.patient.id, {kind})
    if not somebody_is_told(cases, urgency, c.tx.now(), c.deps.content.on_call.claim_counts):
        open_case(c, kind, urgency)


def open_case(c: Context, kind: str, urgency: str) -> None:
    """Open a case, whatever there is."""
    escalations.create(
        c.tx,
        patient_id=c.scene.patient.id,
        conversation_id=c.scene.conversation.id,
        inbound_id=c.scene.claimed.id,
        kind=kind,
        urgency=urgency,
    )


def move_enrolment(c: Context, state: str) -> None:
    """The enrolment that this thread answers: the latest one under way."""
    for enrolment in under_way(c.tx, c.scene.patient.id)[:1]:
        campaigns.set_enrolment_state(c.tx, enrolment.id, state)


def note(c: Context, action: str, **detail: object) -> None:
    """Say in the audit that ``action`` happened to the patient."""
    audit.record(c.tx, ACTOR, action, "patient", c.scene.patient.id, **detail)
