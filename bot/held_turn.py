"""The turn of a follow-up in a thread where the patient spoke of violence, or was asked whether they are safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.bootstrap import Deps
from bot.core.gate import NOT_SAFE
from bot.core.safety_check import TOO_OLD
from bot.outcome import Outcome
from bot.safe_to_text import may_be_unsafe, named_at
from bot.scene import Scene
from bot.store import followups
from bot.store.database import Transaction

LOOK_AGAIN = timedelta(hours=1)


def decide_unsafe(deps: Deps, scene: Scene) -> Outcome | None:
    """What was handed on before the patient spoke of violence is held: nothing is said, and what is open stays."""
    if not scene.is_due:
        return None
    with deps.db.read() as tx:
        followup = followups.get(tx, scene.claimed.detail["followup_id"])
        asked_at = None if followup is None else named_at(followup)
        return Outcome(NOT_SAFE) if may_be_unsafe(tx, scene.patient.id, asked_at) else None


def end_followup(tx: Transaction, scene: Scene, outcome: Outcome) -> None:
    """The follow-up of this turn is done, unless it is held for the patient's safety."""
    followup_id = scene.claimed.detail["followup_id"]
    if outcome.name == NOT_SAFE:
        followups.hold(tx, followup_id, NOT_SAFE, tx.now() + LOOK_AGAIN)
    else:
        followups.done(tx, followup_id)


def keep_check(deps: Deps, scene: Scene, outcome: Outcome) -> Outcome:
    """What comes at a time that the patient named takes the place of no open question about their safety.

    One that is settled, or too old to be answered, is left.
    """
    check = (scene.conversation.state or {}).get("check")
    if check is None or outcome.state is None or scene.check_age > TOO_OLD:
        return outcome
    with deps.db.read() as tx:
        unsettled = may_be_unsafe(tx, scene.patient.id)
    return replace(outcome, state={**outcome.state, "check": check}) if unsettled else outcome
