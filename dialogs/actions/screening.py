"""The screening form: asks the open item, reads the reply, moves on. The rules are in :mod:`bot.core.screening`."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.core import correcting, screening
from bot.core.answering import Answered, read_privacy, read_reply
from bot.core.callbacks import REMINDER
from bot.core.dialog import JsonObject
from bot.core.instrument import Item
from bot.core.screening import DECLINED, UNKNOWN, Move, Progress
from bot.core.wording import choice_text, not_understood_key, which_key
from dialogs.actions.digressions import note_proxy, respond
from dialogs.actions.pausing import pause
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
            proxy = bool(turn.conversation.get("proxy") or turn.context.get("proxy"))
            turn.apply(screening.start(turn.instrument, proxy=proxy))
            turn.conversation.pop("invited_to", None)
        else:
            move = screening.resume(turn.instrument, turn.progress)
            opening = "reminder_due" if turn.reading_value == REMINDER else "resume_due"
            turn.apply(replace(move, say=(opening,)) if turn.intent == "invitation_due" else move)
        return [*turn.changes(answer=None), FollowupAction("screening_form")]


class ActionAskAnswer(Action):
    """Asks the open item."""

    def name(self) -> str:
        """The name that the form ``screening_form`` looks for."""
        return "action_ask_screening_form_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """The privacy check, or the item in its exact wording; not again when the reply to it was just asked about."""
        turn = Turn(dispatcher, tracker)
        if turn.conversation.pop("asked_already", False):
            return turn.changes()
        if turn.progress is not None:
            turn.progress = replace(turn.progress, maybe=(), which=(), becoming=None)
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
            # A change, of whatever slot, would pass for a valid answer.
            return []
        _make_move(turn, turn.progress)
        if turn.aside is not None and turn.aside["intent"] == "later" and turn.progress.at is not None:
            pause(turn, turn.aside["value"])
            return [*turn.changes(answer=None), SlotSet("requested_slot", None)]
        if turn.aside is not None and turn.aside["intent"] != "later":
            respond(turn, turn.aside["intent"], turn.aside["value"])
        return turn.changes(answer=True if turn.progress.at is None else None)


class ActionAfterScreening(Action):
    """Closes: what happens next. What was found is not said in the thread."""

    def name(self) -> str:
        """See the rule "the screening form ends"."""
        return "action_after_screening"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Forgets the progress; the answers are in the record. A screening that was paused stays where it is."""
        turn = Turn(dispatcher, tracker)
        if turn.progress is not None and turn.progress.at is not None:
            return turn.changes(answer=None)
        turn.conversation["finished"] = turn.now.isoformat()
        turn.say("completed")
        turn.progress = None
        return turn.changes(answer=None)


def _make_move(turn: Turn, progress: Progress) -> None:
    """Make the move, and say what it asks about the reply before the open question counts again."""
    if turn.intent == "answering_for_other":
        note_proxy(turn)
        return
    # What was asked about the last reply is answered now, or never.
    move = _move(turn, replace(progress, maybe=(), which=(), becoming=None))
    turn.apply(move)
    if move.progress.which:
        _ask_which(turn, move.progress)
    elif move.progress.maybe and not move.say:
        _ask_what_was_meant(turn, move.progress)
    turn.conversation["asked_already"] = bool(
        (move.progress.which or move.progress.maybe) and not move.say
    ) or move.say in (("offer_ways_out",), ("offer_ways_out_private",), ("private_again",))


def _move(turn: Turn, progress: Progress) -> Move:
    """The move that the reply asks for, by intent first, then by reading the words against the item."""
    wished = _wished(turn, progress)
    if wished is not None:
        return wished
    answered = _answered(turn, progress)
    if answered.value is not None:
        return screening.answer(turn.instrument, progress, answered.value)
    maybe = turn.maybe or answered.maybe
    if maybe and progress.failures + 1 < screening.FAILURES_BEFORE_OFFER:
        return screening.offer(progress, maybe)
    if turn.intent == "unsure" and not turn.text:
        # Recorded only when code read it: a guess is asked again.
        return screening.leave_out(turn.instrument, progress, UNKNOWN)
    return _not_understood(turn, progress)


def _wished(turn: Turn, progress: Progress) -> Move | None:
    """The move of a reply that is about the questions themselves."""
    instrument = turn.instrument
    if turn.intent == "go_back":
        return correcting.go_back(instrument, progress)
    if turn.intent == "repeat":
        return Move(progress)
    if turn.intent in ("skip", "decline"):
        return screening.leave_out(instrument, progress, DECLINED)
    if turn.intent == "correct":
        return _correct(turn, progress)
    if turn.intent in ("resume", "greet"):
        # Who never left is not welcomed back.
        return screening.resume(instrument, progress) if turn.context.get("away", True) else Move(progress)
    return None


def _answered(turn: Turn, progress: Progress) -> Answered:
    """The answer that code read before the turn, else what the words say, or may mean, to the open item."""
    if turn.intent == "give_answer" and turn.reading_value is not None:
        return Answered(turn.reading_value)
    if progress.gate:
        return Answered(_alone(turn))
    return _read(turn, screening.open_item(turn.instrument, progress), turn.text)


def _alone(turn: Turn) -> bool | None:
    """Code opens the gate; a guess of the NLU may only close it."""
    if not turn.text:
        return YES_NO.get(turn.intent)
    said = read_privacy(turn.text, content().privacy, content().lexicons, turn.language)
    return False if said is None and turn.intent == "deny" else said


def _read(turn: Turn, item: Item, text: str) -> Answered:
    answered = read_reply(text, item, content().lexicons, turn.language) if text.strip() else None
    return answered or Answered()


def _correct(turn: Turn, progress: Progress) -> Move:
    """Change the answer that was named, or the one before, when its new value is plain; else open that item again."""
    instrument, value = turn.instrument, turn.reading_value
    if isinstance(value, dict) and "which" in value:
        assert turn.progress is not None
        chosen = turn.progress.which[value["which"] - 1]
        return correcting.change(instrument, progress, chosen, (turn.progress.becoming or {}).get(chosen))
    if isinstance(value, dict):
        codes = tuple(value["codes"])
        words = value["words"]
        named = correcting.correct_named(instrument, progress, codes, lambda item: _read(turn, item, words).value)
        return named or correcting.go_back(instrument, progress)
    item = correcting.previous_item(instrument, progress)
    corrected = _read(turn, item, str(value)).value if item is not None and value else None
    if item is None or corrected is None:
        return correcting.go_back(instrument, progress)
    return correcting.correct(instrument, progress, item.link_id, corrected)


def _ask_what_was_meant(turn: Turn, progress: Progress) -> None:
    """Offer the readings of a reply, each under the number that it has in the question."""
    item = screening.open_item(turn.instrument, progress)
    messages = content().messages[turn.language]
    options = [choice_text(item, value, turn.language, messages) for value in progress.maybe]
    if len(options) == 1:
        turn.say("maybe_one", option=options[0])
    else:
        turn.say("maybe_several", options="\n".join(options))


def _ask_which(turn: Turn, progress: Progress) -> None:
    """Ask which of several earlier answers is meant."""
    names = content().topics[turn.language].names
    codes = [turn.instrument.item(link_id).code or "" for link_id in progress.which]
    options = [f"{number}. {names[code]}" for number, code in enumerate(codes, start=1)]
    turn.say("which_answer", options="\n".join(options))


def _not_understood(turn: Turn, progress: Progress) -> Move:
    move = screening.not_understood(progress)
    if move.say != ("not_understood",):
        return replace(move, say=("offer_ways_out_private",)) if progress.gate else move
    item = screening.open_item(turn.instrument, progress)
    # Code saw an answer, but not which: the numbers are named rather than that nothing was understood.
    unsure_which = turn.intent == "give_answer" and not turn.text and not progress.gate
    key = which_key(item) if unsure_which else not_understood_key(item, progress.gate)
    return replace(move, say=(key,))
