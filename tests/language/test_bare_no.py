"""A bare no answers a question for yes or no, how often and how much: never "what is your housing situation?"."""

from __future__ import annotations

from typing import Any

import pytest

from bot.content.load import load_content
from bot.core.answering import read_reply
from bot.core.instrument import Item, worded
from bot.understanding import read_line, understand_by_code

SAID = {
    "en": ("no", "nope", "nah", "never", "none", "nothing", "not any", "no never", "not really", "no no"),
    "es": ("no", "nunca", "jamás", "nada", "nadie", "ninguno", "ninguna", "tampoco", "ni", "nel", "no nunca"),
}
# Labels that are a no, or the least of how often and how much.
NOES = ("no", "never", "never true", "not at all", "not hard at all", "0", "nunca", "para nada", "nada", "nada difícil")
YES = ("yes", "sí")
CONTENT = load_content()


def _asked() -> list[tuple[str, Item]]:
    """Every question to choose from, once for each set of labels."""
    found: dict[Any, tuple[str, Item]] = {}
    for name, instrument in CONTENT.instruments.items():
        for item in instrument.items:
            if item.options and item.kind in ("choice", "multi"):
                labels = tuple(tuple(sorted(option.label.items())) for option in item.options)
                found.setdefault((item.code, labels), (f"{name} {item.link_id}", item))
    return list(found.values())


def _fits(item: Item, value: Any, word: str, language: str) -> bool:
    """Whether somebody who says ``word`` can mean that option."""
    labels = [worded(option.label, language).casefold() for option in item.options]
    chosen = item.options[(value[0] if isinstance(value, list) else value) - 1]
    label = worded(chosen.label, language).casefold()
    for_yes_or_no = any(each.split(",")[0] in YES for each in labels)
    denies = label.startswith(("no", "i do not"))
    named = label.replace("/", " ").replace(",", " ").split()[0] == word
    return not chosen.no_answer and (label in NOES or named or chosen.exclusive or (for_yes_or_no and denies))


@pytest.mark.parametrize(("name", "item"), _asked(), ids=lambda each: each if isinstance(each, str) else "")
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_bare_no_is_recorded_only_where_it_answers(name: str, item: Item, language: str) -> None:
    """Whichever language the no is in: it is no label only because the label begins with the same word."""
    for word in (*SAID["en"], *SAID["es"]):
        answered = read_reply(word, item, CONTENT.lexicons, language)
        if answered is not None and answered.value is not None:
            assert _fits(item, answered.value, word, language), (word, answered.value)


@pytest.mark.parametrize("text", ["no", "nunca", "jamas", "never", "nope"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_no_to_where_somebody_lives_is_asked_again(text: str, language: str) -> None:
    """A "no" to what the housing situation is says nothing of it, least of all that there is none."""
    read = understand_by_code(CONTENT, read_line(CONTENT, {"text": text, "lang": language, "question": "71802-3"}))
    assert read is None or read.reading == "not_understood"
