"""Imports into the database and searches in it: nothing half-imported, updated by id, retired when gone."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Deps
from bot.content.directory import load_directory
from bot.core.directory.needs import DOMAINS
from bot.core.directory.wish import Wish
from bot.directory.folder import PackageError
from bot.directory.formats import detect
from bot.directory.importing import Imported, Order, import_package
from bot.directory.sample import import_sample, sample_path
from bot.directory.searching import search
from bot.directory.zip_book import ZipBook
from bot.store import audit, directory
from bot.store.database import Database
from tests.directory.building import FIXTURES, TUESDAY
from tests.world import StandingClock

ONE: dict[str, Any] = json.loads((FIXTURES / "lines.jsonl").read_text().splitlines()[0])


def imported(db: Database, book: ZipBook, path: Path, **more: Any) -> Imported:
    """What an import did."""
    order = replace(Order(path, detect(path), "test"), **more)
    return import_package(db, order, load_directory().crosswalk, book)


def written(folder: Path, *rows: Mapping[str, Any]) -> Path:
    """A file with these listings, which differ from the first of the fixtures in what is given."""
    path = folder / "file.json"
    path.write_text(json.dumps([{**ONE, **row} for row in rows]))
    return path


def names(db: Database) -> list[str]:
    """The listings that are not retired."""
    with db.read() as tx:
        return [service.name for service, _ in directory.listed(tx)]


def test_updated_by_id_and_retired_when_gone(db: Database, book: ZipBook, tmp_path: Path) -> None:
    """A second import of the same source; another source is left alone; the audit keeps the counts."""
    imported(db, book, written(tmp_path, {"id": "1", "name": "Other"}), source="other")
    first = imported(db, book, written(tmp_path, {"id": "1", "name": "A"}, {"id": "2", "name": "B"}))
    second = imported(db, book, written(tmp_path, {"id": "1", "name": "A2"}, {"id": "3", "name": "C"}))
    assert (first.counts["added"], second.counts["added"]) == (2, 1)
    assert (second.counts["changed"], second.counts["retired"]) == (1, 1)
    assert names(db) == ["A2", "C", "Other"]
    with db.read() as tx:
        assert [entry.detail.get("retired") for entry in audit.of_subject(tx, "directory", "test")] == [None, 1]


def test_a_dry_run_changes_nothing(db: Database, book: ZipBook, tmp_path: Path) -> None:
    """It says what would be done."""
    assert imported(db, book, written(tmp_path, {"id": "1"}), dry_run=True).counts["added"] == 1
    assert names(db) == []
    with db.read() as tx:
        assert audit.of_subject(tx, "directory", "test") == []


@pytest.mark.parametrize("broken", ['[{"id": "9", "name": "X"}, {"id', '[{"id": "9"}]'])
def test_nothing_is_half_imported(db: Database, book: ZipBook, tmp_path: Path, broken: str) -> None:
    """A file that ends in the middle, or that holds nothing of use, retires nobody either."""
    imported(db, book, written(tmp_path, {"id": "1", "name": "A"}))
    path = tmp_path / "broken.json"
    path.write_text(broken)
    with pytest.raises(PackageError):
        imported(db, book, path)
    assert names(db) == ["A"]


def test_the_same_id_twice_is_refused(db: Database, book: ZipBook, tmp_path: Path) -> None:
    """The first counts; the report names its row."""
    done = imported(db, book, written(tmp_path, {"id": "1", "name": "A"}, {"id": "1", "name": "B"}))
    assert names(db) == ["A"]
    assert [problem.why for problem in done.report.problems] == ["the same id as row 1"]


def test_a_date_for_listings_without_one(sqlite_db: Database, book: ZipBook, tmp_path: Path) -> None:
    """Their own date wins."""
    rows = ({"id": "1", "name": "A", "assured_date": None}, {"id": "2", "name": "B"})
    imported(sqlite_db, book, written(tmp_path, *rows), assured_on=date(2026, 3, 1))
    with sqlite_db.read() as tx:
        assert [service.verified_on for service, _ in directory.listed(tx)] == [date(2026, 3, 1), date(2026, 2, 1)]


def test_a_large_package_takes_little_memory(sqlite_db: Database, book: ZipBook, tmp_path: Path) -> None:
    """Listings of many kilobytes are read and written in less memory than the file has bytes."""
    path = tmp_path / "large.jsonl"
    with path.open("w") as file:
        for number in range(200):
            file.write(json.dumps({**ONE, "id": str(number), "description": f"{number} " * 8000}) + "\n")
    # What is read once a process, the map and the words, is not counted.
    imported(sqlite_db, book, FIXTURES / "directory.json")
    tracemalloc.start()
    done = imported(sqlite_db, book, path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.counts["added"] == 200
    assert most < path.stat().st_size


def wish(**more: Any) -> Wish:
    """A wish for food at 43215 on a Tuesday morning."""
    return Wish(**{"needs": ("food",), "at": TUESDAY, "zip": "43215", **more})


def test_a_search_finds_what_the_pure_match_finds(deps: Deps, book: ZipBook) -> None:
    """Best first, MORE by the ids that were offered, a reason when there is nothing."""
    imported(deps.db, book, FIXTURES / "directory.json")
    with deps.db.read() as tx:
        first = search(deps.settings, tx, wish()).matches
        assert [match.service.name for match in first] == ["Near Pantry", "Despensa Sol", "Night Kitchen"]
        more = search(deps.settings, tx, wish(not_ids=[match.service.id for match in first], age=30)).matches
        assert [match.service.name for match in more] == [
            "No Hours Pantry",
            "Forgotten Pantry",
            "First Saturday Market",
        ]
        assert search(deps.settings, tx, wish(zip="10001")).reason == "nothing_near"
        assert search(deps.settings, tx, wish(needs=("employment",))).reason == "nothing_for_this"
        assert search(deps.settings, tx, wish(needs=("safety",))).reason == "not_a_safe_time"


def test_a_search_among_many_looks_at_the_nearest(deps: Deps, book: ZipBook, tmp_path: Path) -> None:
    """However many there are, the nearest are among those that are weighed."""
    rows = []
    for number in range(400):
        location = {"id": str(number), "latitude": 39.9671 + 0.0005 * number, "longitude": -83.0044}
        rows.append({"id": str(number), "name": f"P{number:03}", "service_at_locations": [{"location": location}]})
    imported(deps.db, book, written(tmp_path, *reversed(rows)))
    with deps.db.read() as tx:
        found = search(deps.settings, tx, wish()).matches
    assert [match.service.name for match in found] == ["P000", "P001", "P002"]


def test_those_that_do_not_fit_hide_nobody(deps: Deps, book: ZipBook, tmp_path: Path) -> None:
    """Behind two hundred near ones for children, the one for adults is found."""
    near = [{"id": f"kid{number}", "name": f"Kids {number}", "maximum_age": 17} for number in range(200)]
    spot = {"location": {"id": "far", "latitude": 40.02, "longitude": -83.0}}
    far = {"id": "adult", "name": "Adult Pantry", "service_at_locations": [spot]}
    imported(deps.db, book, written(tmp_path, *near, far))
    with deps.db.read() as tx:
        assert [match.service.name for match in search(deps.settings, tx, wish(age=45)).matches] == ["Adult Pantry"]
        both = search(deps.settings, tx, wish(needs=("housing", "food"), age=45)).matches
        assert [match.service.name for match in both] == ["Adult Pantry"]


def test_a_day_to_come_is_no_day_of_checking(sqlite_db: Database, book: ZipBook, tmp_path: Path) -> None:
    """It is reported, and the next date of the listing counts."""
    days = {"assured_date": "2030-01-01", "last_modified": "2026-01-15"}
    done = imported(sqlite_db, book, written(tmp_path, {"id": "1", "name": "A", **days}))
    with sqlite_db.read() as tx:
        assert [service.verified_on for service, _ in directory.listed(tx)] == [date(2026, 1, 15)]
    assert [(problem.column, problem.refused) for problem in done.report.problems] == [("assured_date", "date")]
    assert load_directory().rules.is_old(date(2030, 1, 1), date(2026, 3, 1))


def test_zones_of_the_places_tell_the_hours(sqlite_db: Database, book: ZipBook, tmp_path: Path) -> None:
    """Hours in UTC, of the place and of the service, by the ZIP code of the place."""
    hours = {"freq": "WEEKLY", "byday": "MO", "opens_at": "13:00Z", "closes_at": "21:00Z", "valid_from": "2026-01-05"}
    spot = {
        "location": {"id": "l", "addresses": [{"address_1": "1 Elm", "postal_code": "43215"}], "schedules": [hours]}
    }
    row = {"id": "1", "name": "A", "schedules": [hours], "service_at_locations": [spot]}
    assert imported(sqlite_db, book, written(tmp_path, row)).report.problems == []
    with sqlite_db.read() as tx:
        ((service, _),) = directory.listed(tx)
    for schedule in (*service.schedules, *service.places[0].schedules):
        assert (schedule.opens, schedule.closes) == (time(8), time(16))


def test_the_sample_covers_every_need_once(deps: Deps, clock: StandingClock) -> None:
    """Invented places, for every need in every one of their ZIP codes; imported once; one is private, one is old."""
    clock.set(TUESDAY)
    done = import_sample(deps.db, deps.settings)
    assert done is not None
    assert done.report.problems == []
    assert import_sample(deps.db, deps.settings) is None
    with deps.db.read() as tx:
        for need in DOMAINS:
            for zip_code in ("43215", "60608", "79901"):
                found = search(deps.settings, tx, wish(needs=(need,), zip=zip_code, safe_contact=True)).matches
                assert found, (need, zip_code)
                assert all(match.phone and "555" in match.phone.number for match in found)
        assert sum(service.status == "private" for service, _ in directory.listed(tx)) == 3
    assert "invented" in sample_path(deps.settings).read_text()


def test_needs_are_worked_out_anew(sqlite_db: Database, book: ZipBook, tmp_path: Path) -> None:
    """After the table of needs was changed, listings are offered by it without another import."""
    imported(sqlite_db, book, written(tmp_path, {"id": "1", "name": "A", "attributes": [], "description": "Kites."}))
    crosswalk = load_directory().crosswalk
    kites = replace(crosswalk.lines["activity"][0], words=re.compile("kites"))
    changed = replace(crosswalk, lines={**crosswalk.lines, "activity": [kites]})
    with sqlite_db.write() as tx:
        assert directory.reclassify(tx, crosswalk) == 0
        assert directory.reclassify(tx, changed) == 1
        assert [service.name for service, _ in directory.listed(tx, need="activity")] == ["A"]
