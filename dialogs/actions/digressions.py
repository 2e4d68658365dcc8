"""Questions and remarks in the middle of something: answered here, then the open question is asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.commands import named_value
from bot.core.dialog import JsonObject
from bot.core.instrument import worded
from bot.core.screening import answered_by_proxy, guard, open_item
from dialogs.actions.statuses import note_status
from dialogs.actions.telling import tell_place
from dialogs.actions.turn import Turn, content

SAID = {
    "ask_why": "why",
    "ask_who": "who",
    "ask_privacy": "privacy",
    "ask_cost": "cost",
    "ask_how_long": "how_long",
    "small_talk": "small_talk",
    "out_of_scope": "out_of_scope",
    "report_status": "out_of_scope",
    "maybe_wrong_person": "wrong_person_check",
    "insult": "insult",
}
# Kinds of thanks, as code reads them: one that leaves what is shown as it is, and a mere "ok".
KEPT, NOTED = "kept", "noted"
# As a first text these need no answer of their own: the greeting follows.
EMPTY_OPENINGS = frozenset({"thanks", "small_talk", "ask_meaning", "out_of_scope", "insult"})


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
            respond(turn, turn.intent, turn.reading_value)
        return [*turn.changes(), *([FollowupAction("action_open")] if opens else [])]


def respond(turn: Turn, intent: str, value: Any) -> None:
    """Answer one digression: a message, and an event where something has to follow from it. ``value`` as read by code.

    Raises ``KeyError`` for an intent that is none.
    """
    if intent in OWN:
        OWN[intent](turn, value)
    elif intent == "report_status" and turn.context.get("referrals"):
        note_status(turn, value)
    else:
        turn.say(SAID[intent])
    if intent == "maybe_wrong_person" and turn.progress is not None and turn.progress.at is not None:
        # Somebody else may hold the phone: a private question is not shown to them.
        turn.progress = guard(turn.instrument, turn.progress)


def note_proxy(turn: Turn, *, on_their_phone: bool = False) -> None:
    """Somebody answers for the patient, in this thread from now on; whoever holds the patient's phone may not."""
    turn.conversation["proxy"] = True
    if turn.progress is None or turn.progress.at is None:
        turn.say("proxy_phone" if on_their_phone else "proxy_noted")
        return
    turn.apply(answered_by_proxy(turn.instrument, turn.progress))


def _note_need(turn: Turn, value: Any) -> None:
    domain = value or named_value(turn.text, "state_need", content().lexicons, turn.language)
    turn.happened({"type": "need_stated", "domain": domain})
    if domain is not None:
        # Places for it are looked for when the questions are over.
        turn.conversation["needs"] = list(dict.fromkeys([*turn.conversation.get("needs", []), domain]))
    turn.say("need_noted")


def _change_language(turn: Turn, value: Any) -> None:
    """To the language asked for; when the words do not name one, to the other if there are two; else we say which."""
    wanted = value or _named(turn)
    others = [language for language in content().languages if language != turn.language]
    if wanted is None and len(others) == 1:
        wanted = others[0]
    if wanted not in content().messages:
        turn.say("language_not_spoken")
        return
    turn.conversation["language"] = wanted
    turn.happened({"type": "language_changed", "language": wanted})
    turn.say("language_changed")


def _named(turn: Turn) -> str | None:
    return named_value(turn.text, "change_language", content().lexicons, turn.language)


def _call_person(turn: Turn, value: Any) -> None:
    turn.happened({"type": "person_requested"})
    turn.say("person")


def _note_proxy(turn: Turn, value: Any) -> None:
    note_proxy(turn, on_their_phone=value == "phone")


def _welcome(turn: Turn, value: Any) -> None:
    """What was shown stays open after thanks, and is not sent again: the form says so."""
    if value == KEPT:
        turn.places["brief"] = "places_kept"
        return
    turn.say("noted" if value == NOTED else "thanks")


def _explain(turn: Turn, value: Any) -> None:
    """What is asked of a place; else plain words beside the item, which do not replace it."""
    if isinstance(value, dict):
        tell_place(turn, value)
        return
    if turn.progress is not None and turn.progress.at is not None and not turn.progress.gate:
        plain = worded(open_item(turn.instrument, turn.progress).help, turn.language)
        if plain:
            turn.say_plain(plain, "meaning")
            return
    turn.say("meaning" if turn.progress is not None else "who")


OWN: dict[str, Callable[[Turn, Any], None]] = {
    "ask_person": _call_person,
    "change_language": _change_language,
    "ask_meaning": _explain,
    "state_need": _note_need,
    "answering_for_other": _note_proxy,
    "thanks": _welcome,
}
