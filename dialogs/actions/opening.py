"""How a conversation opens when nothing is open, how it rests, and how it ends with the wrong person."""

from __future__ import annotations

from datetime import datetime, timedelta

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.core.callbacks import REMINDER, RESUME
from bot.core.dialog import JsonObject
from dialogs.actions.offering import closing
from dialogs.actions.pausing import pause
from dialogs.actions.turn import Turn
from dialogs.actions.zips import look_there, stated_zip

# So soon after the last question a stray answer is no wish for another round.
JUST_FINISHED = timedelta(minutes=10)
# What falls due to go on with a screening, rather than to begin one.
GOES_ON = frozenset({RESUME, REMINDER})
# The form in which what is kept of places was being asked, by its stage.
FORM_OF = {
    "place": "places_form",
    "need": "places_form",
    "zip": "places_form",
    "status": "check_in_form",
    "call": "check_in_form",
    "barrier": "check_in_form",
    "which": "check_in_form",
    "navigation": "offer_form",
    "helped": "offer_form",
    "changed": "offer_form",
    "answered": "offer_form",
}
# So long after somebody spoke of danger, who never agreed to the texts is not asked to, unless they want the questions.
HELP_FIRST = timedelta(days=1)
CLEAR_WISHES = frozenset({"greet", "resume", "invitation_due"})


class ActionOpen(Action):
    """Decides what a text with nothing open leads to: consent, the screening that was left, or the menu."""

    def name(self) -> str:
        """See the rules "a text with nothing open" and "an invitation fell due"."""
        return "action_open"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """No consent: ask for it. A screening left open: go back to it. Else: ask what is wanted."""
        turn = Turn(dispatcher, tracker)
        alarm = _lately_alarmed(turn)
        if alarm is not None:
            turn.say("opening_after_crisis" if alarm == "crisis" else "opening_after_alarm")
            return [*turn.changes(), *closing()]
        code = stated_zip(turn)
        if code is not None and turn.progress is None and turn.conversation.get("consent") is True:
            look_there(turn, code)
            return turn.changes()
        if code is not None:
            turn.happened({"type": "zip_given", "zip": code})
        elif _just_finished(turn):
            turn.say("too_late_to_change" if turn.intent in ("correct", "go_back") else "all_done")
            return turn.changes()
        if turn.intent == "invitation_due" and turn.reading_value not in GOES_ON:
            # The yes to it comes in a later turn.
            turn.conversation["invited_to"] = turn.context["instrument"]
        following = _next(turn)
        turn.conversation.pop("paused", None)
        return [*turn.changes(), ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction(following)]


class ActionPause(Action):
    """Stops for now; the answers are kept."""

    def name(self) -> str:
        """See the rules "the patient stops for now"."""
        return "action_pause"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Closes the form; the screening stays where it is. A time that was named is kept, for a text from us then."""
        turn = Turn(dispatcher, tracker)
        pause(turn, turn.reading_value)
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
        turn.places = {}
        turn.conversation = {"language": turn.language}
        return [*turn.changes(), ActiveLoop(None), SlotSet("requested_slot", None)]


def _next(turn: Turn) -> str:
    asked_for = turn.intent == "invitation_due" and turn.reading_value in GOES_ON
    if turn.conversation.get("consent") is not True or (turn.intent == "invitation_due" and not asked_for):
        turn.conversation.pop("consent_asked", None)
        return "consent_form"
    if turn.progress is not None:
        return "action_begin_screening"
    left_open = turn.conversation.get("paused") and FORM_OF.get(turn.places.get("stage") or "")
    if left_open:
        return left_open
    return "menu_form"


def _lately_alarmed(turn: Turn) -> str | None:
    """What somebody spoke of within a day who never agreed to the texts, and does not ask for the questions now."""
    alarm = turn.conversation.get("alarm")
    if alarm is None or turn.conversation.get("consent") is True or turn.intent in ("resume", "invitation_due"):
        return None
    return str(alarm["kind"]) if turn.now - datetime.fromisoformat(alarm["at"]) < HELP_FIRST else None


def _just_finished(turn: Turn) -> bool:
    finished = turn.conversation.get("finished")
    if finished is None or turn.progress is not None or turn.intent in CLEAR_WISHES:
        return False
    return turn.now - datetime.fromisoformat(finished) < JUST_FINISHED
