"""Which format a package has, and the reader for it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.directory import haarrrvest, hsds_json, packages
from bot.directory.folder import LISTINGS, Folder, PackageError
from bot.directory.report import Report, Where
from bot.directory.streams import items

Listings = Iterator[tuple[Where, Mapping[str, Any]]]
# Name -> what it is, for --format and its help. The three HSDS packages are read by the same reader.
FORMATS = {
    "hsds-json": "HSDS 3.0 JSON: services or organizations, a list, an API page or lines; a file, folder or zip",
    "hsds-3": "HSDS 3.0 tabular data package: CSV files in a folder or zip",
    "hsds-2": "HSDS 2.x data package",
    "hsds-1": "HSDS 1.1 data package",
    "ohana": "Ohana API CSV files",
    "haarrrvest": "HAARRRvest results.jsonl",
}


def detect(path: Path) -> str:
    """The format of what lies at ``path``. Raises :class:`PackageError` when it cannot be told."""
    if not path.exists():
        raise PackageError(f"There is nothing at {path}.")
    if path.is_dir() or zipfile.is_zipfile(path):
        return _detect_package(Folder(path))
    if path.suffix.lower() == ".csv":
        raise PackageError(f"{path} is one file of a package; give its folder, with services.csv in it.")
    return _detect_json(path)


def listings(path: Path, format_name: str, report: Report) -> Listings:
    """The listings of the package, in the nested form of HSDS 3.0. Raises :class:`PackageError`."""
    readers: dict[str, Callable[[Path, Report], Listings]] = {
        "hsds-json": hsds_json.listings,
        "haarrrvest": haarrrvest.listings,
    }
    if format_name in readers:
        return readers[format_name](path, report)
    return packages.listings(Folder(path), report)


def _detect_json(path: Path) -> str:
    first = next(items(path, Report()), None)
    if first is None:
        raise PackageError(f"{path.name} is empty.")
    return "haarrrvest" if isinstance(first[1], Mapping) and "record" in first[1] else "hsds-json"


def _detect_package(folder: Folder) -> str:
    names = set(folder.names)
    if names.isdisjoint(LISTINGS):
        if folder.json_names:
            return _detect_json(folder.path)
        raise PackageError(f"{folder.path} holds no services.csv and no JSON, so it is no package of listings.")
    if "mail_addresses.csv" in names or (
        {"regular_schedules.csv", "taxonomy.csv"} <= names and "services_at_location.csv" not in names
    ):
        return "ohana"
    if "services_at_location.csv" in names or names & {"physical_addresses.csv", "regular_schedules.csv"}:
        return "hsds-1"
    if names & {"eligibilities.csv", "service_attributes.csv", "service_taxonomies.csv"}:
        return "hsds-2"
    return "hsds-3"
