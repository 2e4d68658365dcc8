"""Questions and remarks in the middle of something: answered here, then the open question is asked again."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.commands import read_command
from bot.core.dialog import JsonObject
from bot.core.instrument import worded
from bot.core.screening import guard, open_item
from dialogs.actions.turn import Turn, content

SAID = {
    "ask_why": "why",
    "ask_who": "who",
    "ask_privacy": "privacy",
    "ask_cost": "cost",
    "ask_how_long": "how_long",
    "thanks": "thanks",
    "small_talk": "small_talk",
    "state_need": "need_noted",
    "out_of_scope": "out_of_scope",
    "maybe_wrong_person": "wrong_person_check",
}
# As a first text these need no answer of their own: the greeting follows.
EMPTY_OPENINGS = frozenset({"thanks", "small_talk", "ask_meaning", "out_of_scope"})


class ActionDigress(Action):
    """Answers a digression. The rules bring the open question back after it."""

    def name(self) -> str:
        """See rules/digressions.yml."""
        return "action_digress"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """One message, and an event where something has to follow from it."""
        turn = Turn(dispatcher, tracker)
        opens = turn.active_form is None and turn.conversation.get("consent") is None
        if not (opens and turn.intent in EMPTY_OPENINGS):
            _answer(turn)
        return [*turn.changes(), *([FollowupAction("action_open")] if opens else [])]


def _answer(turn: Turn) -> None:
    if turn.intent == "ask_person":
        turn.happened({"type": "person_requested"})
        turn.say("person")
    elif turn.intent == "change_language":
        _change_language(turn)
    elif turn.intent == "ask_meaning":
        _explain(turn)
    else:
        turn.say(SAID[turn.intent])
    if turn.intent == "maybe_wrong_person" and turn.progress is not None and turn.progress.at is not None:
        # Somebody else may hold the phone: a private question is not shown to them.
        turn.progress = guard(turn.instrument, turn.progress)


def _change_language(turn: Turn) -> None:
    """To the language asked for; when the words do not name one, to the other of the two."""
    wanted = turn.reading_value or _named(turn)
    others = [language for language in content().languages if language != turn.language]
    turn.conversation["language"] = wanted if wanted in content().messages else others[0]
    turn.happened({"type": "language_changed", "language": turn.conversation["language"]})
    turn.say("language_changed")


def _named(turn: Turn) -> str | None:
    command = read_command(turn.text, content().lexicons, turn.language)
    return command.value if command is not None and command.intent == "change_language" else None


def _explain(turn: Turn) -> None:
    """Plain words beside the item, which do not replace it."""
    if turn.progress is not None and turn.progress.at is not None and not turn.progress.gate:
        plain = worded(open_item(turn.instrument, turn.progress).help, turn.language)
        if plain:
            turn.say_plain(plain, "meaning")
            return
    turn.say("meaning" if turn.progress is not None else "who")
