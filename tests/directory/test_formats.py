"""Packages of every format give the listings that are in them, and say what was left out."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from bot.content.directory import load_directory
from bot.core.directory.service import Service
from bot.directory.folder import PackageError
from bot.directory.formats import detect, listings
from bot.directory.reading import Reader
from bot.directory.report import Report
from bot.directory.zip_book import ZipBook
from tests.directory.building import FIXTURES, published

PACKAGES = {"hsds-1": "hsds-1", "hsds-2": "hsds-2", "hsds-3": "hsds-3"}
FILES = {"directory.json": 20, "page.json": 3, "lines.jsonl": 3, "organizations.json": 2}


def read(path: Path, book: ZipBook, format_name: str | None = None) -> tuple[dict[str, Service], Report]:
    """The listings by name, and the report."""
    report = Report()
    reader = Reader("test", load_directory().crosswalk, book, report)
    raws = listings(path, format_name or detect(path), report)
    found = [service for where, raw in raws if (service := reader.read(raw, where)) is not None]
    return {service.name: service for service in found}, report


@pytest.mark.parametrize("format_name", PACKAGES)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_packages_of_all_versions_say_the_same(format_name: str, packed: bool, tmp_path: Path, book: ZipBook) -> None:
    """HSDS 1.1, 2.x and 3.0, in a folder or an archive: names, numbers, places, hours, languages, categories."""
    path = FIXTURES / format_name
    if packed:
        path = Path(shutil.make_archive(str(tmp_path / "package"), "zip", FIXTURES, format_name))
    assert detect(path) == format_name
    found, report = read(path, book)
    assert report.problems == []
    assert set(found) == {"Near Pantry", "Night Kitchen", "Despensa Sol", "Harbor House"}
    near = found["Near Pantry"]
    assert near.phones[0].number == "+16145550150"
    assert near.places[0].address is not None
    assert (near.places[0].address.street, near.places[0].latitude) == ("1 Test St", 39.97)
    assert sorted(day for schedule in near.schedules for day in schedule.weekdays) == [0, 1, 2, 3, 4]
    assert near.is_free is True
    assert near.terms == ("Food Pantry",)
    assert found["Despensa Sol"].languages == ("es",)
    assert found["Harbor House"].is_violence
    assert "Secret" not in repr(found)
    assert "Test St" not in repr(found["Harbor House"])


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_json_in_all_its_forms(name: str, count: int, book: ZipBook) -> None:
    """A list, a page of the API, JSON lines, organizations with their services."""
    found, report = read(FIXTURES / name, book)
    assert len(found) == count
    assert report.problems == []
    assert found["Near Pantry"].organization == "Near Pantry Inc."


def test_items_are_read_one_at_a_time(tmp_path: Path, book: ZipBook) -> None:
    """Across any border of what is read at once, and with white space between."""
    one = json.loads((FIXTURES / "lines.jsonl").read_text().splitlines()[0])
    rows = [{**one, "id": str(number), "name": f"Pantry {number}", "description": "é" * 5000} for number in range(60)]
    path = tmp_path / "many.json"
    path.write_text(
        "\ufeff [ " + " \n, ".join(json.dumps(row, ensure_ascii=False) for row in rows) + " ]\n", encoding="utf-8"
    )
    assert len(read(path, book)[0]) == 60


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "empty|not JSON"),
        ("hello", "not JSON"),
        ('[{"id": 1}, {"id"', "at item 2"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_what_is_no_package_is_said(content: str | bytes, sentence: str, tmp_path: Path, book: ZipBook) -> None:
    """One plain sentence with the place of the mistake."""
    path = tmp_path / "file.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(PackageError, match=sentence):
        read(path, book)


def test_a_folder_without_services_is_said(tmp_path: Path) -> None:
    """And so is a path where there is nothing, or one file of a package."""
    (tmp_path / "phones.csv").write_text("id\n")
    for path in (tmp_path, tmp_path / "nowhere", tmp_path / "phones.csv"):
        with pytest.raises(PackageError):
            detect(path)


def broken_package(folder: Path) -> Path:
    """A copy of the 3.0 package with a mistake of each kind."""
    package = folder / "package"
    shutil.copytree(FIXTURES / "hsds-3", package)
    text = (package / "services.csv").read_text(encoding="utf-8-sig")
    rows = text.splitlines() + [
        ",org,Nameless id,,active,,",
        "x1,org,,,active,,",
        "x2,org,Late Pantry,,active,,soon",
        "a,b,c,d,e,f,g,h",
    ]
    (package / "services.csv").write_text("\n".join(rows), encoding="cp1252")
    first = text.splitlines()[1].split(",")[0]
    with (package / "schedules.csv").open("a") as file:
        file.write(
            f"h1,{first},WEEKLY,MO,25:00,26:00\nh2,{first},WEEKLY,MO,17:00,16:00\nh3,nobody,WEEKLY,MO,09:00,10:00\n"
        )
        file.write(f"h4,{first},MONTHLY,TU,09:00,10:00\n")
    with (package / "phones.csv").open("a") as file:
        file.write(f"p1,{first},call us,voice\n")
    return package


def test_mistakes_are_reported_by_file_row_and_column(tmp_path: Path, book: ZipBook) -> None:
    """What can be used is used; what cannot is named."""
    found, report = read(broken_package(tmp_path), book)
    assert "Late Pantry" in found
    said = {(p.where.file, p.where.row, p.column, p.refused) for p in report.problems}
    assert said == {
        ("services.csv", 6, "id", "listing"),
        ("services.csv", 7, "name", "listing"),
        ("services.csv", 8, "assured_date", "date"),
        *(("services.csv", row, "organization_id", "organization") for row in (6, 7, 8)),
        ("services.csv", 9, "", "row"),
        ("schedules.csv", 6, "opens_at", "hours"),
        ("schedules.csv", 7, "closes_at", "hours"),
        ("schedules.csv", 8, "service_id", "hours"),
        ("schedules.csv", 9, "byday", "hours"),
        ("phones.csv", 6, "number", "phone"),
    }
    assert all(problem.why for problem in report.problems)


@pytest.mark.parametrize("mark", [{"private": True}, {"is_public": False}, {"visibility": "internal"}])
def test_private_listings_are_kept_and_never_offered(mark: dict[str, object], tmp_path: Path, book: ZipBook) -> None:
    """Whatever the directory's word for it; also when the organization carries the mark."""
    one = json.loads((FIXTURES / "lines.jsonl").read_text().splitlines()[0])
    path = tmp_path / "file.json"
    path.write_text(
        json.dumps([{**one, **mark}, {**one, "id": "2", "name": "B", "organization": {"name": "O", **mark}}])
    )
    found, _ = read(path, book)
    assert {service.status for service in found.values()} == {"private"}
    assert all(place.address is None for service in found.values() for place in service.places)


@pytest.mark.parametrize(
    "marked",
    [
        {"addresses": [{"address_1": "Confidential", "postal_code": "43215"}]},
        {"addresses": [{"address_1": "9 Secret Ave", "address_type": "private", "postal_code": "43215"}]},
        {"confidential": "yes", "addresses": [{"address_1": "9 Secret Ave", "postal_code": "43215"}]},
        {
            "description": "The address is confidential.",
            "addresses": [{"address_1": "9 Secret Ave", "postal_code": "43215"}],
        },
    ],
)
def test_marked_places_lose_their_address(marked: dict[str, object], tmp_path: Path, book: ZipBook) -> None:
    """The listing stays, with its number; of the place only the region is kept, for the order."""
    one = json.loads((FIXTURES / "lines.jsonl").read_text().splitlines()[0])
    spot = {"location": {"id": "loc", "latitude": 39.9999, "longitude": -83.0, **marked}}
    path = tmp_path / "file.json"
    path.write_text(json.dumps([{**one, "service_at_locations": [spot]}]))
    (place,) = read(path, book)[0]["Near Pantry"].places
    assert place.is_hidden
    assert place.address is None
    assert place.latitude != 39.9999
    assert "Secret" not in repr(place)


def test_a_trap_of_an_archive_is_not_unpacked(tmp_path: Path, book: ZipBook) -> None:
    """Names that lead out of the folder are names and nothing else."""
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../services.csv", "id,name\n1,Pantry\n")
    assert set(read(path, book, "hsds-3")[0]) == {"Pantry"}
    assert not (tmp_path.parent.parent / "services.csv").exists()


@pytest.mark.parametrize(
    ("name", "format_name", "least"),
    [
        ("haarrrvest/results.jsonl", "haarrrvest", 1000),
        ("ohana-sample-csv", "ohana", 20),
        ("openreferral-sample-data/all_resources", "hsds-1", 12),
        ("openreferral-sample-data/simple", "hsds-1", 12),
        ("hsds-3.0-spec/examples/csv", "hsds-3", 1),
        ("hsds-3.0-spec/examples/service_full.json", "hsds-json", 1),
        ("hsds-3.0-spec/examples/organization_full.json", "hsds-json", 1),
        ("hsds-3.0-spec/examples/service_list.json", "hsds-json", 1),
        ("hsds-3.0-spec/examples/service_at_location_full.json", "hsds-json", 1),
    ],
)
def test_published_packages(name: str, format_name: str, least: int, book: ZipBook) -> None:
    """What the makers of the formats publish is told apart and read."""
    path = published(name)
    assert detect(path) == format_name
    found, report = read(path, book)
    assert len({service.id for service in found.values()}) == len(found)
    assert sum(1 for _ in listings(path, format_name, Report())) >= least
    assert report.counts["listing"] <= 1


def test_published_pantries_can_be_found_and_called(book: ZipBook) -> None:
    """Nearly all have a place, most a number and hours; hours that are not certain are left out."""
    found, report = read(published("haarrrvest/results.jsonl"), book)
    services = list(found.values())
    assert sum("food" in service.needs for service in services) > 0.99 * len(services)
    assert sum(any(place.latitude for place in service.places) for service in services) > 0.95 * len(services)
    hours = [service for service in services if service.schedules or any(place.schedules for place in service.places)]
    assert len(hours) > 0.6 * len(services)
    assert report.counts["hours"] > 100


@pytest.mark.parametrize(
    ("name", "terms", "description"),
    [
        ("Haven", (), "A confidential emergency shelter for women and children fleeing abusive relationships."),
        ("Ruth", (), "Confidential shelter for victims of abuse."),
        ("Home", (), "Emergency housing for women escaping an abusive partner"),
        ("DV shelter", (), ""),
        ("Casa", (), "Albergue para mujeres víctimas de abuso."),
        ("SafeHouse Center", (), ""),
    ],
)
def test_a_place_to_hide_is_one_whatever_it_is_called(name: str, terms: tuple[str, ...], description: str) -> None:
    """It is help against violence: never offered for housing, never with an address."""
    crosswalk = load_directory().crosswalk
    assert crosswalk.is_violence(name, terms, description)
    assert crosswalk.needs(name, terms, description, True) == {"safety": 1}


@pytest.mark.parametrize(
    ("name", "terms", "description", "hidden"),
    [
        ("City Women's Shelter", (), "Beds for homeless women.", True),
        ("Ark", ("Emergency Shelter",), "Help for survivors of spousal abuse.", True),
        ("Recovery Inn", (), "Residential treatment for substance abuse.", False),
        ("First Night", ("Emergency Shelter",), "For adults, every night. Free and confidential.", False),
    ],
)
def test_what_may_be_a_place_to_hide_shows_no_address(
    name: str, terms: tuple[str, ...], description: str, hidden: bool
) -> None:
    """It is offered like others, by its telephone."""
    crosswalk = load_directory().crosswalk
    assert not crosswalk.is_violence(name, terms, description)
    assert crosswalk.hides(" . ".join((name, *terms, description))) is hidden
