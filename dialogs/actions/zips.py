"""The ZIP code, without which no place is near: asked for once, and what is looked for is kept meanwhile."""

from __future__ import annotations

from typing import Any

from bot.core.dialog import JsonObject
from bot.core.picking import NONE, is_zip
from dialogs.actions.turn import Turn

STAGE = "zip"


def ask_zip(turn: Turn, found: JsonObject) -> None:
    """Keep what is looked for until it is known where; ``found`` is as the app gives it."""
    again = found["zip"] == "again"
    turn.places = {
        "stage": STAGE,
        "domains": list(found["domains"]),
        "tries": int(turn.places.get("tries", 0)) + int(again),
        "navigation": bool(found["navigation"]),
    }
    if again:
        turn.places["brief"] = "zip_again"
    turn.conversation |= {"zip_asked": True}


def is_asked(turn: Turn) -> bool:
    """Whether the ZIP code is what is being asked."""
    return bool(turn.places.get("stage") == STAGE)


def not_read(turn: Turn) -> Any:
    """After a reply that could not be read: asked once more (None), then done without."""
    if turn.places.get("tries"):
        return NONE
    turn.places |= {"tries": 1, "brief": "zip_again"}
    return None


def stated_zip(turn: Turn) -> str | None:
    """The ZIP code that somebody gave unasked, as code read it."""
    given = turn.intent == "give_answer" and is_zip(turn.reading_value)
    return str(turn.reading_value) if given else None


def look_there(turn: Turn, code: str) -> None:
    """Keep the ZIP code and look there for the needs that are open; where none is, what is needed is asked next."""
    turn.happened({"type": "zip_given", "zip": code})
    turn.places = {"stage": "need"}
    turn.happened({"type": "resources_wanted", "domains": []})
    turn.say("places_search")


def take_zip(turn: Turn, code: str | None) -> None:
    """Look for places there; without one, for what is open to everybody."""
    kept = turn.places
    domains = list(kept["domains"]) if is_asked(turn) else [kept["domain"], *kept.get("left", [])]
    if code is not None:
        turn.happened({"type": "zip_given", "zip": code})
    turn.happened({"type": "resources_wanted", "domains": domains})
    turn.say("zip_skipped" if code is None else "zip_noted")
