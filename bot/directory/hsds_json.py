"""HSDS 3.0 in JSON: services or organizations with all that belongs to them, in a list, a Page of the API, or lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.directory.report import Report, Where
from bot.directory.streams import items

# By what an item is told apart: what HSDS has of an organization, of a place, and of a service alone.
OF_ORGANIZATIONS = frozenset({"legal_status", "tax_status", "tax_id", "year_incorporated", "organization_identifiers"})
OF_PLACES = frozenset({"location_type", "latitude", "longitude"})
OF_SERVICES = frozenset(
    {"status", "organization", "organization_id", "program_id", "service_at_locations", "schedules", "service_areas"}
    | {"cost_options", "required_documents", "eligibility_description", "application_process", "fees_description"}
    | {"interpretation_services", "wait_time", "minimum_age", "maximum_age", "assured_date", "fees", "alert"}
)


def listings(path: Path, report: Report) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Each service of the file. An item that is neither a service nor an organization is refused."""
    for where, item in items(path, report):
        if isinstance(item, Mapping):
            yield from _of_item(item, where, report)
        else:
            report.refuse(where, "", "is not an object")


def _of_item(item: Mapping[str, Any], where: Where, report: Report) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    if isinstance(item.get("service"), Mapping):
        yield where, _from_link(item)
    elif item.get("services") and isinstance(item["services"], list):
        for service in item["services"]:
            if isinstance(service, Mapping):
                yield where, _of_organization(service, item)
            else:
                report.refuse(where, "services", "is not a list of objects")
    elif OF_PLACES & item.keys():
        report.refuse(where, "services", "a place without services")
    elif OF_ORGANIZATIONS & item.keys() or not OF_SERVICES & item.keys():
        report.refuse(where, "services", "an organization without services")
    else:
        yield where, item


def _of_organization(service: Mapping[str, Any], organization: Mapping[str, Any]) -> Mapping[str, Any]:
    """The service with the organization around it, and its places where it has none of its own."""
    outer = {key: value for key, value in organization.items() if key not in ("services", "locations")}
    located = organization.get("locations") or ()
    around = [{"location": each} for each in (located if isinstance(located, list) else [located])]
    return {
        **service,
        "organization": service.get("organization") or outer,
        "service_at_locations": service.get("service_at_locations") or around,
    }


def _from_link(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A service_at_location: the service with this one place."""
    place = {key: value for key, value in item.items() if key != "service"}
    return {**item["service"], "service_at_locations": [place]}
