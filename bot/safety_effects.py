"""What follows from an alarm: a case for a person, as urgent as what is feared."""

from __future__ import annotations

from bot.core.dialog import JsonObject
from bot.effect_context import Context, Effect, escalate, note, open_case
from bot.store import escalations
from bot.store.escalations import Escalation

SAYS_ALL_IS_WELL = "Asked about it, the patient answered that all is well."


def _alarm_confirmed(c: Context, event: JsonObject) -> None:
    """What was doubted is so: the open case is told anew; one that was claimed as a doubt has another beside it."""
    case = _latest(c, event["kind"])
    if case is not None and case.state == "open":
        escalations.press(c.tx, case.id, event["urgency"])
    else:
        open_case(c, event["kind"], event["urgency"])
    note(c, "alarm_confirmed", kind=event["kind"], urgency=event["urgency"])


def _alarm_denied(c: Context, event: JsonObject) -> None:
    """The patient says that all is well. A person looks at it all the same: somebody else may hold the phone."""
    case = _latest(c, event["kind"])
    if case is not None:
        escalations.add_note(c.tx, case.id, SAYS_ALL_IS_WELL)
    note(c, "alarm_denied", kind=event["kind"])


def _latest(c: Context, kind: str) -> Escalation | None:
    """The case of the doubt that is spoken of."""
    return next(reversed(escalations.all_unresolved(c.tx, c.scene.patient.id, {kind})), None)


def alarm_raised(c: Context, event: JsonObject) -> None:
    """Open a case of the kind that is feared."""
    escalate(c, event["kind"], event["urgency"])
    note(c, "alarm_raised", kind=event["kind"], urgency=event["urgency"], certain=event["certain"])


EFFECTS: dict[str, Effect] = {
    "alarm_raised": alarm_raised,
    "alarm_confirmed": _alarm_confirmed,
    "alarm_denied": _alarm_denied,
}
