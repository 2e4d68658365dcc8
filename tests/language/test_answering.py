"""Replies against the items of an instrument, in the form in which progress keeps them."""

from __future__ import annotations

import pytest

from bot.content import load_content
from bot.core.answering import Answered, read_reply
from bot.core.instrument import Item, Option

CONTENT = load_content()
FRUIT = tuple(Option(str(key), "x", {"en": label}) for key, label in enumerate(["Red apple", "Green apple", "Pear"]))


def item(kind: str, options: tuple[Option, ...] = (), *, private: bool = False) -> Item:
    """A question without a text."""
    return Item("/1", None, kind, {}, "g", options=options, private=private)


@pytest.mark.parametrize(
    ("asked", "reply", "want"),
    [
        (item("choice", FRUIT), "pear", Answered(3)),
        (item("choice", FRUIT), "apple", Answered(maybe=(1, 2))),
        (item("choice", FRUIT), "1 or 3", Answered(maybe=(1, 3))),
        (item("multi", FRUIT), "31", Answered(maybe=([1, 3],))),
        (item("integer"), "2 or 3 times", Answered(maybe=(2, 3))),
        (item("choice", FRUIT), "7", Answered()),
        (item("choice", FRUIT, private=True), "1 or 3", Answered()),
        (item("choice", FRUIT), "the bus was late", None),
    ],
)
def test_what_is_unclear_is_offered(asked: Item, reply: str, want: Answered | None) -> None:
    """Two or three readings come back to be offered, in the form of answers; none for a private item."""
    assert read_reply(reply, asked, CONTENT.lexicons, "en") == want
