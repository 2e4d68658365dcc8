"""Which language a text seems to be in."""

from __future__ import annotations

import pytest

from bot.content import load_content
from bot.core.answering import guess_language
from tests.language.conftest import development, needs_development

TELLTALES = load_content().telltales
FOUND = 0.7


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "my landlord wants us out"),
        ("en", "we ran out of food again"),
        ("en", "can you hablar with me in my own language"),
        ("es", "no tengo para la renta"),
        ("es", "mi hijo esta en el hospital"),
        ("es", "vivo con mis hijos cerca del Walmart"),
        (None, "2"),
        (None, "ok"),
        (None, "no me la"),
        (None, "yo Jose, San Antonio"),
        (None, "thanks pero no"),
    ],
)
def test_a_language_is_guessed_where_its_words_outweigh(language: str | None, text: str) -> None:
    """Names, loan words and words that both have say nothing; a text in two languages is left open."""
    assert guess_language(text, TELLTALES) == language


def test_no_word_tells_of_two_languages() -> None:
    """The lists share nothing."""
    assert not TELLTALES["en"] & TELLTALES["es"]


@needs_development
def test_few_guesses_are_wrong() -> None:
    """Of the short development texts none is taken for another language, and most are found."""
    rows = development("langid_short")
    guesses = [(guess_language(row["text"], TELLTALES), row["expected"]) for row in rows]
    assert [pair for pair in guesses if pair[0] not in (None, pair[1])] == []
    assert sum(guess == wanted for guess, wanted in guesses) >= FOUND * len(guesses)
