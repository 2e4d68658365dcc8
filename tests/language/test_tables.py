"""The tables of cases, read as a live turn reads them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.answers import AnswerItem, AnswerReading, Option, read_answer
from bot.core.asking import read_question
from bot.core.commands import read_command
from bot.core.keywords import read_keyword
from bot.core.lexicon import Lexicon
from bot.core.safety import read_alarm
from tests.language.conftest import table

Lexicons = dict[str, Lexicon]

OPT_OUT = table("opt_out")
ALARMS = table("alarms")
QUESTIONS = table("answers")
COMMANDS = table("commands")


def is_stop(reply: str, lexicons: Lexicons) -> bool:
    """The reply is read as an opt-out."""
    keyword = read_keyword(reply, opt_out_type=None, opted_out=False, lexicons=lexicons)
    return keyword is not None and keyword.kind == "stop"


@pytest.mark.parametrize("reply", OPT_OUT["stops"])
def test_demands_to_stop_are_heard(reply: str, lexicons: Lexicons) -> None:
    """However it is worded, a demand to stop is one."""
    assert is_stop(reply, lexicons)


@pytest.mark.parametrize("reply", OPT_OUT["does_not"])
def test_other_stops_are_left_alone(reply: str, lexicons: Lexicons) -> None:
    """Bus stops, cancelled rides and the end of the month are no opt-outs."""
    assert not is_stop(reply, lexicons)


@pytest.mark.parametrize(
    ("kind", "reply"), [(kind, reply) for kind in ALARMS if kind != "no_alarm" for reply in ALARMS[kind]]
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_danger_is_noticed(kind: str, reply: str, language: str, lexicons: Lexicons) -> None:
    """Every wording raises its alarm, whatever language the thread is in."""
    alarm = read_alarm(reply, lexicons, language)
    assert alarm is not None
    assert f"{alarm.kind}_{'certain' if alarm.certain else 'doubtful'}" == kind


@pytest.mark.parametrize("reply", ALARMS["no_alarm"])
def test_hyperbole_and_old_stories_raise_no_alarm(reply: str, lexicons: Lexicons) -> None:
    """Figures of speech, denials and plain answers are no alarms."""
    assert read_alarm(reply, lexicons, "en") is None


def answer_item(question: dict[str, Any], lexicons: Lexicons) -> AnswerItem:
    """The item of a table. What its own words tell counts where the table gives them, under ``asks``."""
    about = read_question(question.get("asks", ""), lexicons[question.get("language", "en")])
    labels = enumerate(question.get("options", []), 1)
    options = tuple(Option(key, label, (), key == question.get("exclusive")) for key, label in labels)
    return AnswerItem(
        question["kind"],
        options,
        question.get("minimum"),
        question.get("maximum"),
        question.get("unit", "count"),
        question.get("strict", False),
        about,
    )


def shown(reading: AnswerReading | None) -> Any:
    """A reading as the table writes it."""
    if reading is None or reading.problem:
        return None if reading is None else reading.problem
    ambiguous = [list(values) if len(values) > 1 else values[0] for values in reading.ambiguous]
    return {"ask": ambiguous} if ambiguous else list(reading.values)


@pytest.mark.parametrize(
    ("question", "reply", "want"),
    [(q, reply, want) for q in QUESTIONS for reply, want in q["replies"].items()],
    ids=[f"{q['question']} {reply!r}" for q in QUESTIONS for reply in q["replies"]],
)
def test_answers_are_read(question: dict[str, Any], reply: str, want: Any, lexicons: Lexicons) -> None:
    """Each reply is read as the table says."""
    reading = read_answer(reply, answer_item(question, lexicons), lexicons, question.get("language", "en"))
    certain = want is not None and want != "out_of_range" and not isinstance(want, dict | list)
    assert shown(reading) == ([want] if certain else want)


@pytest.mark.parametrize(
    ("language", "intent", "reply"),
    [(language, intent, r) for language, rows in COMMANDS.items() for intent, replies in rows.items() for r in replies],
)
def test_commands_are_read(language: str, intent: str, reply: str, lexicons: Lexicons) -> None:
    """Each message is the command that the table says, or none."""
    command = read_command(reply, lexicons, language)
    said = "none" if command is None else " ".join(filter(None, (command.intent, command.value)))
    assert said == intent
