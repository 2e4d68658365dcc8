"""Where people live and whom a service is for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.core.directory.service import Area, ZipPlace

EARTH_MILES = 3958.8


def miles(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance between two points, given as latitude and longitude, along the earth's surface."""
    (lat1, long1), (lat2, long2) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(half))


def covers(areas: Sequence[Area], home: ZipPlace) -> bool | None:
    """Whether people who live there are served; None when the areas do not say."""
    checked = [found for area in areas if (found := _covers(area, home)) is not None]
    return any(checked) if checked else None


def _covers(area: Area, home: ZipPlace) -> bool | None:
    if area.nationwide:
        return True
    if area.zips or area.cities or area.counties:
        county, city = f"{home.county}|{home.state}".lower(), f"{home.city}|{home.state}".lower()
        near = home.zip in area.zips or _named(county, area.counties) or _named(city, area.cities)
        return near or (bool(area.states) and home.state in area.states and not area.zips and not area.counties)
    return home.state in area.states if area.states else None


def _named(name: str, names: Sequence[str]) -> bool:
    """Names of counties and cities are ``name`` or ``name|ST``, in lower case."""
    return name in names or name.partition("|")[0] in names
