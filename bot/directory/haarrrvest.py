"""Results of HAARRRvest (JSON lines): food pantries scraped and shaped like HSDS, with names that vary from row to row.

Ids repeat from record to record there, so a listing is known by the file that its record came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from bot.directory.report import Report, Where
from bot.directory.streams import items

Raw = dict[str, Any]
STREETS = ("address_1", "street_address_1", "street_address", "street1", "street", "line1")


def listings(path: Path, report: Report) -> Iterator[tuple[Where, Raw]]:
    """Each service of the file."""
    for where, item in items(path, report):
        record = item.get("record") if isinstance(item, Mapping) else None
        try:
            found = [each for part in _parts(record) for each in _services(part)]
        except (AttributeError, TypeError, ValueError, LookupError, RecursionError) as error:
            report.refuse(where, "record", f"cannot be read as a record ({type(error).__name__})")
            continue
        if not found:
            report.refuse(where, "record", "holds no service")
        named = item.get("file") if isinstance(item, Mapping) else None
        stem = PurePosixPath(str(named or where.row)).stem
        for index, service in enumerate(found, start=1):
            yield where, {**service, "id": f"{stem}-{index}"}


def _parts(record: Any) -> list[Raw]:
    """A record is an object, a list of them, or wrapped in ``data``."""
    if isinstance(record, list):
        return [part for each in record for part in _parts(each)]
    if not isinstance(record, dict):
        return []
    inner = record.get("data")
    return _parts(inner) if isinstance(inner, list | dict) else [record]


def _services(part: Raw) -> Iterator[Raw]:
    organizations = [*_dicts(part.get("organization")), *_dicts(part.get("organizations"))]
    organization = (
        organizations[0] if organizations else {key: value for key, value in part.items() if key != "services"}
    )
    places = _locations(part, organizations or [part])
    inside = [each for holder in (organization, *places) for each in _dicts(holder.get("services"))]
    offered = [*_dicts(part.get("services")), *_dicts(part.get("service")), *inside]
    for service in offered or _as_its_own_service(part, organization):
        yield _shaped(service, organization, part, places)


def _as_its_own_service(part: Raw, organization: Raw) -> list[Raw]:
    """A pantry that is listed as an organization alone is its own service, when it says what it does."""
    return [{"name": organization["name"]}] if organization.get("name") and organization.get("description") else []


def _shaped(service: Raw, organization: Raw, part: Raw, places: list[Raw]) -> Raw:
    name = service.get("name") or service.get("service_name") or service.get("service_type") or "Food pantry"
    own = [_resolved(each, places) for each in _listed(service, "locations", "location_ids", "location_id")]
    phones = _phones(service) or [phone for each in own or places for phone in _phones(each)]
    metadata = service.get("metadata") or organization.get("metadata") or part.get("metadata")
    located = [each for each in own if _has_address(each)] or [each for each in places if _has_address(each)] or own
    return {
        "name": _full_name(str(name), str(organization.get("name") or "")),
        "description": service.get("description") or organization.get("description"),
        "status": service.get("status") or service.get("service_status") or "active",
        "keywords": [service.get("service_type") or "Food Pantry", service.get("service_category")],
        "organization": {"name": organization.get("name"), "phones": _phones(organization) or _phones(part)},
        "phones": phones,
        "schedules": [*_dicts(service.get("schedules")), *_dicts(service.get("schedule"))],
        "service_areas": service.get("service_areas") or (),
        "metadata": metadata if isinstance(metadata, dict | list) else None,
        "service_at_locations": [{"location": _location(each, service)} for each in located],
    }


def _full_name(name: str, organization: str) -> str:
    """``Pantry`` alone tells nobody where to go."""
    return name if not organization or organization.lower() in name.lower() else f"{organization}: {name}"


def _locations(part: Raw, organizations: list[Raw]) -> list[Raw]:
    """Every place of the record; an address of the organization counts as one."""
    holders = [part, *organizations]
    found = [each for holder in holders for each in _dicts(holder.get("locations"))]
    return found + [each for holder in holders for key in ("addresses", "address") for each in _dicts(holder.get(key))]


def _resolved(each: Any, places: list[Raw]) -> Raw:
    """A place that is named by id only is looked up; what it says itself holds over what is found."""
    named = each.get("location_id") or each.get("id") if isinstance(each, dict) else each
    known = next((place for place in places if place.get("id") == named and named is not None), {})
    said = {key: value for key, value in each.items() if value not in (None, "", [])} if isinstance(each, dict) else {}
    return {**known, **said}


def _location(raw: Raw, service: Raw) -> Raw:
    address = next(iter([*_dicts(raw.get("addresses")), *_dicts(raw.get("address"))]), raw)
    points = raw.get("coordinates") or address.get("coordinates") or {}
    latitude, longitude = _point(points, raw, address)
    return {
        "id": raw.get("id"),
        "name": raw.get("name"),
        "latitude": latitude,
        "longitude": longitude,
        "phones": _phones(raw),
        "schedules": [*_dicts(raw.get("schedules")), *_dicts(raw.get("schedule"))],
        "addresses": [
            {
                **{key: address.get(key) for key in ("city", "state_province", "postal_code", "address_2")},
                "address_1": next((address[key] for key in STREETS if address.get(key)), None),
                "address_type": "physical",
            }
        ],
    }


def _point(points: Any, raw: Raw, address: Raw) -> tuple[Any, Any]:
    if isinstance(points, list) and len(points) == 2:
        return points[0], points[1]
    inner = points if isinstance(points, dict) else {}
    return (
        inner.get("latitude") or raw.get("latitude") or address.get("latitude"),
        inner.get("longitude") or raw.get("longitude") or address.get("longitude"),
    )


def _has_address(place: Raw) -> bool:
    inner = [place, *_dicts(place.get("addresses")), *_dicts(place.get("address"))]
    return any(each.get(key) for each in inner for key in (*STREETS, "postal_code", "coordinates"))


def _phones(raw: Raw) -> list[Raw]:
    return [*_dicts(raw.get("phones")), *_dicts(raw.get("phone")), *_dicts(raw.get("phone_numbers"))]


def _dicts(value: Any) -> list[Raw]:
    rows = value if isinstance(value, list) else [value]
    return [each for each in rows if isinstance(each, dict)]


def _listed(raw: Raw, *names: str) -> list[Any]:
    for name in names:
        value = raw.get(name)
        if value:
            return value if isinstance(value, list) else [value]
    return []
