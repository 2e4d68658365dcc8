"""Where somebody may be, and what holidays there are: libraries with data of their own, no network."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from bot.directory.zip_book import open_zip_book


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


@lru_cache(maxsize=1000)
def holidays_of(state: str | None, year: int) -> frozenset[date]:
    """The public holidays of the country and of the state, with the days on which they are observed."""
    known = state if state in holidays.country_holidays("US").subdivisions else None
    return frozenset(holidays.country_holidays("US", subdiv=known, years=year))


@lru_cache(maxsize=1000)
def _existing(name: str | None) -> str | None:
    """The name of a zone, unless there is no such zone: lists of numbers and ZIP codes have some."""
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
