"""Counts and amounts: ``two``, ``3 times``, ``1 hour`` where minutes are asked for, ``2 or 3`` (asked)."""

from __future__ import annotations

import re

from bot.core import text
from bot.core.answer_item import OUT_OF_RANGE, AnswerItem, AnswerReading, sure, unclear
from bot.core.counted import after_so, is_counted_here, read_counted, read_none, read_said, unit_of
from bot.core.lexicon import Lexicon
from bot.core.numbers import cardinal, digits_value, is_signed

# Where an item has no limit of its own: what is longer is somebody's phone number.
_MOST = 10**6
# "3?", "10+"
_OPEN_ENDED = frozenset("?+")
_JOINED = re.compile(r"(\d{1,4})([a-z]+)")
_PAUSES = frozenset(".,;:)-")


def read_amount(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """The number that a reply gives for an integer, decimal or quantity item; ``None`` when it gives none."""
    found = [part for token in found for part in _apart(token, item, lexicon)]
    words = text.spoken(found)
    if not words or "$" in found or "%" in found:
        return None
    if is_signed(found):
        return OUT_OF_RANGE
    reading = (
        _whole(lexicon.spell(words), item, lexicon)
        or _two(found, item, lexicon)
        or _reasoned(found, item, lexicon)
        or _in_a_sentence(found, item, lexicon)
    )
    if reading and reading.is_sure and _OPEN_ENDED.intersection(found):
        return unclear(reading.values)
    return reading


def _apart(token: str, item: AnswerItem, lexicon: Lexicon) -> tuple[str, ...]:
    """A number and its unit, when they are written as one: ``3x``, ``5days``."""
    joined = _JOINED.fullmatch(token)
    if joined and lexicon.table("units").get(unit_of(item), {}).get(joined[2]):
        return joined[1], joined[2]
    return (token,)


def _whole(spelt: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """One number with its unit, politeness aside; a hedged one is asked about."""
    for core in lexicon.cores(spelt, front="answers.before", end="answers.after"):
        if lexicon.whole("answers.zero", core):
            return _checked(0, item)
        vague = lexicon.table("numbers.vague").get(" ".join(core))
        if vague:
            return unclear(*((value,) for value in vague))
        value = _value(core, item, lexicon)
        if value is not None:
            return _checked(value, item)
    return _hedged(spelt, item, lexicon)


def _hedged(spelt: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``about 5`` is five; ``3 or more`` is asked about."""
    for around, certain in (("answers.about", True), ("answers.approximate", False)):
        for core in lexicon.cores(spelt, front=around, end=around):
            value = _value(core, item, lexicon) if core != spelt else None
            if value is not None:
                reading = _checked(value, item)
                return reading if certain or not reading.is_sure else unclear(reading.values)
    return None


def _in_a_sentence(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``once a month so 12``, ``a couple, 2``, ``i dont exercise``, ``i been 5 times``: where the question is known."""
    if not item.about.words:
        return None
    last = after_so(found, lexicon)
    reading = (_whole(last, item, lexicon) if last else None) or _vague_and_sure(found, item, lexicon)
    if reading is not None:
        return reading
    if read_none(found, item, lexicon):
        return _checked(0, item)
    value = read_counted(found, item, lexicon)
    return None if value is None else _checked(value, item)


def _vague_and_sure(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``a couple times, 2``: a number that is one of those the vague words may mean."""
    parts = [lexicon.spell(part) for part in text.clauses(found, at_commas=True)]
    readings = [reading for part in parts if (reading := _whole(part, item, lexicon)) is not None]
    certain = {reading.values for reading in readings if reading.is_sure}
    if len(parts) < 2 or len(readings) < len(parts) or len(certain) != 1:
        return None
    value = certain.pop()
    agrees = all(value in (reading.values, *reading.ambiguous) for reading in readings)
    return sure(*value) if agrees else None


def _value(found: list[str], item: AnswerItem, lexicon: Lexicon) -> float | None:
    """A number and, perhaps, a unit that the item is counted in."""
    times = lexicon.table("numbers.times").get(" ".join(found))
    if times is not None and unit_of(item) in ("count", "weekly"):
        return float(times)
    said = read_said(found, item, lexicon)
    value = cardinal(found, lexicon) if said is None else said
    if value is not None:
        return value
    factor = lexicon.table("units").get(unit_of(item), {}).get(found[-1]) if len(found) > 1 else None
    factor = factor if factor and is_counted_here(found[-1], item, lexicon) else None
    value = cardinal(found[:-1], lexicon) if factor else None
    return None if value is None or not factor else value * factor


def _checked(value: float, item: AnswerItem) -> AnswerReading:
    """The value as the item's kind of number, if it lies within the item's limits."""
    if item.kind == "integer" and value != int(value):
        return OUT_OF_RANGE
    below = item.minimum is not None and value < item.minimum
    above = value > (_MOST if item.maximum is None else item.maximum)
    if below or above:
        return OUT_OF_RANGE
    return sure(int(value) if value == int(value) else value)


def _two(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``2-3``, ``two or three times``: both, asked."""
    cuts = lexicon.words("answers.or")
    tokens = [token for token in found if token not in {"#", "(", ")"}]
    for at, token in enumerate(tokens):
        if token in {"-", "/"} or token in cuts or lexicon.whole("answers.range", lexicon.spell([token])):
            values = [_end(part, item, lexicon) for part in (tokens[:at], tokens[at + 1 :])]
            readings = [_checked(value, item) for value in values if value is not None]
            fits = [reading.values for reading in readings if reading.is_sure]
            return unclear(*fits) if len(fits) == 2 else None
    return None


def _end(part: list[str], item: AnswerItem, lexicon: Lexicon) -> float | None:
    """The number on one side of an "or"."""
    spelt = lexicon.spell(text.spoken(part))
    for core in lexicon.cores(spelt, front="answers.before", end="answers.after") if spelt else ():
        value = _value(core, item, lexicon)
        if value is None:
            value = next((_value(inner, item, lexicon) for inner in _unhedged(core, lexicon)), None)
        if value is not None:
            return value
    return None


def _unhedged(core: list[str], lexicon: Lexicon) -> list[list[str]]:
    """``core`` without a hedge before it, if there is one."""
    end = lexicon.rule("answers.approximate").longest(core)
    return [core[end:]] if 0 < end < len(core) else []


def _reasoned(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """``3, I was sick``: a number, a pause and words without another number."""
    value = digits_value(found[0])
    if value is None or len(found) < 3 or found[1] not in _PAUSES:
        return None
    values = lexicon.table("numbers.values")
    if any(token[0].isdigit() or token in values for token in found[1:]):
        return None
    return _checked(value, item)
