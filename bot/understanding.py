"""How the bot reads a message, in the names of ``bot understand``: the readers of a live turn, in a live turn's order.

Keywords, danger, what code can read against the open question, and the NLU for the rest. Nothing is decided here
that a turn decides otherwise: :mod:`bot.turn` calls the same readers, and ``/parse`` answers with the intent that a
turn would have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.asked import Asked
from bot.content import Content
from bot.core.answering import guess_language
from bot.core.commands import named_value
from bot.core.dialog import Guess, JsonObject, Reading
from bot.core.instrument import Item, Option
from bot.core.keywords import Keyword, read_keyword
from bot.core.safety import Alarm
from bot.core.second_opinion import doubts_stop, hear_alarm
from bot.reading import read_words

Parse = Callable[[Sequence[str]], list[Guess]]

DEFAULT_LANGUAGE = "en"
DOUBTFUL = 0.5
QUESTION_TYPES = {"boolean": 0, "choice": 2, "multi": 2, "integer": 0, "decimal": 0, "date": 0}

KEYWORDS = {"stop": "opt_out", "start": "opt_in", "help": "help"}
ALARMS: Mapping[str, tuple[str, str | None]] = {
    "crisis": ("crisis", None),
    "danger": ("danger", None),
    "abuse_report": ("danger", None),
    "emergency": ("emergency", None),
    "no_food": ("need", "food"),
    "no_shelter": ("need", "housing"),
    "shut_off": ("need", "utilities"),
}
# What is called otherwise to people than in the Rasa project. What stands here not at all is not understood.
INTENTS = {
    "skip": "skip",
    "decline": "declined",
    "unsure": "unsure",
    "repeat": "repeat",
    "ask_meaning": "repeat",
    "go_back": "back",
    "correct": "back",
    "later": "later",
    "resume": "greeting",
    "greet": "greeting",
    "ask_why": "why",
    "ask_how_long": "why",
    "ask_who": "who",
    "ask_privacy": "privacy",
    "ask_cost": "cost",
    "ask_person": "human",
    "wrong_person": "wrong_person",
    "maybe_wrong_person": "wrong_person",
    "change_language": "language",
    "thanks": "thanks",
    "small_talk": "out_of_scope",
    "out_of_scope": "out_of_scope",
    "insult": "out_of_scope",
    "answering_for_other": "wrong_person",
    "state_need": "need",
    "report_status": "status",
    "report_change": "status",
}
# Somebody else may be answering: it is looked into, and nobody is cut off.
ASKED_ABOUT = frozenset({"maybe_wrong_person", "answering_for_other"})
WITH_VALUE = frozenset({"change_language", "state_need", "report_status"})
SIDES = {"affirm": True, "deny": False}


class BadLine(ValueError):
    """A line that asks for no reading; the message says what is wrong and holds nothing of the text."""


@dataclass(frozen=True)
class Line:
    """One reply and what it meets."""

    text: str
    asked: Asked


@dataclass(frozen=True)
class Understood:
    """One reading, as ``bot understand`` prints it."""

    reading: str
    value: Any
    by: Literal["code", "nlu"]
    confidence: float

    def to_json(self) -> JsonObject:
        """``{reading, value, by, confidence}``."""
        return {"reading": self.reading, "value": self.value, "by": self.by, "confidence": round(self.confidence, 3)}


def read_line(content: Content, body: Any) -> Line:
    """A line of ``bot understand``: ``{text, lang, question}``. Raises :class:`BadLine`.

    Without a language that the bot speaks, it is guessed from the words, as of somebody nobody knows yet.
    """
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise BadLine("not an object with a text")
    language = body.get("lang") or ""
    if not isinstance(language, str):
        raise BadLine("lang must be a language, such as en")
    if language not in content.lexicons:
        language = guess_language(body["text"], content.telltales) or DEFAULT_LANGUAGE
    return Line(body["text"], Asked(language, _item(content, body.get("question"), language)))


def understand(content: Content, lines: Sequence[Line], parse: Parse) -> list[Understood]:
    """How each line is read, in order. ``parse`` is asked once, for those that code cannot read."""
    by_code = [understand_by_code(content, line) for line in lines]
    left = [line for line, found in zip(lines, by_code, strict=True) if found is None]
    guesses = iter(parse([line.text for line in left]) if left else [])
    return [
        found if found is not None else _by_nlu(content, line, next(guesses))
        for line, found in zip(lines, by_code, strict=True)
    ]


def understand_by_code(content: Content, line: Line) -> Understood | None:
    """What code alone makes of a line; None when the NLU has to be asked."""
    keyword = read_keyword(line.text, opt_out_type=None, opted_out=False, lexicons=content.lexicons)
    # A demand to stop is looked through by the rules alone: a doubt must not hold it up.
    opinion = content.second_opinion if keyword is None else None
    alarm = hear_alarm(line.text, content.lexicons, line.asked.language, line.asked.labels, opinion)
    first = _first(keyword, alarm)
    if first is not None:
        return first
    if doubts_stop(line.text, content.lexicons, line.asked.labels, opinion):
        return Understood("opt_out", None, "code", DOUBTFUL)
    if not line.text.strip():
        return Understood("not_understood", None, "code", 1.0)
    reading = read_words(content, line.text, line.asked)
    return None if reading is None else _by_code(line, reading)


def _first(keyword: Keyword | None, alarm: Alarm | None) -> Understood | None:
    """Keywords come first, but a demand to stop beside a cry for help gets both: the cry is what is named."""
    if keyword is not None and (keyword.kind != "stop" or alarm is None or alarm.urgency != "now"):
        return Understood(KEYWORDS[keyword.kind], None, "code", 1.0)
    if alarm is None:
        return None
    reading, value = ALARMS[alarm.kind]
    return Understood(reading, value, "code", 1.0 if alarm.certain else DOUBTFUL)


def _by_code(line: Line, reading: Reading) -> Understood:
    if reading.intent == "give_answer":
        read = reading.value is not None
        return Understood("answer" if read else "not_understood", _plain(reading.value), "code", 1.0 if read else 0.0)
    if reading.intent in SIDES:
        return _side(line, reading.intent, "code", 1.0)
    sure = DOUBTFUL if reading.intent in ASKED_ABOUT else 1.0
    return Understood(INTENTS[reading.intent], _value(reading.intent, reading.value), "code", sure)


def _by_nlu(content: Content, line: Line, guess: Guess) -> Understood:
    if guess.intent in SIDES:
        return _side(line, guess.intent, "nlu", guess.confidence)
    name = INTENTS.get(guess.intent)
    if name is None:
        return Understood("not_understood", None, "nlu", guess.confidence)
    named = None
    if guess.intent in WITH_VALUE:
        named = named_value(line.text, guess.intent, content.lexicons, line.asked.language)
    return Understood(name, _value(guess.intent, named), "nlu", guess.confidence)


def _side(line: Line, intent: str, by: Literal["code", "nlu"], confidence: float) -> Understood:
    """A yes or no that is no reading of the open question is asked again; with nothing open it is what was said."""
    if line.asked.item is not None:
        return Understood("not_understood", None, by, confidence)
    return Understood("answer", SIDES[intent], by, confidence)


def _value(intent: str, value: Any) -> Any:
    if intent == "ask_how_long":
        return "how_long"
    return value if intent in WITH_VALUE else None


def _plain(value: Any) -> Any:
    """The words of a free answer; other values as they are."""
    return value["text"] if isinstance(value, Mapping) else value


def _item(content: Content, question: Any, language: str) -> Item | None:
    if question is None:
        return None
    if isinstance(question, str):
        return _known(content, question)
    if not isinstance(question, dict) or question.get("type") not in QUESTION_TYPES:
        raise BadLine(f"question must be a LOINC code, null, or of type {', '.join(QUESTION_TYPES)}")
    labels = question.get("options") or []
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise BadLine("options must be a list of labels")
    if len(labels) < QUESTION_TYPES[question["type"]]:
        raise BadLine("a question to choose from needs two options or more")
    options = tuple(Option(str(number), "", {language: label}) for number, label in enumerate(labels, 1))
    wording = {language: str(question.get("text") or "")}
    return Item("asked", None, question["type"], wording, "", options=options)


def _known(content: Content, code: str) -> Item:
    """The item with this code in any instrument that is loaded."""
    for instrument in content.instruments.values():
        for item in instrument.items:
            if item.code == code:
                return item
    raise BadLine("no loaded instrument has a question with this code")
