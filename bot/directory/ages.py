"""For which ages a listing is: as written in its columns, or said for certain in the words about who is eligible."""

from __future__ import annotations

import re

from bot.core.directory.words import AgeWords, plain_words

OLDEST = 120
# In a sentence, a number below or above is hardly the age from which adults are served.
YOUNGEST_SAID, OLDEST_SAID = 12, 99
Ages = tuple[int | None, int | None]


def read_age(written: str, words: AgeWords, *, oldest: bool) -> int:
    """An age that stands alone: ``18``, ``24 years``, ``60+``, ``18 months``, ``18-24`` (the end that is asked for).

    Raises ``ValueError`` for anything else.
    """
    found = words.written.fullmatch(plain_words(written))
    if not found:
        raise ValueError("not an age")
    age = int(found["high"] if oldest and found["high"] else found["low"])
    if found["months"]:
        age //= 12
    if age > OLDEST:
        raise ValueError("not an age")
    return age


def ages_said(eligibility: str, words: AgeWords) -> Ages:
    """The youngest and oldest age that the words leave no doubt of. A limit that may not be for everybody, or that is
    for children, rules nobody out: their parents ask for them.
    """
    found: list[Ages] = []
    for sentence in re.split(r"[.;\n]+(?:\s+|$)", plain_words(eligibility)):
        spans = [(each, _span(each)) for each in words.span.finditer(sentence)]
        floors = [(each, _floor(each)) for each in words.floor.finditer(sentence)]
        said = spans or floors
        left = sentence
        for match, _ in said:
            left = left.replace(match[0], " ")
        if words.others.search(left) or (said and re.search(r"[,/]|\band\b|\by\b|\d", left)):
            return None, None
        found += [ages for _, ages in said]
    return found[0] if len(found) == 1 else (None, None)


def _span(match: re.Match[str]) -> Ages:
    low, high = sorted(int(each) for each in match.groups() if each)
    return (low, high) if low >= YOUNGEST_SAID and high <= OLDEST_SAID else (None, None)


def _floor(match: re.Match[str]) -> Ages:
    low = next(int(each) for each in match.groups() if each)
    return (low if YOUNGEST_SAID <= low <= OLDEST_SAID else None), None
