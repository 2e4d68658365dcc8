"""Words for how often, how much or how hard, against the options of a scale: "all the time", "hardly ever".

The lexicon gives every word of a scale a level from 0 to 100, the labels of options among them. A reply is the
option whose level is nearest, if no other is nearly as near.
"""

from __future__ import annotations

from functools import lru_cache

from bot.core import text
from bot.core.answer_item import AnswerItem, AnswerReading, Option, sure, unclear
from bot.core.lexicon import Lexicon

_NEAR = 12
_APART = 8
_FEWEST = 3
_LONGEST = 14


def read_scale(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """The option that a wording of degree means; ``None`` for strict items and for options that are no scale."""
    if item.strict or len(item.options) < _FEWEST or len(found) > _LONGEST or "?" in found:
        return None
    for name in lexicon.scales:
        levels = _levels(item.options, name, lexicon)
        said = _said(found, name, lexicon) if levels else None
        if said is not None:
            return _nearest(said, levels)
    return None


def is_scale(options: tuple[Option, ...], lexicon: Lexicon) -> bool:
    """Every option is a wording of degree, on one scale."""
    return len(options) >= _FEWEST and any(_levels(options, name, lexicon) for name in lexicon.scales)


@lru_cache(maxsize=512)
def _levels(options: tuple[Option, ...], name: str, lexicon: Lexicon) -> dict[int, int]:
    """The level of each option by its number; nothing when one of them is no word of the scale."""
    levels = {}
    for option in options:
        level = _level(lexicon.spell(text.words(option.label.partition("(")[0])), name, lexicon)
        if level is None:
            return {}
        levels[option.key] = level
    return levels


def _level(spelt: list[str], name: str, lexicon: Lexicon) -> int | None:
    """The level of a wording that says nothing else, politeness and hedges aside."""
    cores = lexicon.cores(spelt, front="answers.before", end="answers.after")
    level = next((found for core in cores if (found := lexicon.scales[name].whole(core))), None)
    if level is None:
        hedged = lexicon.cores(spelt, front="answers.approximate", end="answers.yes_no_fillers")
        level = next((found for core in hedged if (found := lexicon.scales[name].whole(core))), None)
    return None if level is None else int(level)


def _said(found: list[str], name: str, lexicon: Lexicon) -> int | None:
    """The one level that the message names, in one clause of it or in all of it."""
    whole = _level(lexicon.spell(text.spoken(found)), name, lexicon)
    if whole is not None:
        return whole
    parts = [lexicon.spell(part) for part in text.clauses(found, at_commas=True)]
    levels = [_level(part, name, lexicon) for part in parts]
    others = [word for part, level in zip(parts, levels, strict=True) if level is None for word in part]
    heads = ("answers.contrast", "answers.negation", "answers.or")
    if any(lexicon.words(place).intersection(others) for place in heads):
        return None
    named = {level for level in levels if level is not None}
    return named.pop() if len(named) == 1 else None


def _nearest(said: int, levels: dict[int, int]) -> AnswerReading:
    """The option nearest to the level; the two nearest, to be asked, when it lies between them."""
    level = min(max(said, min(levels.values())), max(levels.values()))
    first, second, *_ = sorted(levels, key=lambda key: abs(levels[key] - level))
    near, next_near = abs(levels[first] - level), abs(levels[second] - level)
    if near <= _NEAR and next_near - near >= _APART:
        return sure(first)
    return unclear((first,), (second,))
