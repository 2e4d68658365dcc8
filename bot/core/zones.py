"""Which zones and states a recipient may be in. A number does not say where a phone is, so there may be several."""

from __future__ import annotations

from collections.abc import Iterable

# A number of a toll-free or shared prefix lies "in" dozens of zones, which says nothing.
MOST_BY_NUMBER = 8


def plausible_zones(
    stored: str | None, by_zip: str | None, by_number: Iterable[str], everywhere: Iterable[str]
) -> frozenset[str]:
    """The zones that a person may be in, never empty where ``everywhere`` is not.

    The stored zone is taken for true, else that of the ZIP code, else all that the number's prefix spans, else
    ``everywhere``: all in which patients may live. All are IANA names that exist; the caller leaves out others.
    """
    for certain in (stored, by_zip):
        if certain:
            return frozenset({certain})
    spanned = frozenset(by_number)
    return spanned if 0 < len(spanned) <= MOST_BY_NUMBER else frozenset(everywhere)


def plausible_states(by_zip: str | None, by_number: Iterable[str], in_zones: Iterable[str]) -> frozenset[str]:
    """The states whose rules must all be kept: of these none can be left out by what is known.

    That of the ZIP code, else those of the number's area code. Where neither is known, or the person's zones lie
    elsewhere, as after a move, also every state ``in_zones``: some part of which keeps one of those zones.
    """
    told = frozenset({by_zip}) if by_zip else frozenset(by_number)
    around = frozenset(in_zones)
    return told if told & around else told | around
