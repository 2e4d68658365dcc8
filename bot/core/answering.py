"""Reads replies against the items of an instrument: the bridge between questionnaires and the answer reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.core import instrument
from bot.core import text as texts
from bot.core.answer_item import AnswerItem, AnswerKind, AnswerReading, Option, Values
from bot.core.answers import read_answer
from bot.core.asking import read_question
from bot.core.instrument import Item, worded
from bot.core.lexicon import Lexicon
from bot.core.number_options import amounts, nearest
from bot.core.situations import read_situation, reconciled

Lexicons = Mapping[str, Lexicon]
Phrases = Mapping[str, Mapping[str, tuple[str, ...]]]

_MOST_OFFERED = 3

KINDS: Mapping[str, AnswerKind] = {
    "choice": "choice",
    "multi": "multi",
    "boolean": "boolean",
    "integer": "integer",
    "decimal": "decimal",
    "quantity": "quantity",
    "string": "string",
    "text": "string",
    "date": "date",
}


@dataclass(frozen=True)
class Answered:
    """A reply to an item. ``value`` as :class:`bot.core.screening.Progress` keeps it; None: it must be asked again.

    ``maybe`` holds what an unclear reply may mean, at most three values in the same form, to be offered: one alone
    is to be confirmed ("Do you mean …?"). Empty when nothing can be offered, and always for private items.
    """

    value: Any = None
    maybe: tuple[Any, ...] = ()


def read_reply(reply: str, item: Item, lexicons: Lexicons, language: str) -> Answered | None:
    """What ``reply`` answers to ``item``. None when it is no answer at all, as far as code can tell."""
    if amounts(item) is not None:
        amount = _read_amount(reply, item, lexicons, language)
        if amount is not None:
            return amount
    copied = _copied(reply, item)
    if copied is not None:
        return Answered([copied] if item.kind == "multi" else copied)
    reading = read_answer(reply, _answer_item(item, lexicons[language]), lexicons, language)
    reading = reconciled(reading, read_situation(reply, item, lexicons, language))
    if reading is None:
        return Answered({"text": reply.strip()}) if item.open else None
    if reading.is_sure:
        return Answered(_value(item, reading.values))
    return Answered(maybe=_offered(item, reading))


def read_privacy(
    reply: str, phrases: Mapping[str, Mapping[str, tuple[str, ...]]], lexicons: Lexicons, language: str
) -> bool | None:
    """Whether the person is alone: a plain yes or no, or one of ``phrases`` (by language, under yes and no).

    None for anything else, "ok" and a thumb among them: those may only mean that the message was seen.
    """
    said = " ".join(texts.words(reply))
    for sides in phrases.values():
        for side, wordings in sides.items():
            if said in wordings:
                return side == "alone"
    reading = read_answer(reply, AnswerItem("boolean", strict=True), lexicons, language)
    return bool(reading.values[0]) if reading is not None and reading.is_sure else None


def read_choice_number(reply: str, most: int, lexicons: Lexicons, language: str) -> int | None:
    """The number from 1 to ``most`` that ``reply`` names, for menus; None when it names none for certain."""
    options = tuple(Option(number, str(number)) for number in range(1, most + 1))
    reading = read_answer(reply, AnswerItem("choice", options, strict=True), lexicons, language)
    return int(reading.values[0]) if reading is not None and reading.is_sure else None


def guess_language(message: str, telltales: Mapping[str, frozenset[str]]) -> str | None:
    """The language whose telltale words stand in ``message`` alone, or more than twice as often as another's.

    None when there are none, or when it may be either.
    """
    found = texts.tokens(message)
    counts = {language: sum(token in words for token in found) for language, words in telltales.items()}
    shown = [language for language, count in counts.items() if count]
    return next(
        (each for each in shown if all(counts[each] > 2 * counts[other] for other in shown if other != each)), None
    )


def _copied(reply: str, item: Item) -> int | None:
    """The option whose whole label is the reply, with or without its number before it; None unless it is just one."""
    said = tuple(texts.words(reply))
    found = {
        number
        for number, option in enumerate(item.options, start=1)
        for label in map(_label_words, option.label.values())
        if label and not label[0].isdecimal() and said in (label, (str(number), *label))
    }
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _label_words(label: str) -> tuple[str, ...]:
    return tuple(texts.words(label))


def _read_amount(reply: str, item: Item, lexicons: Lexicons, language: str) -> Answered | None:
    """An amount among options that are amounts; None for a reply that names none."""
    reading = read_answer(reply, AnswerItem("decimal", unit=item.unit, minimum=0), lexicons, language)
    if reading is None or reading.ambiguous:
        return None
    if not reading.values or not isinstance(reading.values[0], int | float):
        return Answered()
    found = nearest(item, float(reading.values[0]))
    return Answered(found[0]) if len(found) == 1 else Answered(maybe=found)


def _answer_item(item: Item, lexicon: Lexicon) -> AnswerItem:
    language = lexicon.language
    options = tuple(_option(key, option, language) for key, option in enumerate(item.options, 1))
    if item.kind == "boolean" and not options:
        options = (Option(1, "1"), Option(2, "2"))
    strict = item.private or any(option.alarm for option in item.options)
    about = read_question(worded(item.text, language), lexicon)
    return AnswerItem(KINDS[item.kind], options, item.minimum, item.maximum, item.unit, strict, about)


def _option(key: int, option: instrument.Option, language: str) -> Option:
    others = tuple(wording for name, wording in option.label.items() if name != language)
    return Option(key, worded(option.label, language), others, option.exclusive, option.no_answer)


def _offered(item: Item, reading: AnswerReading) -> tuple[Any, ...]:
    """What an unclear reading may mean, few enough to choose from in a text message."""
    if item.private or len(reading.ambiguous) > _MOST_OFFERED:
        return ()
    return tuple(_value(item, values) for values in reading.ambiguous)


def _value(item: Item, values: Values) -> Any:
    if item.kind == "multi":
        return sorted(int(value) for value in values)
    value = values[0]
    return {"text": value} if item.kind in ("string", "text") else value
