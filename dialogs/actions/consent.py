"""Consent: what is asked, and what a reply to it means. Nothing about health is said before it is given."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.callbacks import RESCREENING
from bot.core.commands import read_command
from bot.core.dialog import JsonObject
from dialogs.actions.digressions import OWN, SAID, respond
from dialogs.actions.turn import Turn, content

# How an invitation opens, by the kind of what fell due, where it is not the usual way.
INVITATIONS = {RESCREENING: "rescreening_invitation"}
GIVEN = frozenset({"affirm"})
REFUSED = frozenset({"deny", "decline", "skip"})


class ActionAskConsent(Action):
    """Says who texts, why, how often, what it costs, how to stop; and asks. An invitation opens otherwise."""

    def name(self) -> str:
        """The name that the form ``consent_form`` looks for."""
        return "action_ask_consent_form_consent_given"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Ask in full the first time, briefly after a reply that was neither yes nor no."""
        turn = Turn(dispatcher, tracker)
        asked = turn.conversation.get("consent_asked")
        if asked and turn.active_form == "consent_form":
            # The way to a person stands in the answer to a question; it is not named twice in one text.
            turn.say("consent_brief" if turn.intent in SAID or turn.intent in OWN else "consent_again")
            return turn.changes()
        key = INVITATIONS.get(turn.reading_value, "invitation") if turn.intent == "invitation_due" else "consent_ask"
        turn.say(key)
        if not turn.context.get("language_known") and not turn.conversation.get("language"):
            turn.say("other_language", "consent_ask")
        turn.conversation["consent_asked"] = content().version(key, turn.language)
        return turn.changes()


class ValidateConsent(Action):
    """Reads the reply to the consent question."""

    def name(self) -> str:
        """The name that the form ``consent_form`` looks for."""
        return "validate_consent_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Yes or no ends the form; anything else leaves it open, and the question is asked again."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("consent_given") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        return turn.changes(consent_given=_decision(turn))


class ActionAfterConsent(Action):
    """Records the decision and goes on to the screening, or stays quiet until the patient writes again."""

    def name(self) -> str:
        """See the rule "the consent form ends"."""
        return "action_after_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """``consent_given`` or ``consent_declined`` with the exact text version that was shown.

        A no to more questions from somebody who agreed to the texts before is no to the questions alone.
        """
        turn = Turn(dispatcher, tracker)
        given = tracker.get_slot("consent_given") is True
        version = turn.conversation.pop("consent_asked", None)
        if not given and turn.conversation.get("consent") is True:
            turn.happened({"type": "questions_declined"})
        else:
            turn.conversation["consent"] = given
            turn.happened({"type": "consent_given" if given else "consent_declined", "text_version": version})
        if not given:
            turn.say("consent_declined")
        if turn.aside is not None:
            respond(turn, turn.aside["intent"], turn.aside["value"])
        if not given:
            return turn.changes(consent_given=None)
        turn.say("consent_thanks")
        return [*turn.changes(consent_given=None, answer=None), FollowupAction("action_begin_screening")]


def _decision(turn: Turn) -> Any:
    """Yes or no, if code reads it in the words; a guess of the NLU is no consent and no refusal."""
    intent = turn.intent
    if turn.text:
        command = read_command(turn.text, content().lexicons, turn.language)
        intent = command.intent if command is not None else ""
    if intent in GIVEN:
        return True
    return False if intent in REFUSED else None
