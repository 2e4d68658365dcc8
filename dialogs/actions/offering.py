"""The short list of places: kept as it was found, shown, and what follows where there is none or no more."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.core.dialog import JsonObject
from dialogs.actions.turn import Turn, content

# What these ask about stands in ``places``: none of them is open without it.
_OF_PLACES = frozenset({"places_form", "share_form", "check_in_form", "offer_form"})


def opening(form: str) -> list[JsonObject]:
    """The slot and form events that open ``form``, whatever is open now."""
    return [*closing(), FollowupAction(form)]


def closing() -> list[JsonObject]:
    """The slot and form events that close whatever form is open."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


def next_need(turn: Turn) -> list[JsonObject]:
    """What follows when one need is settled: the next one, then the offer of a person's help, then nothing."""
    left, offer = turn.places.get("left", []), turn.places.get("navigation", False)
    turn.places = {"navigation": True} if offer else {}
    if left:
        want(turn, left)
        return []
    if not offer:
        return []
    turn.places = {"stage": "navigation"}
    return opening("offer_form")


def want(turn: Turn, domains: list[str]) -> None:
    """Ask the app for places for these needs; they come right after this turn."""
    turn.happened({"type": "resources_wanted", "domains": domains})
    turn.say("places_search")


def nothing_found(turn: Turn, found: JsonObject) -> list[JsonObject]:
    """Say that there is no place, or no other, and go on to what is next."""
    if turn.places.pop("wanted_more", False):
        turn.places |= {"more": False, "brief": "places_no_more"}
        return [*turn.changes(), *opening("places_form")]
    if turn.places.get("stage") in ("need", "zip") and not found["domains"]:
        # They gave their ZIP code, and no need is known.
        turn.places = {"stage": "need"}
        return [*turn.changes(), *opening("places_form")]
    if turn.intent != "next_place_due":
        turn.say("places_none" if found["domains"] else "places_any")
    for need in found["domains"]:
        turn.happened({"type": "places_offered", "ids": [], "domain": need})
    if _something_else_is_open(turn, found):
        return [*turn.changes(), FollowupAction(str(turn.active_form))]
    of_places = turn.active_form in _OF_PLACES
    turn.places = {"navigation": bool(found["navigation"])}
    following = next_need(turn) or (closing() if of_places else [])
    return [*turn.changes(), *following]


def _something_else_is_open(turn: Turn, found: JsonObject) -> bool:
    """A question about another need or referral than the one that ended: it is asked again."""
    if turn.intent != "next_place_due" or turn.active_form not in _OF_PLACES:
        return False
    referral = turn.places.get("referral")
    if referral is not None:
        return bool(referral["id"] != found.get("referral_id"))
    return turn.places.get("domain") not in found["domains"]


def keep(turn: Turn, found: JsonObject) -> None:
    """Keep the list, and say for which needs there is none."""
    need, domains = found["places"][0]["domain"], list(found["domains"])
    at = domains.index(need) if need in domains else 0
    left = turn.places.get("left", []) if turn.places.get("wanted_more") else domains[at + 1 :]
    for missing in domains[:at]:
        turn.say("places_none_for", need=needed(turn, missing))
    shown = [place for place in found["places"] if place["domain"] == need]
    turn.places = {
        "stage": "place",
        "places": shown,
        "domain": need,
        "left": left,
        "more": bool(found["more"]),
        "page": found["page"],
        "navigation": bool(found["navigation"] or turn.places.get("navigation")),
    }
    turn.happened({"type": "places_offered", "ids": [place["id"] for place in shown], "domain": need})


def needed(turn: Turn, need: str) -> str:
    """What a need is called in the language of the thread."""
    messages = content().messages[turn.language]
    return messages.get(f"need_{need}") or messages["need_other"]


def show(turn: Turn) -> None:
    """The list, and what can be replied to it."""
    kept = turn.places
    lines = [f"{number}. {place['text']}" for number, place in enumerate(kept["places"], start=1)]
    turn.say("places_heading", need=needed(turn, kept["domain"]))
    turn.say_plain("\n".join(lines), "places")
    if kept.get("page"):
        turn.say("places_page", page=kept["page"])
    reply = "places_reply_more" if kept["more"] else "places_reply" if len(lines) > 1 else "places_reply_one"
    turn.say(reply, "places", last=str(len(lines)))
