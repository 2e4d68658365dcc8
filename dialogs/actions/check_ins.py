"""Check-ins until it is known how a referral ended: how it went, whether they called, what got in the way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.core.callbacks import worded_callback
from bot.core.dialog import JsonObject
from bot.core.picking import CALLED, open_choice
from dialogs.actions.choosing import NO, pick, say_aside
from dialogs.actions.digressions import respond
from dialogs.actions.offering import closing, next_need, opening
from dialogs.actions.statuses import (
    COULD_NOT_GO,
    NEVER_HEARD,
    barrier_said,
    meant_referral,
    reported,
    status_key,
    status_said,
)
from dialogs.actions.turn import Turn, content

WAITING = "waiting"
GOT_HELP = "got_help"
OTHER = "other"
ASKED = {"which": "check_in_which", "call": "did_they_call", "barrier": "barrier_ask", "status": "check_in_ask"}


class ActionCheckIn(Action):
    """Opens a check-in that fell due, with a first line that says nothing about health."""

    def name(self) -> str:
        """Follows ``check_in_due`` and ``did_they_call``."""
        return "action_check_in"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """The form asks how it went, or whether they called."""
        turn = Turn(dispatcher, tracker)
        value = turn.reading_value or {}
        turn.say("greeting_due")
        turn.places = {
            "stage": "call" if turn.intent == "did_they_call" else "status",
            "referral": {"id": value["referral_id"], "place": value["place"]},
        }
        return [*turn.changes(), *opening("check_in_form")]


class ActionTellAppointment(Action):
    """Tells of a call or a visit to come: nothing is asked, and what is open stays open."""

    def name(self) -> str:
        """Follows ``partner_will_call`` and ``appointment_reminder``."""
        return "action_tell_appointment"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Who calls from which number and when; when the visit is and, if they said so, who meets the patient."""
        turn = Turn(dispatcher, tracker)
        value = turn.reading_value or {}
        turn.say("greeting_due")
        when = _when(turn, value["at"]) if value.get("at") else None
        if turn.intent == "partner_will_call":
            turn.say("will_call_at" if when else "will_call", place=value["place"], when=when or "")
            if value.get("number"):
                turn.say("will_call_number", number=_spoken(value["number"]))
            return turn.changes()
        turn.say("visit_at_place" if value.get("place") else "visit", when=when or "", place=value.get("place") or "")
        if value.get("chw"):
            turn.say("visit_chw", chw=value["chw"])
        return turn.changes()


class ActionReportStatus(Action):
    """Takes what somebody says about a place out of the blue."""

    def name(self) -> str:
        """See the rule "a status is reported with nothing open"."""
        return "action_report_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Recorded for the referral that is meant; asked about when it is not clear which, or how it went."""
        turn = Turn(dispatcher, tracker)
        referrals = turn.context.get("referrals") or []
        if turn.intent == "report_status" and turn.reading_value == GOT_HELP and not referrals:
            return _need_is_met(turn)
        if turn.conversation.get("consent") is not True or not referrals:
            respond(turn, "report_status", None)
            opens = turn.conversation.get("consent") is None
            return [*turn.changes(), *([FollowupAction("action_open")] if opens else [])]
        status = status_said(turn, turn.reading_value)
        meant = meant_referral(turn, referrals, status)
        turn.places = {"stage": "status" if meant else "which"}
        if meant is None:
            turn.places |= {"which": referrals, "status": status}
            return [*turn.changes(), *opening("check_in_form")]
        turn.places["referral"] = {"id": meant["id"], "place": meant["place"]}
        following = _report(turn, status, barrier_said(turn)) if status else opening("check_in_form")
        return [*turn.changes(), *following]


class ActionAskCheckIn(Action):
    """Asks what is open in the check-in."""

    def name(self) -> str:
        """The name that the form ``check_in_form`` looks for."""
        return "action_ask_check_in_form_check_in_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """How it went, whether they called, what got in the way, or which place is meant."""
        turn = Turn(dispatcher, tracker)
        if turn.places.pop("again", False):
            turn.say("check_in_again")
        names = [f"{number}. {each['place']}" for number, each in enumerate(turn.places.get("which", ()), start=1)]
        place = (turn.places.get("referral") or {}).get("place", "")
        turn.say(ASKED[turn.places.get("stage") or "status"], "check_in", place=place, options="\n".join(names))
        return turn.changes()


class ValidateCheckIn(Action):
    """Reads the reply."""

    def name(self) -> str:
        """The name that the form ``check_in_form`` looks for."""
        return "validate_check_in_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """A number or words that say how it went; anything else is asked again."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("check_in_answer") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        answer = _answer(turn)
        if answer is None and turn.intent not in ("resume", "repeat", "greet"):
            turn.places["again"] = True
        return turn.changes(check_in_answer=answer)


class ActionAfterCheckIn(Action):
    """Reports the answer; what got in the way is asked once more."""

    def name(self) -> str:
        """See the rule "the check-in form ends"."""
        return "action_after_check_in"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Each answer leads somewhere: thanks, a wait, another place, or a person."""
        turn = Turn(dispatcher, tracker)
        answer = tracker.get_slot("check_in_answer")
        if answer is None:
            return turn.changes(check_in_answer=None)
        following = _follow(turn, answer)
        say_aside(turn)
        return [*turn.changes(check_in_answer=None), *following]


def _answer(turn: Turn) -> Any:
    stage = turn.places.get("stage") or "status"
    if turn.intent == "give_answer" and turn.reading_value is not None:
        return turn.reading_value
    if stage == "call" and not turn.text and turn.intent in ("affirm", *NO):
        return CALLED if turn.intent == "affirm" else NEVER_HEARD
    if stage == "barrier" and turn.intent in ("skip", "decline", "deny", "unsure"):
        return OTHER
    choice = open_choice("check_in_form", turn.places)
    if choice is None or not turn.text:
        return None
    picked = pick(turn, choice)
    # Whatever else is said here is what got in the way, in words of their own.
    return OTHER if picked is None and stage == "barrier" else picked


def _follow(turn: Turn, answer: Any) -> list[JsonObject]:
    stage = turn.places.get("stage") or "status"
    if stage == "which":
        return _take_meant(turn, int(answer))
    if stage == "barrier":
        referral_id = turn.places["referral"]["id"]
        turn.happened({"type": "barrier_reported", "referral_id": referral_id, "barrier": answer})
        turn.say("barrier_noted")
        turn.places = {}
        return []
    if answer == CALLED:
        # That they are in touch is known now; how it went is asked next.
        reported(turn, turn.places["referral"]["id"], WAITING)
        turn.places["stage"] = "status"
        return opening("check_in_form")
    if isinstance(answer, dict):
        return _report(turn, str(answer["status"]), str(answer["barrier"]))
    return _report(turn, str(answer), barrier_said(turn))


def _need_is_met(turn: Turn) -> list[JsonObject]:
    """Helped, before any of the places that are shown was chosen: nothing more is asked about this need."""
    turn.happened({"type": "need_met", "domain": turn.places["domain"]})
    turn.say("status_got_help")
    following = next_need(turn) or closing()
    return [*turn.changes(), *following]


def _take_meant(turn: Turn, number: int) -> list[JsonObject]:
    meant, status = turn.places["which"][number - 1], turn.places.get("status")
    turn.places = {"stage": "status", "referral": {"id": meant["id"], "place": meant["place"]}}
    return _report(turn, status) if status else opening("check_in_form")


def _report(turn: Turn, status: str, barrier: str | None = None) -> list[JsonObject]:
    """Record the status and say what follows from it; the check-in is over unless something got in the way.

    What did is not asked of somebody who just said it.
    """
    referral = turn.places["referral"]
    reported(turn, referral["id"], status)
    if status == COULD_NOT_GO and barrier is not None:
        turn.happened({"type": "barrier_reported", "referral_id": referral["id"], "barrier": barrier})
        turn.say("barrier_noted")
        turn.places = {}
        return []
    if status == COULD_NOT_GO:
        turn.places["stage"] = "barrier"
        return opening("check_in_form")
    turn.say(status_key(turn, referral["id"], status), place=referral["place"])
    turn.places = {}
    return []


def _when(turn: Turn, at: str) -> str:
    moment = datetime.fromisoformat(at)
    return worded_callback(moment, turn.now, turn.zone, content().messages[turn.language])


def _spoken(number: str) -> str:
    """The number so that phones make it a link: 614-555-0134."""
    digits = number.removeprefix("+1")
    ours = number.startswith("+1") and len(digits) == 10
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if ours else number
