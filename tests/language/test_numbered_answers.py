"""An earlier answer is named by its place among the questions that were asked: "my first answer", "question 2"."""

from __future__ import annotations

from typing import Any

import pytest

from bot.asked import Asked
from bot.content.load import load_content
from bot.core.dialog import Reading
from bot.reading import read_words

CONTENT = load_content()
ITEMS = CONTENT.instruments["ahc-hrsn-core"].items[:3]
CODES = [item.code for item in ITEMS]


def _read(text: str, language: str, passed: int = 2) -> Reading | None:
    """At the third question. The first was answered again, so it was passed last."""
    return read_words(
        CONTENT,
        text,
        Asked(language, ITEMS[passed], passed=tuple(reversed(ITEMS[:passed])), shown=ITEMS[: passed + 1]),
    )


@pytest.mark.parametrize(
    ("language", "text", "place", "words"),
    [
        ("en", "i want to change my first answer", 1, ""),
        ("en", "can i change the answer to question 2", 2, ""),
        ("en", "my 2nd answer was wrong", 2, ""),
        ("en", "go back to question 1", 1, ""),
        ("en", "change answer number 1 to 2", 1, "2"),
        ("en", "change my first answer to purple", 1, ""),
        ("es", "quiero cambiar mi primera respuesta", 1, ""),
        ("es", "cambie la respuesta a la pregunta 2", 2, ""),
        ("es", "regresar a la pregunta uno", 1, ""),
        ("es", "cambiar la primera a 2", 1, "2"),
    ],
)
def test_the_place_counts_the_questions_in_their_order(language: str, text: str, place: int, words: str) -> None:
    """Skipped or answered, and in whatever order they were passed."""
    assert _read(text, language) == Reading("correct", {"codes": [CODES[place - 1]], "words": words})


@pytest.mark.parametrize(
    ("text", "value"),
    [("change my third answer", None), ("change question 3 to 1", 1), ("change my ninth answer", None)],
)
def test_the_open_question_is_repeated_or_answered(text: str, value: Any) -> None:
    """Nor is another one opened instead of one that was not asked yet."""
    found = _read(text, "en")
    assert found is not None
    assert (found.intent, found.value) == (("give_answer", value) if value else ("repeat", None))


def test_with_nothing_passed_it_is_the_wish_to_go_back() -> None:
    """Which is answered with that this is the first question."""
    found = _read("i want to change my first answer", "en", passed=0)
    assert found is not None
    assert found.intent == "go_back"
