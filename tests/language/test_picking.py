"""What a reply picks where places are talked about."""

from __future__ import annotations

from typing import Any

import pytest

from bot.content import load_content
from bot.core.picking import Choice, PlaceWords, read_pick, says_changed, stated_zip

CONTENT = load_content()
PLACES = Choice("place", ("Main Street Pantry", "Riverside Soup Kitchen", "St. Ann Meals"))


@pytest.mark.parametrize(
    ("choice", "reply", "picked"),
    [
        (PLACES, "2", 2),
        (PLACES, "the first one", 1),
        (PLACES, "riverside pls", 2),
        (PLACES, "la segunda", 2),
        (PLACES, "anything else?", "more"),
        (PLACES, "those are all too far", "more"),
        (PLACES, "hay otros lugares", "more"),
        (PLACES, "none of those", "none"),
        (PLACES, "ninguno me sirve", "none"),
        (PLACES, "4", None),
        (PLACES, "purple", None),
        (Choice("status"), "3", "never_heard"),
        (Choice("status"), "they put me on a waiting list", "waiting"),
        (Choice("status"), "sí, me ayudaron", "got_help"),
        (Choice("status"), "9", None),
        (Choice("status"), "they called me back yesterday", "waiting"),
        (Choice("status"), "ya me llamaron", "waiting"),
        (Choice("status"), "no me llamaron", "never_heard"),
        (Choice("status"), "me llamaron y me ayudaron", "got_help"),
        (Choice("status"), "They called but no help", None),
        (Choice("status"), "me llamaron pero no me ayudaron", None),
        (Choice("status"), "they called me about the apartment", None),
        (Choice("status"), "someone came by but they couldnt do anything", None),
        (Choice("status"), "they never helped me", None),
        (Choice("status"), "I got nothing from them", None),
        (Choice("status"), "fui pero no me dieron nada", None),
        (Choice("status"), "hable con ellos pero nada", None),
        (Choice("status"), "they called and helped me with food", "got_help"),
        (Choice("status"), "nobody called but my sister helped me", "never_heard"),
        (Choice("call"), "they called but no help", "called"),
        (Choice("call"), "sí me llamaron pero no me ayudaron", "called"),
        (Choice("call"), "no one called but I went", "never_heard"),
        (Choice("call"), "yes they left a message", "called"),
        (Choice("call"), "si, me llamaron ayer", "called"),
        (Choice("call"), "they never called", "never_heard"),
        (Choice("zip"), "my zip is 43215", "43215"),
        (Choice("zip"), "none", "none"),
        (Choice("zip"), "otros", None),
        (PLACES, "i moved, my zip is 43215 now", "43215"),
        (Choice("barrier"), "5", "hours"),
        (Choice("barrier"), "my car broke down", "transport"),
        (Choice("barrier"), "me dio pena", "fear"),
        (Choice("barrier"), "purple", None),
        (Choice("need"), "3", "transportation"),
        (Choice("need"), "help with my rent", "housing"),
    ],
)
def test_a_reply_picks(choice: Choice, reply: str, picked: Any) -> None:
    """Numbers, ordinals, names and words, in either language."""
    assert read_pick(reply, choice, CONTENT.about_places, CONTENT.lexicons, "en") == picked


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("43215", "43215"),
        ("my zip is 43215-1001", "43215"),
        ("Hi, I live in 43215 now", "43215"),
        ("mi código postal es 79901", "79901"),
        ("i owe 43215 dollars", None),
        ("i need food in 43215", None),
        ("3", None),
        ("my zip", None),
    ],
)
def test_a_zip_code_that_is_given_unasked(said: str, code: str | None) -> None:
    """Only where nothing else is said."""
    assert stated_zip(said, CONTENT.about_places, CONTENT.lexicons, "en") == code


@pytest.mark.parametrize("said", ["my situation has changed", "we got evicted", "me despidieron"])
def test_that_things_changed_is_read(said: str) -> None:
    """In either language."""
    assert says_changed(said, CONTENT.about_places)


def test_a_barrier_that_is_none_is_refused() -> None:
    """A slip in the content file is found at start."""
    with pytest.raises(ValueError, match="no barrier weather"):
        PlaceWords.from_dict(
            {"wishes": {}, "changed": [], "called": [], "barriers": {"weather": ["rain"]}}, CONTENT.lexicons["en"]
        )
