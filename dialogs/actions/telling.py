"""What is known of a place, for somebody who asks: where it is, what it costs, what it is."""

from __future__ import annotations

from bot.core.dialog import JsonObject
from dialogs.actions.offering import needed
from dialogs.actions.turn import Turn


def tell_place(turn: Turn, asked: JsonObject) -> None:
    """Answer ``asked`` (``place``: address, cost or about; ``number``: of the list, None for all that is meant).

    What the directory does not say is to be asked at the place. The list is not sent again.
    """
    for place in _meant(turn, asked.get("number")):
        _tell(turn, str(asked["place"]), place)
    if turn.active_form == "places_form" and turn.places.get("stage") == "place":
        turn.places["brief"] = "places_kept"


def whereabouts(turn: Turn, place: JsonObject) -> str:
    """What is said of a place that was chosen: its listing, and where to go when that may be told."""
    text, address = str(place["text"]), place.get("address")
    return f"{text} {turn.worded('place_address', address=address)}" if address else text


def _meant(turn: Turn, number: int | None) -> list[JsonObject]:
    """The place that was chosen or named by its number, else all of the list, else the places that are open."""
    shown = turn.places.get("places") or []
    at = number or turn.places.get("chosen")
    if shown and at:
        return list(shown[at - 1 : at])
    if shown and turn.active_form == "places_form":
        return list(shown)
    open_now = [{**each, "name": each["place"]} for each in turn.context.get("referrals") or []]
    about = (turn.places.get("referral") or {}).get("id") if turn.active_form == "check_in_form" else None
    return [each for each in open_now if each["id"] == about] or open_now


def _tell(turn: Turn, question: str, place: JsonObject) -> None:
    name, address, number = str(place["name"]), place.get("address"), place.get("number") or "211"
    if question == "cost":
        turn.say("place_free" if place.get("free") else "place_ask_cost", "place", place=name, number=number)
        return
    if question == "about":
        turn.say("place_about", "place", place=name, need=needed(turn, str(place["domain"])))
    if address:
        turn.say("place_where", "place", place=name, address=address)
    else:
        turn.say("place_ask_where", "place", place=name, number=number)
