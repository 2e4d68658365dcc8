"""Days of the calendar in what says when: ``12/24``, ``the 26th``, ``march 5``, ``el 24``, and those left unread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.core.lexicon import Lexicon
from bot.core.numbers import cardinal, ordinal

Found = tuple[int, dict[str, Any]]

_LONGEST_PHRASE = 5
_LAST_DAY, _LAST_MONTH = 31, 12


def phrase(found: Sequence[str], at: int, table: Mapping[str, int]) -> tuple[int, int] | None:
    """How many words at ``at`` stand in ``table``, the longest phrase first, and their value."""
    for size in range(min(_LONGEST_PHRASE, len(found) - at), 0, -1):
        value = table.get(" ".join(found[at : at + size]))
        if value is not None:
            return size, value
    return None


def calendar_day(found: Sequence[str], at: int, lexicon: Lexicon) -> Found | None:
    """A date in figures or with its month, or the day of the month behind words such as "on the": how many tokens."""
    lead = _lead(found, at, lexicon)
    start = at + lead
    figures = _in_figures(found, start, lexicon, led=lead > 0)
    if figures is not None:
        return lead + figures[0], figures[1]
    day = month_day(found, start, lexicon) if start < len(found) else None
    if day is not None:
        return lead + day[0], day[1]
    number = _day_alone(found, start, lexicon) if lead else None
    return None if number is None else (lead + 1, {"month_day": (None, number)})


def month_day(found: Sequence[str], at: int, lexicon: Lexicon) -> Found | None:
    """``march 5``, ``5 de marzo``, ``5th``."""
    months = lexicon.table("dates.months")
    here = [word for word in found[at : at + 3] if word not in lexicon.words("times.of")]
    size = 3 if len(here) == 2 and len(found[at : at + 3]) == 3 else 2
    if len(here) >= 2:
        for month, day in ((here[0], here[1]), (here[1], here[0])):
            number = _day_number(day, lexicon)
            if month in months and number:
                return size, {"month_day": (months[month], number)}
    number = _as_day(ordinal([found[at]], lexicon)) if found[at][0].isdigit() else None
    return (1, {"month_day": (None, number)}) if number else None


def names_unread_day(found: Sequence[str], left: Iterable[int], lexicon: Lexicon) -> bool:
    """Whether one of the words ``left`` over (by their place) names a day: a month, a holiday, figures."""
    holidays = dict.fromkeys(lexicon.words("times.unknown_days"), 1)
    return any(_is_unread(found, at, lexicon) or phrase(found, at, holidays) for at in left)


def _is_unread(found: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    word, before = found[at], found[at - 1 : at]
    if word in lexicon.table("dates.months"):
        sure = word not in lexicon.words("times.not_months") or "".join(found[at + 1 : at + 2])[:1].isdigit()
        return sure or bool({*lexicon.words("times.in"), *lexicon.table("times.at")}.intersection(before))
    if word == "/":
        return all(each.isdigit() for each in (*before, *found[at + 1 : at + 2]))
    return word[0].isdigit() and (ordinal([word], lexicon) or 0) > _LAST_DAY


def _lead(found: Sequence[str], at: int, lexicon: Lexicon) -> int:
    """How many words at ``at`` lead to a day of the month ("on the", "el día")."""
    return next((size for size in (3, 2, 1) if " ".join(found[at : at + size]) in lexicon.words("times.on")), 0)


def _in_figures(found: Sequence[str], at: int, lexicon: Lexicon, *, led: bool) -> Found | None:
    """``12/24``, ``12/24/2026``; behind "on" also ``12-24`` and ``12.24``, which elsewhere are hours or a fraction."""
    parts = list(found[at : at + 1]) if led else []
    if parts and "." in parts[0]:
        return _either_way(parts[0].split("."), 1, lexicon)
    mark = "".join(found[at + 1 : at + 2])
    numbers = [found[at], *found[at + 2 : at + 3]] if at < len(found) and mark in ("/", "-") else []
    units = lexicon.table("times.units").keys()
    if len(numbers) < 2 or (mark == "-" and not led) or units & set(found[at + 3 : at + 5]):
        return None
    if list(found[at + 3 : at + 4]) == [mark] and len(found) > at + 4:
        return _either_way([*numbers, found[at + 4]], 5, lexicon)
    return _either_way(numbers, 3, lexicon)


def _either_way(numbers: list[str], size: int, lexicon: Lexicon) -> Found | None:
    """The month comes first in English; in Spanish as it is written in the United States, either may."""
    if not all(number.isdecimal() for number in numbers):
        return None
    first, second = int(numbers[0]), int(numbers[1])
    year = int(numbers[2]) if len(numbers) > 2 else None
    orders = [(first, second)] if first <= _LAST_MONTH else [(second, first)]
    if lexicon.language != "en" and first <= _LAST_MONTH and second <= _LAST_MONTH:
        orders.append((second, first))
    dates = tuple((month, day, year) for month, day in orders if month <= _LAST_MONTH and day <= _LAST_DAY)
    return size, {"dates": dates} if dates else {"unread": True}


def _day_alone(found: Sequence[str], at: int, lexicon: Lexicon) -> int | None:
    """The number that a day of the month is; an ordinal in words ("the first") only where nothing else follows it."""
    if at >= len(found) or found[at + 1 : at + 2] in ([":"], ["/"]):
        return None
    after = " ".join(found[at + 1 : at + 2])
    if after in lexicon.table("times.units"):
        return None
    number = _as_day(cardinal([found[at]], lexicon))
    ends = not after or phrase(found, at + 1, lexicon.table("times.at")) or after in lexicon.table("times.parts")
    return number or (_as_day(ordinal([found[at]], lexicon)) if ends else None)


def _day_number(word: str, lexicon: Lexicon) -> int | None:
    value = cardinal([word], lexicon)
    return _as_day(ordinal([word], lexicon) if value is None else value)


def _as_day(value: float | None) -> int | None:
    return int(value) if value is not None and 1 <= value <= _LAST_DAY else None
