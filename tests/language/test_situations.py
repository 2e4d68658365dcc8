"""Situations that patients describe instead of naming an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import load_content
from bot.core.answering import Answered, read_reply
from bot.core.instrument import Item, Option
from tests.language.conftest import table
from tests.language.test_properties import at_ease

LEXICONS = load_content().lexicons
QUESTIONS = table("replies")
WORDS = [reply for question in QUESTIONS for reply in question["replies"]]


def item(question: dict[str, Any], *, private: bool = False) -> Item:
    """The item of a table."""
    options = tuple(
        Option(code, "http://loinc.org", {question["language"]: label}, exclusive=code == "LA9-3")
        for code, label in question["options"].items()
    )
    return Item("/1", question["question"], question["kind"], {}, "g", options=options, private=private)


@pytest.mark.parametrize(
    ("question", "reply", "want"),
    [(question, reply, want) for question in QUESTIONS for reply, want in question["replies"].items()],
    ids=[f"{question['question']} {reply!r}" for question in QUESTIONS for reply in question["replies"]],
)
def test_situations_are_read(question: dict[str, Any], reply: str, want: Any) -> None:
    """Each is the answer that the table says, or is asked again."""
    answered = read_reply(reply, item(question), LEXICONS, question["language"])
    assert (answered.value if answered else None) == want


def test_a_truth_value_is_read_too() -> None:
    """The same words answer the question when its answers are true and false."""
    asked = Item("/5", "93030-5", "boolean", {}, "g")
    assert read_reply("my bus never came and I lost my job", asked, LEXICONS, "en") != Answered(False)
    assert read_reply("I missed work because I had no ride", asked, LEXICONS, "en") == Answered(True)


def test_what_is_private_is_never_read_from_a_situation() -> None:
    """A private question takes its options, not descriptions."""
    question = next(question for question in QUESTIONS if question["question"] == "93159-2")
    assert read_reply("24/7 lonely", item(question, private=True), LEXICONS, "en") is None


def test_another_form_of_the_question_keeps_its_own_answers() -> None:
    """Where the answers have other codes the words mean nothing."""
    options = tuple(Option(code, "http://loinc.org", {"en": label}) for code, label in (("A", "Own"), ("B", "Rent")))
    asked = Item("/1", "71802-3", "choice", {}, "g", options=options)
    assert read_reply("we are behind on rent", asked, LEXICONS, "en") is None


@at_ease
@given(
    said=st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=4).map(" ".join),
    question=st.sampled_from(QUESTIONS),
)
def test_no_value_outside_the_question(said: str, question: dict[str, Any]) -> None:
    """Whatever is said: an option of the question, or nothing; what is offered are options too."""
    answered = read_reply(said, item(question), LEXICONS, question["language"])
    if answered is not None:
        found = [*([answered.value] if answered.value is not None else []), *answered.maybe]
        numbers = [number for value in found for number in (value if isinstance(value, list) else [value])]
        assert all(1 <= number <= len(question["options"]) for number in numbers)
        assert len(answered.maybe) <= 3
