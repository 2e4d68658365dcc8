"""Where somebody may be, and what holidays there are: libraries with data of their own, no network."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from bot.directory.zip_book import open_zip_book

# A state with a smaller share of an area code's ZIP codes has a few places just across the border.
LEAST_SHARE = 0.1


@lru_cache(maxsize=50_000)
def by_zip(code: str) -> tuple[str | None, str | None]:
    """The zone and the state of a ZIP code, five digits or nine; None for what is not known of it."""
    found = open_zip_book()(code)
    return (None, None) if found is None else (_existing(found.timezone), found.state or None)


def by_number(address: str) -> frozenset[str]:
    """The zones that the prefix of an E.164 number spans; none for a short code or an address of another kind."""
    try:
        number = phonenumbers.parse(address.removeprefix("whatsapp:"))
    except phonenumbers.NumberParseException:
        return frozenset()
    return frozenset(name for name in time_zones_for_number(number) if _existing(name))


def states_of_number(address: str) -> frozenset[str]:
    """The states in which an area code is used, those with few of its ZIP codes left out; none for any other number."""
    digits = address.removeprefix("whatsapp:")
    is_american = len(digits) == 12 and digits.startswith("+1") and digits[1:].isdecimal()
    return _states_by_area_code().get(digits[2:5], frozenset()) if is_american else frozenset()


@lru_cache(maxsize=1000)
def states_in(zones: frozenset[str]) -> frozenset[str]:
    """The states some part of which keeps one of these zones."""
    return frozenset(state for state, zone, _ in _kinds() if zone in zones)


@lru_cache(maxsize=1000)
def holidays_in(states: frozenset[str], year: int) -> frozenset[date]:
    """The public holidays of the country and of any of these states."""
    return holidays_of(None, year).union(*(holidays_of(state, year) for state in states))


@lru_cache(maxsize=1000)
def holidays_of(state: str | None, year: int) -> frozenset[date]:
    """The public holidays of the country and of the state, with the days on which they are observed."""
    known = state if state in holidays.country_holidays("US").subdivisions else None
    return frozenset(holidays.country_holidays("US", subdiv=known, years=year))


@cache
def _states_by_area_code() -> dict[str, frozenset[str]]:
    counts: dict[str, Counter[str]] = {}
    for (state, _, codes), number in _kinds().items():
        for code in codes:
            counts.setdefault(code, Counter())[state] += number
    return {
        code: frozenset(state for state, number in found.items() if number >= found.total() * LEAST_SHARE)
        for code, found in counts.items()
    }


@cache
def _kinds() -> Counter[tuple[str, str, tuple[str, ...]]]:
    """State, zone and area codes, with how many ZIP codes have them."""
    return open_zip_book().kinds()


@lru_cache(maxsize=1000)
def _existing(name: str | None) -> str | None:
    """The name of a zone, unless there is no such zone: lists of numbers and ZIP codes have some."""
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
