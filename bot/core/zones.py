"""Which time zones a recipient may be in. A number does not say where a phone is, so there may be several."""

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
