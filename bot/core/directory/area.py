"""Where people live and whom a service is for."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.core.directory.service import Area, ZipPlace

EARTH_MILES = 3958.8
_OF = re.compile(r"^(municipality|city and borough|county) of ([^|]+?)(?=$|\|)")
_SHORT = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}


def miles(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance between two points, given as latitude and longitude, along the earth's surface."""
    (lat1, long1), (lat2, long2) = ((math.radians(a), math.radians(b)) for a, b in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((long2 - long1) / 2) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(half))


def covers(areas: Sequence[Area], home: ZipPlace) -> bool | None:
    """Whether people who live there are served; None when that cannot be told for certain."""
    found = {_covers(area, home) for area in areas}
    if True in found:
        return True
    return None if None in found or not found else False


def _covers(area: Area, home: ZipPlace) -> bool | None:
    if area.nationwide or home.state in area.states or home.zip in area.zips:
        return True
    county, city = f"{home.county}|{home.state}", f"{home.city}|{home.state}"
    if _named(county, area.counties) or _named(city, area.cities):
        return True
    says_whom = area.states or area.zips or area.counties or area.cities
    return None if not says_whom or not area.is_certain or _named(county, area.around) else False


def _named(name: str, names: Sequence[str]) -> bool:
    """Names of counties and cities are ``name`` or ``name|ST``."""
    if not names:
        return False
    whole = place_key(name)
    bare = whole.partition("|")[0]
    return any(place_key(each) in (whole, bare) for each in names)


@lru_cache(maxsize=8192)
def place_key(name: str) -> str:
    """A name of a county or city, with ``|st`` or without, as it is compared: Saint is St, no accents, no spaces."""
    plain = _OF.sub(r"\2 \1", unicodedata.normalize("NFKD", name.lower()))
    words = re.findall(r"[a-z0-9]+|\|", re.sub(r"[^a-z0-9 |-]", "", plain))
    return "".join(_SHORT.get(word, word) for word in words)
