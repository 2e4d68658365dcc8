"""Listings to test with."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from bot.content.directory import load_directory
from bot.core.directory.service import Address, Phone, Place, Schedule, Service, ZipPlace

HSDS = Path(__file__).parents[3] / "shared" / "data" / "hsds"
FIXTURES = Path(__file__).parent / "fixtures"
TUESDAY = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)  # 10:00 in Columbus
COLUMBUS = ZipPlace("43215", 39.9671, -83.0044, "OH", "Franklin County", "Columbus", "America/New_York", ("380", "614"))
ATHENS = ZipPlace("45701", 39.3298, -82.1001, "OH", "Athens County", "Athens", "America/New_York", ("740",))
CHICAGO = ZipPlace("60608", 41.8515, -87.6694, "IL", "Cook County", "Chicago", "America/Chicago", ("312", "872"))
ZIPS = {place.zip: place for place in (COLUMBUS, ATHENS, CHICAGO)}


def weekly(days: str, opens: str, closes: str, **more: Any) -> Schedule:
    """Open every week on these days, as ``0-4`` counts from Monday."""
    first, _, last = days.partition("-")
    weekdays = tuple(range(int(first), int(last or first) + 1))
    return Schedule(
        "WEEKLY", weekdays=weekdays, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes), **more
    )


def a_place(at: ZipPlace = COLUMBUS, **more: Any) -> Place:
    """A place in the middle of a ZIP code."""
    given = {
        "id": "loc",
        "address": Address("12 Elm St", at.city, at.state, at.zip),
        "latitude": at.latitude,
        "longitude": at.longitude,
        "state": at.state,
        "timezone": at.timezone,
    }
    return Place(**{**given, **more})


def a_service(number: int = 1, **more: Any) -> Service:
    """A food pantry, free, checked last month, open on weekdays from nine to five."""
    given: dict[str, Any] = {
        "id": f"res_{number:03}",
        "source": "test",
        "external_id": str(number),
        "name": f"Elm Pantry {number}",
        "organization": "Elm Street Church",
        "phones": (Phone("+16145550134"),),
        "places": (a_place(),),
        "schedules": (weekly("0-4", "09:00", "17:00"),),
        "is_free": True,
        "verified_on": date(2026, 2, 10),
        "needs": {"food": 1},
    }
    return Service(**{**given, **more})


RULES = load_directory().rules


def published(name: str) -> Path:
    """A published package, which is not part of this repository; skips the test where it is not at hand."""
    path = HSDS / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path
