"""The screening form: asks the open item, reads the reply, moves on. The rules are in :mod:`bot.core.screening`."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core import screening
from bot.core.answering import read_privacy, read_reply
from bot.core.dialog import JsonObject
from bot.core.instrument import Item
from bot.core.screening import DECLINED, UNKNOWN, Move, Progress
from bot.core.wording import not_understood_key
from dialogs.actions.turn import Turn, content

YES_NO = {"affirm": True, "deny": False}


class ActionBeginScreening(Action):
    """Starts the instrument that the context names, or comes back to the one that was left open."""

    def name(self) -> str:
        """Follows consent, the menu and a greeting."""
        return "action_begin_screening"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Then the form takes over."""
        turn = Turn(dispatcher, tracker)
        turn.conversation.pop("paused", None)
        if turn.progress is None or turn.progress.at is None:
            turn.progress = None
            turn.apply(screening.start(turn.instrument))
        else:
            turn.apply(screening.resume(turn.instrument, turn.progress))
        return [*turn.changes(answer=None), FollowupAction("screening_form")]


class ActionAskAnswer(Action):
    """Asks the open item."""

    def name(self) -> str:
        """The name that the form ``screening_form`` looks for."""
        return "action_ask_screening_form_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """The privacy check, or the item in its exact wording."""
        turn = Turn(dispatcher, tracker)
        turn.ask_open_question()
        return turn.changes()


class ValidateScreening(Action):
    """Reads the reply to the open item and makes the move."""

    def name(self) -> str:
        """The name that the form ``screening_form`` looks for."""
        return "validate_screening_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Leaves the form open (``answer`` empty) until the last item is passed."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("answer") is None or turn.progress is None:
            return turn.changes()
        turn.apply(_move(turn, turn.progress))
        return turn.changes(answer=True if turn.progress.at is None else None)


class ActionAfterScreening(Action):
    """Closes: what happens next. What was found is not said in the thread."""

    def name(self) -> str:
        """See the rule "the screening form ends"."""
        return "action_after_screening"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Forgets the progress; the answers are in the record."""
        turn = Turn(dispatcher, tracker)
        turn.say("completed")
        turn.progress = None
        return turn.changes(answer=None)


def _move(turn: Turn, progress: Progress) -> Move:
    """The move that the reply asks for, by intent first, then by reading the words against the item."""
    instrument = turn.instrument
    if turn.intent == "go_back":
        return screening.go_back(instrument, progress)
    if turn.intent == "repeat":
        return Move(progress)
    if turn.intent in ("skip", "decline"):
        return screening.leave_out(instrument, progress, DECLINED)
    if turn.intent == "correct":
        return _correct(turn, progress)
    if turn.intent in ("resume", "greet"):
        # Who never left is not welcomed back.
        return screening.resume(instrument, progress) if turn.context.get("away", True) else Move(progress)
    value = _value(turn, progress)
    if value is not None:
        return screening.answer(instrument, progress, value)
    if turn.intent == "unsure" and not turn.text:
        # Recorded only when code read it: a guess is asked again.
        return screening.leave_out(instrument, progress, UNKNOWN)
    return _not_understood(turn, progress)


def _value(turn: Turn, progress: Progress) -> Any:
    """The answer that code read before the turn, else what the words say to the open item, else None."""
    if turn.intent == "give_answer" and turn.reading_value is not None:
        return turn.reading_value
    item = screening.open_item(turn.instrument, progress)
    if progress.gate:
        return _alone(turn)
    return _read(turn, item, turn.text)


def _alone(turn: Turn) -> bool | None:
    """Code opens the gate; a guess of the NLU may only close it."""
    if not turn.text:
        return YES_NO.get(turn.intent)
    said = read_privacy(turn.text, content().privacy, content().lexicons, turn.language)
    return False if said is None and turn.intent == "deny" else said


def _read(turn: Turn, item: Item, text: str) -> Any:
    if not text.strip():
        return None
    answered = read_reply(text, item, content().lexicons, turn.language)
    return None if answered is None else answered.value


def _correct(turn: Turn, progress: Progress) -> Move:
    """Change the answer before when its new value is plain, else open that item again."""
    item = screening.previous_item(turn.instrument, progress)
    value = _read(turn, item, str(turn.reading_value)) if item is not None and turn.reading_value else None
    if value is None:
        return screening.go_back(turn.instrument, progress)
    return screening.correct(turn.instrument, progress, value)


def _not_understood(turn: Turn, progress: Progress) -> Move:
    move = screening.not_understood(progress)
    if move.say != ("not_understood",):
        return move
    item = screening.open_item(turn.instrument, progress)
    # Code saw an answer, but not which: the numbers are named rather than that nothing was understood.
    unsure_which = turn.intent == "give_answer" and not turn.text and not progress.gate
    which = "ambiguous_several" if item.kind == "multi" else "ambiguous"
    key = which if unsure_which else not_understood_key(item, progress.gate)
    return Move(move.progress, move.events, (key,))
