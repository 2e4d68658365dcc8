"""Service areas, which are free text: states, counties, cities and ZIP codes that can be told in it.

A name means what the map knows by it: "Delaware County, OH" is a county and no state, and "Kansas City" a city. Where a
part of the words is not understood, the area is not certain, and rules nobody out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.directory.service import Area
from bot.core.directory.words import AreaWords, plain_words
from bot.directory.area_parts import Part, parts_of
from bot.directory.gazetteer import Gazetteer
from bot.directory.states import STATES, state_code
from bot.directory.values import listed, text, unique

# All counties of a large state, and not a book; of longer words, a part would not be certain.
LONGEST, LONGEST_KEPT = 10_000, 600


@dataclass(frozen=True)
class Map:
    """What areas are read by: the names that there are, and the words around them."""

    gazetteer: Gazetteer
    words: AreaWords


def read_areas(rows: Any, known: Map, at: tuple[str, ...] = ()) -> Iterator[Area]:
    """The areas of one listing, whose places lie ``at`` these states. Words that say nothing that can be checked give
    an area of words alone; those that say that there is no limit give none.
    """
    for row in rows if isinstance(rows, list | tuple) else [rows] if rows else ():
        area = _area_of(row, known, at) if isinstance(row, Mapping) else _area(text(row), known, at)
        if plain_words(area.words).strip(" .") not in known.words.unlimited:
            yield area


def _area_of(row: Mapping[str, Any], known: Map, at: tuple[str, ...]) -> Area:
    zips = tuple(
        found
        for name in ("postal_code", "postal_codes", "zip_code", "zip_codes")
        for found in re.findall(r"\b\d{5}\b", text(row.get(name)))
    )
    city, state = text(row.get("city")), state_code(text(row.get("state_province")))
    if not (zips or city or state):
        return _described(row, known, at)
    words = ", ".join(listed([city, state, *zips]))
    if zips:
        return Area(words, zips=zips)
    if city:
        return _area(", ".join(listed([city, state])), known, at)
    return Area(words, states=(state,) if state in STATES else ())


def _described(row: Mapping[str, Any], known: Map, at: tuple[str, ...]) -> Area:
    said = text(row.get("name") or row.get("service_area") or row.get("description"))
    extent = text(row.get("extent")) if text(row.get("extent_type")).lower() in ("", "text") else ""
    return _area("; ".join(each for each in (said, extent) if each), known, at)


def _area(said: str, known: Map, at: tuple[str, ...]) -> Area:
    if len(said) > LONGEST:
        return Area(said[:LONGEST_KEPT])
    parts = parts_of(said, known.gazetteer, known.words, at)
    said = said[:LONGEST_KEPT]
    unread = [part for part in parts if part.kind == "unread"]
    if any(known.words.less.search(plain_words(part.name)) for part in unread):
        return Area(said)
    if any(part.kind == "nationwide" for part in parts):
        return Area(said, nationwide=True) if not unread else Area(said)
    cities = [part for part in parts if part.kind == "city"]
    around = [
        county
        for part in cities
        for state in ((part.state,) if part.state else at or (None,))
        for county in known.gazetteer.counties_of(part.name, state)
    ]
    # Of a city that is a county of its own, ZIP codes lie in the next county, too.
    apart = [part for part in parts if part.kind == "county" and part.name.lower().endswith(" city")]
    around += [each for part in apart for each in known.gazetteer.counties_of(part.name[:-5], part.state)]
    found = {kind: _names(parts, kind) for kind in ("state", "county", "city", "zip")}
    return Area(
        said,
        states=found["state"],
        counties=found["county"],
        cities=found["city"],
        zips=found["zip"],
        around=unique(around),
        is_certain=not unread or not any(found.values()),
    )


def _names(parts: list[Part], kind: str) -> tuple[str, ...]:
    """The form that areas are compared in: ``name`` or ``name|st``, in lower case; states and ZIP codes as they are."""
    if kind in ("state", "zip"):
        return unique(part.name for part in parts if part.kind == kind)
    named = [part for part in parts if part.kind == kind]
    return unique(f"{part.name}{'|' + part.state if part.state else ''}".lower() for part in named)
