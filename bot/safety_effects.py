"""What follows from an alarm: a case for a person, as urgent as what is feared."""

from __future__ import annotations

from bot.core.dialog import JsonObject
from bot.effect_context import Context, Effect, escalate, note
from bot.store import escalations

SAYS_ALL_IS_WELL = "Asked about it, the patient answered that all is well."


def _alarm_confirmed(c: Context, event: JsonObject) -> None:
    """What was doubted is so: the open case becomes as urgent as it can be, and is told anew."""
    case = escalations.unresolved(c.tx, c.scene.patient.id, event["kind"])
    if case is None:
        escalate(c, event["kind"], event["urgency"])
    elif event["urgency"] == "now":
        escalations.make_urgent(c.tx, case.id)
    note(c, "alarm_confirmed", kind=event["kind"], urgency=event["urgency"])


def _alarm_denied(c: Context, event: JsonObject) -> None:
    """The patient says that all is well. A person looks at it all the same: somebody else may hold the phone."""
    case = escalations.unresolved(c.tx, c.scene.patient.id, event["kind"])
    if case is not None:
        escalations.add_note(c.tx, case.id, SAYS_ALL_IS_WELL)
    note(c, "alarm_denied", kind=event["kind"])


def alarm_raised(c: Context, event: JsonObject) -> None:
    """Open a case of the kind that is feared."""
    escalate(c, event["kind"], event["urgency"])
    note(c, "alarm_raised", kind=event["kind"], urgency=event["urgency"], certain=event["certain"])


EFFECTS: dict[str, Effect] = {
    "alarm_raised": alarm_raised,
    "alarm_confirmed": _alarm_confirmed,
    "alarm_denied": _alarm_denied,
}
