"""Promises that hold for any text and any question."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.answers import AnswerItem, Option, read_answer
from bot.core.commands import read_command
from bot.core.keywords import read_keyword
from bot.core.lexicon import Lexicon
from bot.core.safety import read_alarm
from tests.language.conftest import table

Lexicons = dict[str, Lexicon]

KINDS = ["boolean", "choice", "multi", "integer", "decimal", "quantity", "string", "date"]
SNIPPETS = [
    *table("opt_out")["stops"],
    *table("alarms")["no_alarm"],
    "1",
    "2,3",
    "?",
    "yes",
    "no",
    "👍",
    "-",
    "#",
    "(",
    "not",
]
messages = st.one_of(st.text(), st.lists(st.sampled_from(SNIPPETS), max_size=6).map(" ".join))
LABELS = [
    "Never",
    "Rarely",
    "Sometimes",
    "Mold",
    "Water leaks",
    "Often true",
    "Steady housing",
    "Already shut off",
    "Nunca",
]
SEPARATORS = [",", " ", ", ", " and ", " y ", "\n", "/"]
at_ease = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)


def options(labels: list[str]) -> tuple[Option, ...]:
    """Labels as options."""
    return tuple(Option(key, label) for key, label in enumerate(labels, 1))


@at_ease
@given(message=messages, kind=st.sampled_from(KINDS), language=st.sampled_from(["en", "es"]))
def test_no_text_breaks_a_reader(message: str, kind: str, language: str, lexicons: Lexicons) -> None:
    """Nothing that can be typed raises."""
    item = AnswerItem(kind, options(LABELS), minimum=0, maximum=10)  # type: ignore[arg-type]
    read_answer(message, item, lexicons, language)
    read_command(message, lexicons, language)
    read_keyword(message, opt_out_type=None, opted_out=True, lexicons=lexicons)
    read_alarm(message, lexicons, language)


@at_ease
@given(labels=st.lists(st.sampled_from(LABELS), min_size=2, unique=True), data=st.data())
def test_number_letter_and_label_lead_back_to_the_option(
    labels: list[str], data: st.DataObject, lexicons: Lexicons
) -> None:
    """Of any question with any of these labels, in any order, single or several."""
    key = data.draw(st.integers(1, len(labels)))
    written = data.draw(st.sampled_from([str(key), f"#{key}", f"{key}.", chr(96 + key), labels[key - 1].upper()]))
    for kind in ("choice", "multi"):
        reading = read_answer(written, AnswerItem(kind, options(labels)), lexicons, "en")
        assert reading is not None
        assert reading.values == (key,)


@at_ease
@given(
    keys=st.sets(st.integers(1, 9), min_size=2), between=st.sampled_from([",", " ", ", ", " and ", " y ", "\n", "/"])
)
def test_lists_of_numbers_are_read_whole(keys: set[int], between: str, lexicons: Lexicons) -> None:
    """Any set of options, in any usual notation."""
    language = "es" if "y" in between else "en"
    reading = read_answer(
        between.join(map(str, sorted(keys))), AnswerItem("multi", options(LABELS)), lexicons, language
    )
    assert reading is not None
    assert reading.values == tuple(sorted(keys))


@at_ease
@given(number=st.integers(0, 10**6))
def test_counts_are_read_as_they_stand(number: int, lexicons: Lexicons) -> None:
    """Any whole number in digits."""
    reading = read_answer(str(number), AnswerItem("integer"), lexicons, "en")
    assert reading is not None
    assert reading.values == (number,)


@pytest.mark.parametrize("message", ["please stop " * 130, "no " * 500, "thank you " * 160, "ha" * 800, "1, " * 500])
def test_long_messages_take_no_time(message: str, lexicons: Lexicons) -> None:
    """The longest text that can arrive (1,600 characters), made of what could be read in many ways."""
    item = AnswerItem("multi", options(LABELS))
    started = time.process_time()
    read_keyword(message, opt_out_type=None, opted_out=False, lexicons=lexicons)
    read_alarm(message, lexicons, "en")
    read_command(message, lexicons, "en")
    read_answer(message, item, lexicons, "en")
    assert time.process_time() - started < 1


SAID = {"yes": True, "yeah": True, "yep": True, "yes please": True, "no": False, "nope": False, "no thanks": False}
SAID_IN_SPANISH = {"claro que sí": True, "sí, por favor": True, "no, gracias": False, "para nada": False}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@at_ease
@given(language=st.sampled_from(["en", "es"]), data=st.data(), strict=st.booleans())
def test_a_slip_of_one_letter_never_turns_an_answer(
    language: str, data: st.DataObject, strict: bool, lexicons: Lexicons
) -> None:
    """A yes or no with a letter wrong, missing or too many is itself or is asked; never the opposite."""
    said = SAID if language == "en" else SAID_IN_SPANISH
    word, side = data.draw(st.sampled_from(sorted(said.items())))
    at, letter = data.draw(st.integers(0, len(word) - 1)), data.draw(st.sampled_from(LETTERS))
    slips = [word[:at] + letter + word[at + 1 :], word[:at] + word[at + 1 :], word[:at] + letter + word[at:]]
    reading = read_answer(data.draw(st.sampled_from(slips)), AnswerItem("boolean", strict=strict), lexicons, language)
    assert reading is None or not reading.is_sure or reading.values == (side,)


@at_ease
@given(said=st.sampled_from(sorted({**SAID, **SAID_IN_SPANISH}.items())), ends=st.sampled_from(["", "!", " 🙏", "..."]))
def test_how_it_is_typed_changes_nothing(said: tuple[str, bool], ends: str, lexicons: Lexicons) -> None:
    """Capitals, marks and emoji around a yes or no."""
    word, side = said
    for typed in (word, word.upper(), word.title(), f"  {word}"):
        reading = read_answer(typed + ends, AnswerItem("boolean"), lexicons, "es" if word in SAID_IN_SPANISH else "en")
        assert reading is not None
        assert reading.values == (side,)


@at_ease
@given(message=messages, language=st.sampled_from(["en", "es"]))
def test_what_depends_is_no_answer(message: str, language: str, lexicons: Lexicons) -> None:
    """A message with an if or a maybe in it is never a plain yes or no."""
    doubt = "it depends" if language == "en" else "depende"
    reading = read_answer(f"{doubt}, {message}", AnswerItem("boolean"), lexicons, language)
    assert reading is None or not reading.is_sure


@at_ease
@given(message=messages, kind=st.sampled_from(["choice", "multi"]), language=st.sampled_from(["en", "es"]))
def test_no_option_that_was_not_shown(message: str, kind: str, language: str, lexicons: Lexicons) -> None:
    """Whatever is typed, what is read or offered is among the options."""
    reading = read_answer(message, AnswerItem(kind, options(LABELS)), lexicons, language)  # type: ignore[arg-type]
    for values in (*(reading.ambiguous if reading else ()), reading.values if reading else ()):
        assert all(isinstance(value, int) and 1 <= value <= len(LABELS) for value in values)
