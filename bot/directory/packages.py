"""HSDS packages of CSV files, versions 1.1, 2.x and 3.0, and Ohana's: as listings in the nested form of HSDS 3.0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.directory.folder import Folder, PackageError
from bot.directory.report import Report, Where
from bot.directory.tables import Row, Tables

LISTINGS = "services"
# Our name of a table: the names of its file over the versions, and the columns that it is looked up by.
FILES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "organizations": (("organizations", "organization"), ()),
    "services": (("services", "service"), ("location_id", "organization_id")),
    "locations": (("locations", "location"), ()),
    "links": (("service_at_location", "services_at_location", "service_at_locations"), ("service_id", "location_id")),
    "phones": (
        ("phones", "phone"),
        ("service_id", "location_id", "organization_id", "service_at_location_id", "contact_id"),
    ),
    "addresses": (("addresses", "physical_addresses", "address"), ("location_id",)),
    "postal": (("postal_addresses", "mail_addresses"), ("location_id",)),
    "schedules": (("schedules", "regular_schedules"), ("service_id", "location_id", "service_at_location_id")),
    "holidays": (("holiday_schedules",), ("service_id", "location_id", "service_at_location_id")),
    "languages": (("languages",), ("service_id", "location_id")),
    "documents": (("required_documents",), ("service_id",)),
    "areas": (("service_areas",), ("service_id",)),
    "costs": (("cost_options",), ("service_id",)),
    "eligibility": (("eligibility", "eligibilities"), ("service_id",)),
    "contacts": (("contacts",), ("service_id", "organization_id")),
    "terms": (("taxonomy_terms", "taxonomy", "taxonomy_term"), ("taxonomy_id",)),
    "attributes": (
        ("attributes", "service_attributes", "services_taxonomy", "service_taxonomy"),
        ("link_id", "service_id"),
    ),
    "metadata": (("metadata",), ("resource_id",)),
}
# Rows that point to what is not there are reported, so that a broken package is seen as one.
POINTERS = (
    ("links", "service_id", "services", "place"),
    ("links", "location_id", "locations", "place"),
    ("services", "organization_id", "organizations", "organization"),
    ("phones", "service_id", "services", "phone"),
    ("phones", "location_id", "locations", "phone"),
    ("phones", "organization_id", "organizations", "phone"),
    ("addresses", "location_id", "locations", "address"),
    ("schedules", "service_id", "services", "hours"),
    ("schedules", "location_id", "locations", "hours"),
)


def listings(folder: Folder, report: Report) -> Iterator[tuple[Where, Row]]:
    """Each service of the package, whole. Raises :class:`PackageError` when there are no services."""
    with Tables() as tables:
        present = _load(folder, tables, report)
        if LISTINGS not in present:
            raise PackageError(f"{folder.path} holds no services.csv, so it is no package of listings.")
        for table, key, of, refused in POINTERS:
            if {table, of} <= present:
                tables.orphans(table, key, of, report, refused)
        for row in tables.all(LISTINGS):
            yield row["_where"], _service(tables, row)


def _load(folder: Folder, tables: Tables, report: Report) -> set[str]:
    present = set()
    for table, (names, keys) in FILES.items():
        for name in dict.fromkeys(each for plural in names for each in (plural, plural.removesuffix("s"))):
            if f"{name}.csv" in folder.names:
                tables.load(folder, f"{name}.csv", table, keys, report)
                present.add(table)
    tables.index()
    return present


def _service(tables: Tables, row: Row) -> Row:
    own = row.get("id", "").strip()
    organization = tables.one("organizations", row.get("organization_id", "").strip()) or _owner(tables, row)
    eligibility = " ".join(each.get("eligibility", "") for each in tables.of("eligibility", "service_id", own))
    return {
        **row,
        "eligibility": row.get("eligibility") or eligibility,
        "organization": _organization(tables, organization) if organization else {},
        "phones": tables.of("phones", "service_id", own),
        "contacts": _contacts(tables, "service_id", own),
        "schedules": tables.of("schedules", "service_id", own),
        "holiday_schedules": tables.of("holidays", "service_id", own),
        "languages": tables.of("languages", "service_id", own) or _as_list(row.get("languages")),
        "required_documents": tables.of("documents", "service_id", own) or _as_list(row.get("required_documents")),
        "service_areas": tables.of("areas", "service_id", own) or _as_list(row.get("service_areas")),
        "cost_options": tables.of("costs", "service_id", own),
        "attributes": [*_attributes(tables, "service", own), *_of_codes(tables, row)],
        "metadata": tables.of("metadata", "resource_id", own)[-1:],
        "service_at_locations": list(_at_locations(tables, row, own)),
    }


def _owner(tables: Tables, row: Row) -> Row | None:
    """Ohana's services name a location, and that its organization."""
    location = tables.one("locations", row.get("location_id", "").strip())
    return tables.one("organizations", location.get("organization_id", "").strip()) if location else None


def _organization(tables: Tables, row: Row) -> Row:
    own = row.get("id", "").strip()
    return {
        **row,
        "phones": tables.of("phones", "organization_id", own),
        "contacts": _contacts(tables, "organization_id", own),
        "attributes": list(_attributes(tables, "organization", own)),
    }


def _contacts(tables: Tables, key: str, value: str) -> list[Row]:
    rows = tables.of("contacts", key, value)
    return [{**row, "phones": tables.of("phones", "contact_id", row.get("id", "").strip())} for row in rows]


def _at_locations(tables: Tables, row: Row, own: str) -> Iterator[Row]:
    links = tables.of("links", "service_id", own)
    if not links and row.get("location_id"):
        links = [{"location_id": row["location_id"]}]
    for link in links:
        location = tables.one("locations", link.get("location_id", "").strip())
        if location is not None:
            at = link.get("id", "").strip()
            yield {
                **link,
                "attributes": list(_attributes(tables, "service_at_location", at)),
                "phones": tables.of("phones", "service_at_location_id", at),
                "schedules": tables.of("schedules", "service_at_location_id", at),
                "holiday_schedules": tables.of("holidays", "service_at_location_id", at),
                "location": _location(tables, location),
            }


def _location(tables: Tables, row: Row) -> Row:
    own = row.get("id", "").strip()
    postal = [{**each, "address_type": "postal"} for each in tables.of("postal", "location_id", own)]
    return {
        **row,
        "attributes": list(_attributes(tables, "location", own)),
        "addresses": [*tables.of("addresses", "location_id", own), *postal],
        "phones": tables.of("phones", "location_id", own),
        # Rows of a service at a location stand under the service.
        "schedules": [each for each in tables.of("schedules", "location_id", own) if not each.get("service_id")],
        "holiday_schedules": [each for each in tables.of("holidays", "location_id", own) if not each.get("service_id")],
        "languages": tables.of("languages", "location_id", own) or _as_list(row.get("languages")),
    }


def _attributes(tables: Tables, entity: str, own: str) -> Iterator[Row]:
    """Those of a service, place or organization (3.0), with their terms; of services those of 2.x and 1.1, too."""
    rows = [each for each in tables.of("attributes", "link_id", own) if _kind(each) in ("", entity)]
    if entity == "service":
        rows += tables.of("attributes", "service_id", own)
    for attribute in rows:
        term = _term(tables, str(attribute.get("taxonomy_term_id") or attribute.get("taxonomy_id") or ""))
        yield {**attribute, "taxonomy_term": term} if term else attribute


def _kind(attribute: Row) -> str:
    return str(attribute.get("link_entity") or attribute.get("link_type") or "").strip().lower()


def _of_codes(tables: Tables, row: Row) -> Iterator[Row]:
    """Terms by codes in the row of the service itself."""
    terms = (_term(tables, code.strip()) for code in str(row.get("taxonomy_ids") or "").split(","))
    return ({"taxonomy_term": term} for term in terms if term)


def _term(tables: Tables, term_id: str) -> Row | None:
    found = tables.one("terms", term_id) or next(iter(tables.of("terms", "taxonomy_id", term_id)), None)
    # HSDS 2.x calls the name ``term``.
    return {**found, "name": found.get("name") or found.get("term")} if found else None


def _as_list(value: Any) -> list[Any]:
    """Ohana writes several values into one field."""
    return [part.strip() for part in str(value).split(",") if part.strip()] if value else []
