"""How a conversation opens when nothing is open, how it rests, and how it ends with the wrong person."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.core.dialog import JsonObject
from dialogs.actions.turn import Turn


class ActionOpen(Action):
    """Decides what a text with nothing open leads to: consent, the screening that was left, or the menu."""

    def name(self) -> str:
        """See the rules "a text with nothing open" and "an invitation fell due"."""
        return "action_open"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """No consent: ask for it. A screening left open: go back to it. Else: ask what is wanted."""
        turn = Turn(dispatcher, tracker)
        following = _next(turn)
        return [*turn.changes(), ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction(following)]


class ActionPause(Action):
    """Stops for now; the answers are kept."""

    def name(self) -> str:
        """See the rules "the patient stops for now"."""
        return "action_pause"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Closes the form; the screening stays where it is."""
        turn = Turn(dispatcher, tracker)
        if turn.progress is not None and turn.active_form is not None:
            turn.happened({"type": "screening_paused", "link_id": turn.progress.at})
            turn.conversation["paused"] = True
        turn.say("paused" if turn.progress is not None else "later_ok")
        return [*turn.changes(), ActiveLoop(None), SlotSet("requested_slot", None)]


class ActionWrongPerson(Action):
    """Says sorry and ends: whoever has the phone is not the patient."""

    def name(self) -> str:
        """See the rules "the wrong person answers"."""
        return "action_wrong_person"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Forgets the open screening in this thread; the record keeps what was answered."""
        turn = Turn(dispatcher, tracker)
        turn.happened({"type": "wrong_person_reported"})
        turn.say("wrong_person")
        turn.progress = None
        turn.conversation = {"language": turn.language}
        return [*turn.changes(), ActiveLoop(None), SlotSet("requested_slot", None)]


def _next(turn: Turn) -> str:
    if turn.conversation.get("consent") is not True or turn.intent == "invitation_due":
        turn.conversation.pop("consent_asked", None)
        return "consent_form"
    if turn.progress is not None:
        return "action_begin_screening"
    return "menu_form"
