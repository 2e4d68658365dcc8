"""Places for a need: a short list, one to choose, and a yes or no to what it is told. Everybody is offered them."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.core.commands import named_value
from bot.core.dialog import JsonObject
from bot.core.picking import MORE, NONE, Choice, is_zip, open_choice, read_pick
from dialogs.actions.digressions import respond
from dialogs.actions.turn import Turn, content
from dialogs.actions.zips import ask_zip, is_asked, not_read, take_zip

DECLINED = "declined"
NO = frozenset({"deny", "decline", "skip"})


class ActionPlacesFound(Action):
    """Shows the places that the app found, or says plainly that there are none."""

    def name(self) -> str:
        """Follows a screening, a wish for places, and an end that calls for the next place."""
        return "action_places_found"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """With places the form opens; it asks."""
        turn = Turn(dispatcher, tracker)
        found = turn.reading_value or {}
        turn.conversation.pop("needs", None)
        if found.get("zip"):
            ask_zip(turn, found)
            return [*turn.changes(), *opening("places_form")]
        if turn.intent == "next_place_due":
            turn.say("greeting_due")
            turn.say("next_place" if found["places"] else "next_place_none", place=found["place"])
        if not found["places"]:
            return _nothing_found(turn, found)
        _keep(turn, found)
        return [*turn.changes(), *opening("places_form")]


class ActionWantPlaces(Action):
    """Asks the app for places for what the patient says they need; which need it is, when they did not say."""

    def name(self) -> str:
        """See the rules "a need is stated with nothing open" and the menu."""
        return "action_want_places"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """Nobody is shown anything before they agreed to the texts."""
        turn = Turn(dispatcher, tracker)
        if turn.conversation.get("consent") is not True:
            respond(turn, "state_need", turn.reading_value)
            return [*turn.changes(), FollowupAction("action_open")]
        need = _need(turn) if turn.intent == "state_need" else None
        if need is None:
            turn.places = {"stage": "need"}
            return [*turn.changes(), *opening("places_form")]
        turn.happened({"type": "need_stated", "domain": need})
        if is_asked(turn):
            turn.places["domains"] = list(dict.fromkeys([need, *turn.places["domains"]]))
            return [*turn.changes(), *opening("places_form")]
        _want(turn, [need])
        return turn.changes()


class ActionAskPlace(Action):
    """Asks which place, which need, or for a ZIP code."""

    def name(self) -> str:
        """The name that the form ``places_form`` looks for."""
        return "action_ask_places_form_place_choice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """The list as it was found, and what can be replied to it; briefly when a reply could not be read."""
        turn = Turn(dispatcher, tracker)
        if turn.places.get("stage") == "need":
            turn.say("need_ask")
            return turn.changes()
        brief = turn.places.pop("brief", None)
        if brief or is_asked(turn):
            turn.say(brief or "zip_ask")
        else:
            _show(turn)
        return turn.changes()


class ValidatePlace(Action):
    """Reads the choice."""

    def name(self) -> str:
        """The name that the form ``places_form`` looks for."""
        return "validate_places_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """A place, a need, ``more`` or ``none`` end the form; anything else leaves it open."""
        turn = Turn(dispatcher, tracker)
        if tracker.get_slot("place_choice") is None:
            # A change, of whatever slot, would pass for a valid answer.
            return []
        picked = _picked(turn)
        if picked is None and turn.places.get("stage") != "need" and turn.intent not in ("resume", "repeat", "greet"):
            picked = not_read(turn) if is_asked(turn) else None
            if not is_asked(turn):
                turn.places["brief"] = "places_again"
        return turn.changes(place_choice=picked)


class ActionAfterPlaces(Action):
    """Does what was chosen."""

    def name(self) -> str:
        """See the rule "the places form ends"."""
        return "action_after_places"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: JsonObject) -> list[JsonObject]:
        """A place leads to what it may be told, ``more`` to others, ``none`` to the next need."""
        turn = Turn(dispatcher, tracker)
        picked = tracker.get_slot("place_choice")
        if picked is None:
            # The form was left for something else.
            return turn.changes(place_choice=None)
        following = _follow(turn, picked)
        say_aside(turn)
        return [*turn.changes(place_choice=None), *following]


def opening(form: str) -> list[JsonObject]:
    """The slot and form events that open ``form``, whatever is open now."""
    return [ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction(form)]


def say_aside(turn: Turn) -> None:
    """Answer what the message says beside its answer; "later" needs no answer where nothing waits."""
    if turn.aside is not None and turn.aside["intent"] != "later":
        respond(turn, turn.aside["intent"], turn.aside["value"])


def next_need(turn: Turn) -> list[JsonObject]:
    """What follows when one need is settled: the next one, then the offer of a person's help, then nothing."""
    left, offer = turn.places.get("left", []), turn.places.get("navigation", False)
    turn.places = {"navigation": True} if offer else {}
    if left:
        _want(turn, left)
        return []
    if not offer:
        return []
    turn.places = {"stage": "navigation"}
    return opening("offer_form")


def _nothing_found(turn: Turn, found: JsonObject) -> list[JsonObject]:
    if turn.places.pop("wanted_more", False):
        turn.places |= {"more": False, "brief": "places_no_more"}
        return [*turn.changes(), *opening("places_form")]
    if turn.intent != "next_place_due":
        turn.say("places_none" if found["domains"] else "places_any")
    for need in found["domains"]:
        turn.happened({"type": "places_offered", "ids": [], "domain": need})
    turn.places = {"navigation": bool(found["navigation"])}
    following = next_need(turn)
    return [*turn.changes(), *following]


def _keep(turn: Turn, found: JsonObject) -> None:
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


def _show(turn: Turn) -> None:
    kept = turn.places
    lines = [f"{number}. {place['text']}" for number, place in enumerate(kept["places"], start=1)]
    turn.say("places_heading", need=needed(turn, kept["domain"]))
    turn.say_plain("\n".join(lines), "places")
    if kept.get("page"):
        turn.say("places_page", page=kept["page"])
    reply = "places_reply_more" if kept["more"] else "places_reply" if len(lines) > 1 else "places_reply_one"
    turn.say(reply, "places", last=str(len(lines)))


def _picked(turn: Turn) -> Any:
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


def _follow(turn: Turn, picked: Any) -> list[JsonObject]:
    if is_zip(picked) or is_asked(turn):
        take_zip(turn, picked if is_zip(picked) else None)
        return []
    if turn.places.get("stage") == "need":
        if picked == NONE:
            turn.places = {}
            turn.say("places_no")
            return []
        _want(turn, [str(picked)])
        return []
    if picked == MORE:
        turn.places["wanted_more"] = True
        turn.happened({"type": "more_places_wanted", "domain": turn.places["domain"]})
        turn.say("places_search")
        return []
    if picked == NONE:
        turn.happened({"type": "referral_declined", "domain": turn.places["domain"], "reason": DECLINED})
        turn.say("places_no")
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
    turn.say("place_call", text=place["text"])
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


def _want(turn: Turn, domains: list[str]) -> None:
    turn.happened({"type": "resources_wanted", "domains": domains})
    turn.say("places_search")


def _need(turn: Turn) -> str | None:
    return turn.reading_value or named_value(turn.text, "state_need", content().lexicons, turn.language)
