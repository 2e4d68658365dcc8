"""What a reply chooses where places are shown, or a need or a ZIP code is asked for, and what that leads to."""

from __future__ import annotations

from typing import Any

from bot.core.dialog import JsonObject
from bot.core.picking import MORE, NONE, Choice, is_zip, open_choice, read_pick
from dialogs.actions.digressions import respond
from dialogs.actions.offering import next_need, opening, want
from dialogs.actions.telling import whereabouts
from dialogs.actions.turn import Turn, content
from dialogs.actions.zips import is_asked, take_zip

DECLINED = "declined"
NO = frozenset({"deny", "decline", "skip"})


def say_aside(turn: Turn) -> None:
    """Answer what the message says beside its answer; "later" needs no answer where nothing waits."""
    if turn.aside is not None and turn.aside["intent"] != "later":
        respond(turn, turn.aside["intent"], turn.aside["value"])


def picked_in(turn: Turn) -> Any:
    """What was picked, as code read it before the turn, else in the words; yes takes the only place there is."""
    if turn.intent == "give_answer" and turn.reading_value is not None:
        return turn.reading_value
    if turn.intent in NO and not turn.text:
        return NONE
    if turn.intent == "unsure" and not turn.text and is_asked(turn):
        return NONE
    if turn.intent == "affirm" and not turn.text:
        return 1 if len(turn.places.get("places", ())) == 1 else None
    choice = open_choice("places_form", turn.places)
    return None if choice is None or not turn.text else pick(turn, choice)


def pick(turn: Turn, choice: Choice) -> Any:
    """What the words of the message pick, for those that the NLU had to read."""
    return read_pick(turn.text, choice, content().about_places, content().lexicons, turn.language)


def follow(turn: Turn, picked: Any) -> list[JsonObject]:
    """Do what was picked: a place, a need, a ZIP code, ``more`` or ``none``; gives what follows in this turn."""
    if is_zip(picked) or is_asked(turn):
        take_zip(turn, picked if is_zip(picked) else None)
        return []
    if turn.places.get("stage") == "need":
        if picked == NONE:
            turn.places = {}
            turn.say("places_no")
            return []
        want(turn, [str(picked)])
        return []
    if picked == MORE:
        turn.places["wanted_more"] = True
        turn.happened({"type": "more_places_wanted", "domain": turn.places["domain"]})
        turn.say("places_search")
        return []
    if picked == NONE:
        turn.happened({"type": "referral_declined", "domain": turn.places["domain"], "reason": DECLINED})
        turn.say("places_no_next" if turn.places.get("left") else "places_no")
        return next_need(turn)
    return _choose(turn, int(picked))


def _choose(turn: Turn, number: int) -> list[JsonObject]:
    place = turn.places["places"][number - 1]
    turn.places |= {"chosen": number}
    turn.happened({"type": "place_chosen", "service_id": place["id"], "domain": place["domain"]})
    if not place["phone_only"]:
        return opening("share_form")
    turn.places["text_version"] = content().version("place_call", turn.language)
    agree(turn, place, share=False)
    turn.say("place_call", text=whereabouts(turn, place))
    return next_need(turn)


def agree(turn: Turn, place: JsonObject, *, share: bool) -> None:
    """That the patient wants this place, and whether it may be told, with the wording that was agreed to."""
    turn.happened(
        {
            "type": "referral_agreed",
            "service_id": place["id"],
            "domain": place["domain"],
            "share": share,
            "text_version": turn.places["text_version"],
        }
    )


def chosen(turn: Turn) -> JsonObject:
    """The place that was chosen. Raises ``KeyError`` when none was."""
    place: JsonObject = turn.places["places"][turn.places["chosen"] - 1]
    return place
