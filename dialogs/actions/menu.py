"""The menu of somebody known with nothing open: the questions, local help, or a person."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.answering import read_choice_number
from bot.core.dialog import JsonObject
from bot.core.picking import is_zip
from dialogs.actions.digressions import respond
from dialogs.actions.offering import opening
from dialogs.actions.turn import Turn, content
from dialogs.actions.zips import look_there, stated_zip

SCREENING, LOCAL_HELP, PERSON = 1, 2, 3


class ActionAskMenu(Action):
    """Asks what is wanted."""

    def name(self) -> str:
        """The name that the form ``menu_form`` looks for."""
        return "action_ask_menu_form_menu_choice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """In full when it opens, briefly when a reply was not one of the three."""
        turn = Turn(dispatcher, tracker)
        turn.say("menu_again" if turn.conversation.get("menu_asked") else "menu")
        turn.conversation["menu_asked"] = True
        return turn.changes()


class ValidateMenu(Action):
    """Reads the choice."""

    def name(self) -> str:
        """The name that the form ``menu_form`` looks for."""
        return "validate_menu_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """1, 2 or 3, as a number or a number word, or a ZIP code; no or "ok" ends it; else it is asked again."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("menu_choice") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        if turn.intent == "deny":
            return turn.changes(menu_choice=0)
        if turn.intent in ("affirm", "resume"):
            # What they want of the three is not said; the questions begin for nobody who answered them just now.
            return turn.changes(menu_choice=None if turn.context.get("answered") else SCREENING)
        return turn.changes(menu_choice=_choice(turn))


class ActionAfterMenu(Action):
    """Does what was chosen."""

    def name(self) -> str:
        """See the rule "the menu form ends"."""
        return "action_after_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """The screening begins, places are looked for, or a person is asked to contact the patient."""
        turn = Turn(dispatcher, tracker)
        choice = tracker.get_slot("menu_choice")
        turn.conversation.pop("menu_asked", None)
        if turn.aside is not None:
            respond(turn, turn.aside["intent"], turn.aside["value"])
        if choice == SCREENING and turn.context.get("answered") and turn.progress is None:
            turn.places = {"stage": "answered"}
            return [*turn.changes(menu_choice=None), *opening("offer_form")]
        if choice == SCREENING:
            return [*turn.changes(menu_choice=None), FollowupAction("action_begin_screening")]
        if choice == PERSON:
            turn.happened({"type": "person_requested"})
            turn.say("person")
        elif is_zip(choice):
            look_there(turn, str(choice))
        elif choice == LOCAL_HELP:
            return [*turn.changes(menu_choice=None), FollowupAction("action_want_places")]
        else:
            turn.say("menu_closed")
        return turn.changes(menu_choice=None)


def _choice(turn: Turn) -> int | str | None:
    if stated_zip(turn):
        return stated_zip(turn)
    if turn.intent == "give_answer" and turn.reading_value is not None:
        return int(turn.reading_value)
    return read_choice_number(turn.text, 3, content().lexicons, turn.language)
