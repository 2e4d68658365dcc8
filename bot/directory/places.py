"""The places of a listing: where to go, unless it must not be told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bot.core.directory.service import Address, Place
from bot.directory.privacy import hides_place, is_private, place_is_private
from bot.directory.report import Where
from bot.directory.states import STATES, state_code
from bot.directory.values import text, unique

if TYPE_CHECKING:
    from bot.directory.reading import Reader

Row = Mapping[str, Any]
_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\b", re.IGNORECASE)
# The United States with Alaska, Hawaii, Puerto Rico and the Pacific territories.
LATITUDES, LONGITUDES = (-15.0, 72.0), ((-180.0, -64.0), (130.0, 180.0))


def read_places(reader: Reader, raw: Row, where: Where, hide: bool) -> Iterator[Place]:
    """Each place of the listing. ``hide``: none of them may be told."""
    for link in raw.get("service_at_locations") or ():
        location = link.get("location")
        if not isinstance(location, Mapping):
            continue
        spot = location.get("_where") or where
        closed = hide or is_private(link) or place_is_private(location, raw)
        yield _place(reader, location, link, spot, closed)


def _place(reader: Reader, location: Row, link: Row, where: Where, hide: bool) -> Place:
    address, marked = _address(reader, location, where)
    hidden = hide or marked
    known = reader.book(address.zip) if address and address.zip else None
    latitude, longitude = _coordinates(reader, location, where)
    if hidden:
        known = reader.book(_region(address.zip)) if address and address.zip else None
        latitude = longitude = None
    if latitude is None and known:
        latitude, longitude = known.latitude, known.longitude
    shown = None if hidden or address is None or not address.street else address
    state = (address.state if address else "") or (known.state if known else "")
    zone = known.timezone if known else reader.book.gazetteer.zone_of(state)
    return Place(
        id="" if hidden else text(location.get("id")),
        name="" if hidden else text(location.get("name"))[:200],
        address=shown,
        latitude=latitude,
        longitude=longitude,
        state=state,
        timezone=zone,
        phones=unique([*reader.phones(link, where), *reader.phones(location, where)]),
        schedules=tuple(reader.schedules(link, where, zone)) or tuple(reader.schedules(location, where, zone)),
        languages=unique(reader.languages(location)),
        is_hidden=hidden,
    )


def _region(zip_code: str) -> str:
    """A ZIP code that stands for the region: the main one of the first three digits, not of the shelter's street."""
    return zip_code[:3] + "01"


def _address(reader: Reader, location: Row, where: Where) -> tuple[Address | None, bool]:
    """The address to go to, and whether one is marked as not to be told. A post-office box is nowhere to go."""
    rows = [row for row in location.get("addresses") or () if isinstance(row, Mapping)]
    marked = any(is_private(row) or hides_place(row.get("address_1"), row.get("attention")) for row in rows)
    physical = [row for row in rows if text(row.get("address_type")).lower() not in ("postal", "virtual", "mailing")]
    for row in [*physical, *rows]:
        street = ", ".join(part for name in ("address_1", "address_2") if (part := text(row.get(name))))
        if street and _BOX.search(street):
            street = ""
        zip_code = _zip(reader, row, where)
        state = state_code(text(row.get("state_province")))
        if street or zip_code or state:
            city = text(row.get("city"))
            return Address(_title(street), _title(city), state if state in STATES else "", zip_code), marked
    return None, marked


def _zip(reader: Reader, row: Row, where: Where) -> str:
    written = text(row.get("postal_code"))
    digits = re.fullmatch(r"(\d{5})(?:-?\d{4})?", written)
    if written and not digits:
        reader.report.refuse(row.get("_where") or where, "postal_code", "not a ZIP code", "ZIP code")
    return digits[1] if digits else ""


def _coordinates(reader: Reader, location: Row, where: Where) -> tuple[float | None, float | None]:
    latitude, longitude = text(location.get("latitude")), text(location.get("longitude"))
    if not latitude or not longitude:
        return None, None
    try:
        found = float(latitude), float(longitude)
    except ValueError:
        found = (0.0, 0.0)
    if LATITUDES[0] <= found[0] <= LATITUDES[1] and any(low <= found[1] <= high for low, high in LONGITUDES):
        return found
    if found != (0.0, 0.0):
        reader.report.refuse(where, "latitude", "not a point in the United States", "coordinates")
    return None, None


def _title(written: str) -> str:
    """What is in capitals throughout reads better without; everything else stays as it is."""
    if not written.isupper() or len(written) < 4:
        return written
    return " ".join(word if re.fullmatch(r"[NSEW]{1,2}", word) else word.capitalize() for word in written.split())
