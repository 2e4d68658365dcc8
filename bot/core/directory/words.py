"""The words by which the free text of a listing is read: data of ``listing_words.yml``, in plain lower case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class WordsError(ValueError):
    """The file of words cannot be used; the message says which list is missing or wrong."""


@dataclass(frozen=True)
class AreaWords:
    """``names`` are what people call a place, by the counties that it is, as ``Kings County NY``."""

    nationwide: frozenset[str]
    unlimited: frozenset[str]
    statewide: tuple[str, ...]
    around: tuple[str, ...]
    less: re.Pattern[str]
    partly: re.Pattern[str]
    names: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class CostWords:
    """What says that a thing is free, that it costs something, or that free is not for everybody."""

    free: re.Pattern[str]
    harmless: re.Pattern[str]
    costs: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True)
class AgeWords:
    """``written``: an age that stands alone; ``floor``, ``span``: ages in a sentence; ``others``: not for all alike."""

    written: re.Pattern[str]
    floor: re.Pattern[str]
    span: re.Pattern[str]
    others: re.Pattern[str]


@dataclass(frozen=True)
class ListingWords:
    """All of them."""

    areas: AreaWords
    cost: CostWords
    ages: AgeWords


def plain_words(text: str) -> str:
    """Lower case without accents, one space between words; digits and ``$ % + . , ; - /`` stay as they are."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    bare = re.sub(r"[\u2010-\u2015]", "-", bare)
    return " ".join(re.sub(r"[^a-z0-9$%+.,;/-]", " ", bare).split())


def read_words(table: Any) -> ListingWords:
    """The words as read from their file. Raises :class:`WordsError`."""
    try:
        areas, cost, ages = (table[part] for part in ("areas", "cost", "ages"))
        return ListingWords(
            AreaWords(
                frozenset(_plain(areas["nationwide"])),
                frozenset(_plain(areas["unlimited"])),
                _longest_first(areas["statewide"]),
                _longest_first(areas["around"]),
                _any_of(areas["less"]),
                _any_of(areas["partly"]),
                {plain_words(str(name)): tuple(map(str, counties)) for name, counties in areas["names"].items()},
            ),
            CostWords(*(_any_of(cost[part]) for part in ("free", "harmless", "costs", "unless"))),
            _age_words({part: _alternatives(words) for part, words in ages.items()}, ages["others"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise WordsError(f"a list of words is missing or is none: {error}") from None


def _age_words(parts: Mapping[str, str], others: Iterable[str]) -> AgeWords:
    years, older = rf"(?:[ -]?(?:{parts['years']})\b)?", rf" ?(?:{parts['and_older']})(?![a-z0-9])"
    number, end = r"(?<![$\d.,%+-])(\d{1,2})", r"(?![\d%]| ?(?:percent|days|hours|minutes|miles|weeks))"
    to = rf" ?(?:{parts['to']}) ?"
    written = rf"(?P<low>\d{{1,3}})(?:\.\d+)?(?:{to}(?P<high>\d{{1,3}}))?"
    unit = rf"(?: ?(?:(?:{parts['years']})|(?P<months>{parts['months']})))?"
    floor = (
        rf"\b(?:{parts['at_least']}) (?:(?:{parts['age']}) )?{number}{years}(?=(?: only)?$)|{number}{years}{older}{end}"
    )
    pair = rf"{number}{to}(\d{{1,2}})"
    span = rf"\b(?:{parts['age']}) {pair}{years}{end}|{pair}[ -]?(?:{parts['years']})\b"
    return AgeWords(
        re.compile(rf"(?:{parts['age']})? ?{written}{unit}(?:{older})?\.?"),
        re.compile(floor),
        re.compile(span),
        _any_of(others),
    )


def _plain(words: Iterable[str]) -> Iterable[str]:
    return (plain_words(str(word)) for word in words)


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(_plain(words), key=len, reverse=True))


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in _longest_first(words))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, whole."""
    return re.compile(rf"(?<![a-z0-9])(?:{_alternatives(words)})(?![a-z0-9])")
