"""Offers that take a yes or no: a person's help, the questions again, and the monthly word while somebody helps."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.dialog import JsonObject
from dialogs.actions.choosing import say_aside
from dialogs.actions.offering import opening
from dialogs.actions.sharing import yes_or_no
from dialogs.actions.turn import Turn

# Offers of the questions again.
AGAIN = frozenset({"changed", "answered"})
ASKED = {
    "navigation": "navigation_offer",
    "helped": "navigation_check_in",
    "changed": "changed_offer",
    "answered": "answered_offer",
}


class ActionOffer(Action):
    """Opens an offer: the questions again for somebody for whom things changed, the monthly word."""

    def name(self) -> str:
        """Follows ``navigation_check_in_due`` and a wish to answer the questions again."""
        return "action_offer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """What is running goes on instead; who never agreed is asked first."""
        turn = Turn(dispatcher, tracker)
        if turn.intent == "navigation_check_in_due":
            turn.say("greeting_due")
            turn.places = {"stage": "helped"}
            return [*turn.changes(), *opening("offer_form")]
        if turn.conversation.get("consent") is not True or turn.progress is not None:
            return [*turn.changes(), FollowupAction("action_open")]
        turn.happened({"type": "change_reported", "instrument": turn.instrument.id})
        turn.places = {"stage": "changed"}
        return [*turn.changes(), *opening("offer_form")]


class ActionAskOffer(Action):
    """Asks the open offer."""

    def name(self) -> str:
        """The name that the form ``offer_form`` looks for."""
        return "action_ask_offer_form_offer_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """In full each time: it is short."""
        turn = Turn(dispatcher, tracker)
        turn.say(ASKED[turn.places.get("stage") or "navigation"])
        return turn.changes()


class ValidateOffer(Action):
    """Reads the reply."""

    def name(self) -> str:
        """The name that the form ``offer_form`` looks for."""
        return "validate_offer_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Yes or no, as code reads it."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("offer_answer") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        return turn.changes(offer_answer=yes_or_no(turn))


class ActionAfterOffer(Action):
    """Does what was agreed to."""

    def name(self) -> str:
        """See the rule "the offer form ends"."""
        return "action_after_offer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """A case for a health worker, a person who gets in touch, or the questions again."""
        turn = Turn(dispatcher, tracker)
        agreed = tracker.get_slot("offer_answer")
        if agreed is None:
            return turn.changes(offer_answer=None)
        stage = turn.places.get("stage") or "navigation"
        turn.places = {}
        say_aside(turn)
        if stage in AGAIN and agreed:
            turn.conversation.pop("finished", None)
            return [*turn.changes(offer_answer=None), FollowupAction("action_begin_screening")]
        _answered(turn, stage, agreed=bool(agreed))
        return turn.changes(offer_answer=None)


def _answered(turn: Turn, stage: str, *, agreed: bool) -> None:
    if stage == "navigation":
        turn.happened({"type": "navigation_accepted" if agreed else "navigation_declined"})
        turn.say("navigation_yes" if agreed else "navigation_no")
    elif agreed:
        turn.happened({"type": "person_requested"})
        turn.say("person")
    else:
        if stage == "changed":
            turn.happened({"type": "change_declined"})
        turn.say("helped_no" if stage == "helped" else "changed_no")
