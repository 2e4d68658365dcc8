"""Dates in full: ``5/12/1980``, ``May 12 1980``, ``12 de mayo de 1980``, ``1980-05-12``. Read into ISO form."""

from __future__ import annotations

from datetime import date

from bot.core.answer_item import AnswerReading, sure, unclear
from bot.core.lexicon import Lexicon
from bot.core.numbers import cardinal, ordinal

_SMALL = frozenset({"de", "del", "of", "the", "el", "/", "-", ".", ","})


def read_date(found: list[str], lexicon: Lexicon) -> AnswerReading | None:
    """The date that the whole reply is; asked when day and month, or the century, may be meant either way."""
    parts = [part for token in found if token not in _SMALL for part in _split(token)]
    if len(parts) != 3:
        return None
    months = [lexicon.table("dates.months").get(part) for part in parts]
    named = [at for at, month in enumerate(months) if month is not None]
    numbers = [_number(part, lexicon) for part in parts]
    if len(named) == 1 and named[0] < 2:
        day, year = (numbers[at] for at in range(3) if at != named[0])
        return _dated([(year, months[named[0]], day)], parts[2])
    if named or not all(part.isdecimal() for part in parts):
        return None
    return _numeric(numbers, parts, lexicon)


def _split(token: str) -> list[str]:
    """``12.05`` as two parts: it is a date here, not a fraction."""
    return token.split(".")


def _number(part: str, lexicon: Lexicon) -> int | None:
    """A day or year in digits, words or as an ordinal."""
    value = cardinal([part], lexicon)
    value = ordinal([part], lexicon) if value is None else value
    return int(value) if value is not None else None


def _numeric(numbers: list[int | None], parts: list[str], lexicon: Lexicon) -> AnswerReading | None:
    """Three numbers. In English the month comes first; in Spanish either may, so both are offered."""
    first, second, third = numbers
    if len(parts[0]) == 4:
        return _dated([(first, second, third)], parts[0])
    orders = [(third, first, second)]
    if lexicon.language != "en" or first is None or first > 12:
        orders.append((third, second, first))
    return _dated(orders, parts[2])


def _dated(orders: list[tuple[int | None, int | None, int | None]], year_text: str) -> AnswerReading | None:
    """The dates that exist among the orders; a year of two digits may lie in either century."""
    if len(year_text) not in {2, 4}:
        return None
    found: list[str] = []
    for year, month, day in orders:
        for century in (0,) if len(year_text) == 4 else (1900, 2000):
            try:
                found.append(date(century + (year or 0), month or 0, day or 0).isoformat())
            except ValueError:
                continue
    found = list(dict.fromkeys(found))
    if not found:
        return None
    return sure(found[0]) if len(found) == 1 else unclear(*((iso,) for iso in found))
