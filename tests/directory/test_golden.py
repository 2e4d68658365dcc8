"""A table of needs, ZIP codes, languages and hours, and which places are found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.content.directory import load_directory
from bot.core.directory.match import find
from bot.core.directory.service import Service
from bot.core.directory.wish import Wish
from bot.directory.formats import detect, listings
from bot.directory.reading import Reader
from bot.directory.report import Report
from bot.directory.zip_book import ZipBook
from tests.directory.building import FIXTURES

CONTENT = load_directory()
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "golden.yml").read_text())


def read_all(path: Path, book: ZipBook, source: str = "test") -> list[Service]:
    """Every listing of a package that is not refused."""
    reader = Reader(source, CONTENT.crosswalk, book, Report())
    raws = listings(path, detect(path), reader.report)
    return [service for where, raw in raws if (service := reader.read(raw, where)) is not None]


@pytest.fixture(scope="module")
def services(book: ZipBook) -> list[Service]:
    """The directory that the table is about."""
    return read_all(FIXTURES / "directory.json", book)


def name(case: dict[str, Any]) -> str:
    """What a case is called in the report of a run."""
    return " ".join(str(value) for key, value in case.items() if key not in ("found", "reason", "why"))


@pytest.mark.parametrize("case", [pytest.param(case, id=name(case)) for case in CASES])
def test_golden(case: dict[str, Any], services: list[Service], book: ZipBook) -> None:
    """The places of the table are found, in its order, or nothing is, for its reason."""
    local = datetime.strptime(f"2026 {case.get('at', 'Tue Mar 3 10:00')}", "%Y %a %b %d %H:%M")  # noqa: DTZ007
    wish = Wish(
        needs=tuple(str(case["need"]).split("+")),
        at=local.replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC),
        zip=case.get("zip"),
        language=case.get("language", "en"),
        age=case.get("age"),
        limit=case.get("limit", 10),
        not_ids={service.id for service in services if service.name in case.get("not", ())},
        safe_contact=case.get("safe", False),
        everywhere=case.get("everywhere", False),
    )
    found = find(services, wish, CONTENT.rules, book)
    assert [match.service.name for match in found.matches] == case.get("found", [])
    assert found.reason == case.get("reason")


def test_no_secret_is_in_any_listing(services: list[Service]) -> None:
    """Neither the address of a shelter from violence nor one that is marked confidential gets into the record."""
    assert "Secret" not in repr(services)
    hidden = {service.name for service in services if any(place.is_hidden for place in service.places)}
    assert hidden == {"Harbor House", "Haven Homes", "Quiet House Rooms", "Staff Pantry"}
