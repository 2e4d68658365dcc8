"""Places for a need: a short list, one to choose, and a yes or no to what it is told. Everybody is offered them."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.commands import named_value
from bot.core.dialog import JsonObject
from dialogs.actions.choosing import follow, picked_in, say_aside
from dialogs.actions.digressions import respond
from dialogs.actions.offering import keep, nothing_found, opening, show, want
from dialogs.actions.turn import Turn, content
from dialogs.actions.zips import ask_zip, is_asked, not_read

# Ends of a referral by which the place never said anything.
SILENT = ("no_response", "partner_unreachable")


class ActionPlacesFound(Action):
    """Shows the places that the app found, or says plainly that there are none."""

    def name(self) -> str:
        """Follows a screening, a wish for places, and an end that calls for the next place."""
        return "action_places_found"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """With places the form opens; it asks."""
        turn = Turn(dispatcher, tracker)
        found = turn.reading_value or {}
        turn.conversation.pop("needs", None)
        if found.get("zip"):
            ask_zip(turn, found)
            return [*turn.changes(), *opening("places_form")]
        if turn.intent == "next_place_due":
            turn.say("greeting_due")
            key = "next_place_silent" if found.get("reason") in SILENT else "next_place"
            turn.say(key if found["places"] else f"{key}_none", place=found["place"])
        if found.get("waiting"):
            turn.say("greeting_due")
            turn.say("places_waiting")
        if not found["places"]:
            return nothing_found(turn, found)
        keep(turn, found)
        return [*turn.changes(), *opening("places_form")]


class ActionWantPlaces(Action):
    """Asks the app for places for what the patient says they need; which need it is, when they did not say."""

    def name(self) -> str:
        """See the rules "a need is stated with nothing open" and the menu."""
        return "action_want_places"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Nobody is shown anything before they agreed to the texts."""
        turn = Turn(dispatcher, tracker)
        if turn.conversation.get("consent") is not True:
            respond(turn, "state_need", turn.reading_value)
            return [*turn.changes(), FollowupAction("action_open")]
        need = _need(turn) if turn.intent == "state_need" else None
        if need is None:
            turn.places = {"stage": "need"}
            return [*turn.changes(), *opening("places_form")]
        turn.happened({"type": "need_stated", "domain": need})
        if is_asked(turn):
            turn.places["domains"] = list(dict.fromkeys([need, *turn.places["domains"]]))
            return [*turn.changes(), *opening("places_form")]
        want(turn, [need])
        return turn.changes()


class ActionAskPlace(Action):
    """Asks which place, which need, or for a ZIP code."""

    def name(self) -> str:
        """The name that the form ``places_form`` looks for."""
        return "action_ask_places_form_place_choice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """The list as it was found, and what can be replied to it; briefly when a reply could not be read."""
        turn = Turn(dispatcher, tracker)
        if turn.places.get("stage") == "need":
            turn.say("need_ask")
            return turn.changes()
        brief = turn.places.pop("brief", None)
        if brief or is_asked(turn):
            turn.say(brief or "zip_ask")
        else:
            show(turn)
        return turn.changes()


class ValidatePlace(Action):
    """Reads the choice."""

    def name(self) -> str:
        """The name that the form ``places_form`` looks for."""
        return "validate_places_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """A place, a need, ``more`` or ``none`` end the form; anything else leaves it open."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("place_choice") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        picked = picked_in(turn)
        if picked is None and turn.places.get("stage") != "need" and turn.intent not in ("resume", "repeat", "greet"):
            picked = not_read(turn) if is_asked(turn) else None
            if not is_asked(turn):
                turn.places["brief"] = "places_again_more" if turn.places.get("more") else "places_again"
        return turn.changes(place_choice=picked)


class ActionAfterPlaces(Action):
    """Does what was chosen."""

    def name(self) -> str:
        """See the rule "the places form ends"."""
        return "action_after_places"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """A place leads to what it may be told, ``more`` to others, ``none`` to the next need."""
        turn = Turn(dispatcher, tracker)
        picked = tracker.get_slot("place_choice")
        if picked is None:
            # The form was left for something else.
            return turn.changes(place_choice=None)
        following = follow(turn, picked)
        say_aside(turn)
        return [*turn.changes(place_choice=None), *following]


def _need(turn: Turn) -> str | None:
    return turn.reading_value or named_value(turn.text, "state_need", content().lexicons, turn.language)
