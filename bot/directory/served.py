"""Service areas, which are free text: states, counties, cities and ZIP codes that can be told in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.directory.service import Area
from bot.directory.values import listed, text

STATES = {
    "AL": "alabama", "AK": "alaska", "AZ": "arizona", "AR": "arkansas", "CA": "california", "CO": "colorado",
    "CT": "connecticut", "DE": "delaware", "DC": "district of columbia", "FL": "florida", "GA": "georgia",
    "HI": "hawaii", "ID": "idaho", "IL": "illinois", "IN": "indiana", "IA": "iowa", "KS": "kansas",
    "KY": "kentucky", "LA": "louisiana", "ME": "maine", "MD": "maryland", "MA": "massachusetts", "MI": "michigan",
    "MN": "minnesota", "MS": "mississippi", "MO": "missouri", "MT": "montana", "NE": "nebraska", "NV": "nevada",
    "NH": "new hampshire", "NJ": "new jersey", "NM": "new mexico", "NY": "new york", "NC": "north carolina",
    "ND": "north dakota", "OH": "ohio", "OK": "oklahoma", "OR": "oregon", "PA": "pennsylvania", "PR": "puerto rico",
    "RI": "rhode island", "SC": "south carolina", "SD": "south dakota", "TN": "tennessee", "TX": "texas",
    "UT": "utah", "VT": "vermont", "VA": "virginia", "WA": "washington", "WV": "west virginia", "WI": "wisconsin",
    "WY": "wyoming", "GU": "guam", "VI": "virgin islands",
}  # fmt: skip
_BY_NAME = {name: code for code, name in STATES.items()}
_EVERYWHERE = re.compile(
    r"\b(?:nation ?wide|national(?:ly)?|united states|u\.?s\.?a?\.?|all states|anyone anywhere)\b", re.I
)
_STATEWIDE = re.compile(r"\b(?:state ?wide|state of|all of|residents of)\b", re.I)
_COUNTY = re.compile(r"([A-Za-z.' -]{2,40}?) (?:county|parish|borough)\b", re.I)
_LEADING = re.compile(r"^(?:all of|all|the|residents of|of|in|serves|serving|and)\s+", re.I)


def state_code(written: str) -> str:
    """The two letters of a state by code or name; what is neither comes back as it is."""
    return written.upper() if written.upper() in STATES else _BY_NAME.get(written.lower(), written)


def read_areas(rows: Any) -> Iterator[Area]:
    """The areas of one listing; words that say nothing that can be checked give an area of words alone."""
    for row in rows or ():
        if isinstance(row, Mapping):
            yield _area_of(row)
        else:
            for part in listed(row):
                yield _area(part)


def _area_of(row: Mapping[str, Any]) -> Area:
    if any(text(row.get(name)) for name in ("postal_code", "city", "state_province")):
        state = state_code(text(row.get("state_province")))
        states = (state,) if state in STATES else ()
        zips = tuple(re.findall(r"\b\d{5}\b", text(row.get("postal_code"))))
        cities = (_in_state(text(row.get("city")), states),) if text(row.get("city")) and not zips else ()
        return Area(
            ", ".join(listed([row.get("city"), row.get("state_province")])),
            False,
            () if zips or cities else states,
            (),
            cities,
            zips,
        )
    said = text(row.get("name") or row.get("service_area"))
    extent = text(row.get("extent"))
    return _area(said, extent if text(row.get("extent_type")).lower() in ("", "text") else "")


def _area(said: str, extent: str = "") -> Area:
    words = f"{said} {extent}".strip()
    if _EVERYWHERE.search(words):
        return Area(said, nationwide=True)
    zips = tuple(dict.fromkeys(re.findall(r"\b\d{5}\b", words)))
    states = tuple(_states(words))
    counties = tuple(
        _in_state(_LEADING.sub("", name.strip(" ,")), states, " county") for name in _COUNTY.findall(words)
    )
    if zips or counties:
        return Area(said, zips=zips, counties=counties)
    city = re.fullmatch(r"([A-Za-z.' -]{2,40}), ?([A-Z]{2})", said)
    if city and city[2] in STATES:
        return Area(said, cities=(_in_state(city[1], (city[2],)),))
    return Area(said, states=states)


def _states(words: str) -> Iterator[str]:
    """States by name, or by their letters where the words are nothing else."""
    lowered = words.lower()
    yield from (code for name, code in _BY_NAME.items() if re.search(rf"(?<!west )\b{name}\b", lowered))
    if words.strip(" .") in STATES:
        yield words.strip(" .")
    elif _STATEWIDE.search(words):
        yield from (code for code in re.findall(r"\b[A-Z]{2}\b", words) if code in STATES)


def _in_state(name: str, states: tuple[str, ...], kind: str = "") -> str:
    """The form that areas are compared in: ``name`` or ``name|st``, in lower case."""
    return f"{name}{kind}{'|' + states[0] if len(states) == 1 else ''}".lower()
