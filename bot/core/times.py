"""When somebody wants to be written to again: ``tomorrow at 3``, ``in an hour``, ``el lunes a las 3``, ``later``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter

from bot.core import text
from bot.core.calendar_days import Found, calendar_day, month_day, names_unread_day, phrase
from bot.core.lexicon import Lexicon
from bot.core.moments import Clock, Moment, Said, resolved
from bot.core.numbers import cardinal

__all__ = ["Moment", "read_moment"]

_LONGEST = 60
_LONGEST_PHRASE = 5
_FARTHEST = timedelta(days=366)
_CLOCK = re.compile(r"(\d{1,2})(am|a|pm|p|ish)?")
_MINUTES = re.compile(r"(\d{2})(am|a|pm|p|ish)?")


def read_moment(body: str, now: datetime, lexicons: Mapping[str, Lexicon], language: str) -> Moment | None:
    """The moment after ``now`` that ``body`` names; ``None`` when it names none, or one more than a year away, and
    when it names a day that cannot be told ("on Christmas", "31/31"): never another day than the one that was named.

    ``now`` is aware, in the patient's zone. Words around the time are left aside, so ask only about a message that
    is known to put something off. The patient's language is tried first. Never raises for any text.
    """
    found = text.tokens(body)[:_LONGEST]
    names = sorted(lexicons, key=lambda other: other != language)
    said = [_scan(lexicons[name].spell(found), lexicons[name]) for name in names]
    moments = [resolved(each, now) for each in said]
    if any(each.unread for each in said) or (moments[0] is None and said[0].has_day):
        # A day that one language knows, and cannot tell, must not become another day in the other.
        return None
    for each, at in zip(said, moments, strict=True):
        if at is not None and now < at <= now + _FARTHEST:
            exact = not each.hedged and (each.delay is not None or each.clock is not None)
            return Moment(at, exact)
    return None


def _scan(found: list[str], lexicon: Lexicon) -> Said:
    """Everything in the words that says when, from the left; of two of a kind the first."""
    said = Said()
    left: list[int] = []
    at = 0
    while at < len(found):
        here = [reader(found, at, lexicon) for reader in (_delay, _named, _clock, calendar_day)]
        size, more = max((match for match in here if match), key=itemgetter(0), default=(1, {}))
        left += [] if more else [at]
        after = found[at + size : at + size + 1]
        if not (after and after[0] in lexicon.words("times.ago")):
            fresh = {key: value for key, value in more.items() if getattr(said, key) in (None, False)}
            said = replace(said, **fresh)
        at += size
    said = replace(said, unread=said.unread or names_unread_day(found, left, lexicon))
    return said if said.clock or not said.has_day else _bare_hour(found, said, lexicon)


def _named(found: Sequence[str], at: int, lexicon: Lexicon) -> Found | None:
    """A day, a weekday, a week, a part of the day, or a word for "soon": the longest of these."""
    best: Found | None = None
    for kind in ("day", "weekday", "week", "part", "soon"):
        match = phrase(found, at, lexicon.table(f"times.{kind}s"))
        if match and (best is None or match[0] > best[0]):
            best = (match[0], {kind: match[1]})
    if best is None or "part" in best[1]:
        tonight = phrase(found, at, lexicon.table("times.todays"))
        if tonight and (best is None or tonight[0] >= best[0]):
            return tonight[0], {"day": 0, "part": tonight[1]}
    if best and "weekday" in best[1]:
        next_one = lexicon.words("times.next").intersection((*found[max(at - 1, 0) : at], *_pair(found, at + best[0])))
        return (best[0], {**best[1], "week": 1}) if next_one else best
    return best or month_day(found, at, lexicon)


def _pair(found: Sequence[str], at: int) -> tuple[str, ...]:
    """The next word, and the next two as one phrase."""
    return (" ".join(found[at : at + 1]), " ".join(found[at : at + 2]))


def _delay(found: Sequence[str], at: int, lexicon: Lexicon) -> Found | None:
    """``in an hour``, ``20 min``, ``half an hour``, ``in 5``: so many minutes from now."""
    leads = found[at] in lexicon.words("times.in")
    start = at + 1 if leads else at
    units = lexicon.table("times.units")
    half = phrase(found, start, lexicon.table("times.delays"))
    if half:
        return start + half[0] - at, {"delay": half[1]}
    for size in (3, 2, 1):
        value = _count(found[start : start + size], lexicon)
        if value is None:
            continue
        unit = units.get(" ".join(found[start + size : start + size + 1]))
        if unit:
            return start + size + 1 - at, {"delay": int(value * unit)}
        if leads and size == 1 and start + 1 == len(found) and found[start].isdigit():
            return start + 1 - at, {"delay": int(value)}
    glued = re.fullmatch(r"(\d{1,3})([a-z]+)", found[start]) if start < len(found) else None
    if glued and glued[2] in units:
        return start + 1 - at, {"delay": int(glued[1]) * units[glued[2]]}
    return None


def _count(words: Sequence[str], lexicon: Lexicon) -> float | None:
    few = lexicon.table("times.counts").get(" ".join(words))
    return few if few is not None else cardinal(words, lexicon) if words else None


def _clock(found: Sequence[str], at: int, lexicon: Lexicon) -> Found | None:
    """``at 3``, ``3pm``, ``3:30``, ``a las 3 y media``, ``after 5``."""
    lead = phrase(found, at, lexicon.table("times.at"))
    start = at + (lead[0] if lead else 0)
    inner = phrase(found, start, lexicon.table("times.at")) if lead else None
    start += inner[0] if inner else 0
    read = _hour(found, start, lexicon)
    if read is None or not (lead or read[1].half or read[2]):
        return None
    end, clock, _ = read
    hedges = {value for match in (lead, inner) if match for value in (match[1],)}
    return end - at, {"clock": clock, "hedged": bool(hedges & {1, 2}), "before": 2 in hedges}


def _hour(found: Sequence[str], at: int, lexicon: Lexicon) -> tuple[int, Clock, bool] | None:
    """Where an hour ends, the hour, and whether it was written as one (``3:30``, ``3 pm``)."""
    match = _CLOCK.fullmatch(found[at]) if at < len(found) else None
    value = int(match[1]) if match else lexicon.table("numbers.values").get("".join(found[at : at + 1]))
    if value is None or not 0 <= value <= 23 or list(found[at + 1 : at + 2]) == ["/"]:
        return None
    clock, at = Clock(int(value), half=_half(match[2]) if match else None), at + 1
    end, clock = _minutes(found, at, clock, lexicon)
    size, half = _said_half(found, end, lexicon)
    return end + size, replace(clock, half=half or clock.half), end > at + 1 or half is not None


def _minutes(found: Sequence[str], at: int, clock: Clock, lexicon: Lexicon) -> tuple[int, Clock]:
    """``:30``, ``:30pm``, ``y media`` behind an hour."""
    written = _MINUTES.fullmatch(found[at + 1]) if list(found[at : at + 1]) == [":"] and at + 1 < len(found) else None
    if written and int(written[1]) < 60:
        return at + 2, replace(clock, minute=int(written[1]), half=_half(written[2]))
    past = phrase(found, at, lexicon.table("times.past"))
    return (at + past[0], replace(clock, minute=past[1])) if past else (at, clock)


def _said_half(found: Sequence[str], at: int, lexicon: Lexicon) -> tuple[int, str | None]:
    """``pm``, ``p.m.``, ``de la tarde``: how many tokens, and which half of the day."""
    for size in range(min(_LONGEST_PHRASE, len(found) - at), 0, -1):
        said = " ".join(word for word in found[at : at + size] if word != ".")
        for half in ("am", "pm"):
            if said in lexicon.words(f"times.{half}"):
                return size, half
    return 0, None


def _half(letters: str | None) -> str | None:
    return None if not letters or letters[0] not in "ap" else letters[0] + "m"


def _bare_hour(found: Sequence[str], said: Said, lexicon: Lexicon) -> Said:
    """``tomorrow 3``: beside a day, a lone number is an hour."""
    hours = [int(word) for word in found if word.isdigit() and len(word) < 3]
    if said.month_day is None and said.dates is None and len(hours) == 1 and 1 <= hours[0] <= 12:
        return replace(said, clock=Clock(hours[0]))
    return said
