"""What a place may be told: asked in full, recorded with its wording, and nothing told without a yes."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.core.dialog import JsonObject
from dialogs.actions.choosing import NO, agree, chosen, say_aside
from dialogs.actions.offering import next_need
from dialogs.actions.telling import whereabouts
from dialogs.actions.turn import Turn, content


class ActionAskShare(Action):
    """Asks whether the place may be told, naming what and whom."""

    def name(self) -> str:
        """The name that the form ``share_form`` looks for."""
        return "action_ask_share_form_share_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """In full each time: it is what is agreed to. Only what is known of the patient is named."""
        turn = Turn(dispatcher, tracker)
        key = "share_ask_name" if turn.context.get("name_known") else "share_ask"
        turn.say(key, "share_ask", place=chosen(turn)["name"])
        turn.places["text_version"] = content().version(key, turn.language)
        return turn.changes()


class ValidateShare(Action):
    """Reads the reply to what is shared."""

    def name(self) -> str:
        """The name that the form ``share_form`` looks for."""
        return "validate_share_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Only a yes or no that code reads counts; a guess of the NLU agrees to nothing."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("share_answer") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        return turn.changes(share_answer=yes_or_no(turn))


class ActionAfterShare(Action):
    """Records what was agreed, and goes on to the next need."""

    def name(self) -> str:
        """See the rule "the share form ends"."""
        return "action_after_share"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """With no, the patient can call the place: what they need for it is said again."""
        turn = Turn(dispatcher, tracker)
        agreed = tracker.get_slot("share_answer")
        if agreed is None:
            return turn.changes(share_answer=None)
        place = chosen(turn)
        agree(turn, place, share=bool(agreed))
        _say_answered(turn, place, agreed=bool(agreed))
        say_aside(turn)
        following = next_need(turn)
        return [*turn.changes(share_answer=None), *following]


def _say_answered(turn: Turn, place: JsonObject, *, agreed: bool) -> None:
    if not agreed:
        turn.say("share_no", text=whereabouts(turn, place))
        return
    turn.say("share_yes", place=place["name"])
    if place.get("address"):
        turn.say("place_where", "share_yes", place=place["name"], address=place["address"])


def yes_or_no(turn: Turn) -> bool | None:
    """Yes or no as code read it, before the turn: the NLU's guesses come with their text."""
    if turn.text:
        return None
    if turn.intent == "affirm":
        return True
    return False if turn.intent in NO else None
