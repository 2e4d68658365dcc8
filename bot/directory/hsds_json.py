"""HSDS 3.0 in JSON: services or organizations with all that belongs to them, in a list, a Page of the API, or lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.directory.report import Report, Where
from bot.directory.streams import items


def listings(path: Path, report: Report) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Each service of the file. An item that is neither a service nor an organization is refused."""
    for number, item in enumerate(items(path), start=1):
        where = Where(path.name, number)
        if not isinstance(item, Mapping):
            report.refuse(where, "", "is not an object")
            continue
        yield from _of_item(item, where, report)


def _of_item(item: Mapping[str, Any], where: Where, report: Report) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    if isinstance(item.get("service"), Mapping):
        yield where, _from_link(item)
    elif isinstance(item.get("services"), list):
        for service in item["services"]:
            yield where, _of_organization(service, item)
    elif "legal_status" in item or "tax_status" in item or ("status" not in item and "organization" not in item):
        report.refuse(where, "services", "an organization without services")
    else:
        yield where, item


def _of_organization(service: Mapping[str, Any], organization: Mapping[str, Any]) -> Mapping[str, Any]:
    """The service with the organization around it, and its places where it has none of its own."""
    outer = {key: value for key, value in organization.items() if key not in ("services", "locations")}
    places = service.get("service_at_locations") or [{"location": each} for each in organization.get("locations") or ()]
    return {**service, "organization": service.get("organization") or outer, "service_at_locations": places}


def _from_link(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A service_at_location: the service with this one place."""
    service = item["service"]
    place = {key: value for key, value in item.items() if key != "service"}
    return {**service, "service_at_locations": [place]}
