"""Between turns a conversation is a few slots and the active form, not its history.

The tracker store reads the state from the request that is being handled and writes the new one back; nothing
is kept in the process. Stock Rasa replays every event since the beginning on every turn.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.core.dialog import JsonObject

STATE_VERSION = 1
KEPT_SLOTS = ("conversation", "screening", "places")


class UnknownState(ValueError):
    """The state is not one that this version wrote; the caller must not guess."""


@dataclass
class TurnState:
    """The state of the turn that is being taken: as it came, and as it leaves."""

    before: JsonObject | None
    after: JsonObject | None = None


CURRENT: ContextVar[TurnState] = ContextVar("turn_state")


class RequestTrackerStore(TrackerStore):
    """A tracker store that holds nothing: see the module docstring. Not wrapped in Rasa's fail-safe store."""

    def __init__(self, domain: Domain) -> None:
        """A store for this domain."""
        super().__init__(domain)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """A tracker with the slots and the form of the current turn's state."""
        events = events_of(CURRENT.get().before)
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots, domain=self.domain)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Put the compact state of ``tracker`` where the channel takes it from."""
        CURRENT.get().after = state_of(tracker)


def events_of(state: JsonObject | None) -> list[Event]:
    """The events that bring a fresh tracker into this state. Raises :class:`UnknownState`."""
    events: list[Event] = []
    if state is not None:
        if state.get("v") != STATE_VERSION or not isinstance(state.get("slots"), dict):
            raise UnknownState("this dialog process does not know this state")
        events += [SlotSet(name, value) for name, value in state["slots"].items() if name in KEPT_SLOTS]
        if state.get("form"):
            events += [ActiveLoop(state["form"]), SlotSet(REQUESTED_SLOT, state["requested"])]
    return [*events, ActionExecuted(ACTION_LISTEN_NAME)]


def state_of(tracker: DialogueStateTracker) -> JsonObject:
    """The compact state of a tracker."""
    slots: dict[str, Any] = {name: tracker.get_slot(name) for name in KEPT_SLOTS}
    state: JsonObject = {"v": STATE_VERSION, "slots": {k: v for k, v in slots.items() if v is not None}}
    if tracker.active_loop_name:
        state |= {"form": tracker.active_loop_name, "requested": tracker.get_slot(REQUESTED_SLOT)}
    return state
