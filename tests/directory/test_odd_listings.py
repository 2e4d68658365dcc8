"""Packages with mistakes in them: what is wrong is refused with its place, and the rest is read."""

from __future__ import annotations

import copy
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.directory import load_directory
from bot.core.directory.service import Service
from bot.directory import haarrrvest, hsds_json
from bot.directory.folder import PackageError
from bot.directory.formats import detect, listings
from bot.directory.reading import Reader
from bot.directory.report import Report
from bot.directory.zip_book import ZipBook, open_zip_book
from tests.directory.building import FIXTURES

ONE: dict[str, Any] = json.loads((FIXTURES / "lines.jsonl").read_text().splitlines()[0])
FULL: dict[str, Any] = {
    **ONE,
    "organization": {"id": "o", "name": "Elm", "phones": [{"number": "614-555-0134"}], "contacts": [{"phones": []}]},
    "schedules": [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00-05:00", "closes_at": "17:00-05:00"}],
    "holiday_schedules": [{"start_date": "2026-12-25", "closed": True}],
    "languages": [{"name": "Spanish", "code": "es"}],
    "required_documents": [{"document": "ID"}],
    "service_areas": [{"name": "Ohio", "extent": "x", "extent_type": "text"}],
    "cost_options": [{"option": "x", "amount": 5, "currency": "USD"}],
    "attributes": [{"taxonomy_term": {"name": "Food Pantry"}, "value": "x"}],
    "contacts": [{"phones": [{"number": "614-555-0135", "extension": "1", "type": "voice"}]}],
    "metadata": [{"last_action_date": "2026-01-01"}],
    "eligibility_description": "Seniors 60+",
    "fees_description": "Free",
    "minimum_age": 1,
    "maximum_age": 99,
    "service_at_locations": [
        {
            "schedules": [],
            "location": {
                "name": "Elm",
                "latitude": 39.9,
                "longitude": -83.0,
                "languages": [{"code": "es"}],
                "phones": [{"number": "614-555-0134"}],
                "schedules": [{"byday": ["MO"], "opens_at": "09:00", "closes_at": "17:00", "valid_from": "2026-01-01"}],
                "addresses": [
                    {"address_1": "1 Elm", "city": "Columbus", "state_province": "OH", "postal_code": "43215"}
                ],
            },
        }
    ],
}
RECORD: dict[str, Any] = {
    "organization": {"name": "Elm", "description": "x", "phones": [{"number": "614-555-0134"}]},
    "services": [{"name": "Pantry", "locations": ["1"], "schedules": [{"byday": "MO"}], "metadata": {}}],
    "locations": [
        {"id": "1", "coordinates": [39.9, -83.0], "addresses": [{"street": "1 Elm", "postal_code": "43215"}]}
    ],
}
WRONG = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    st.sampled_from(
        [[], {}, ["a"], [None], [["x"]], [{}], {"a": 1}, {"name": {}}, [1], "\ud800", 10**30, "2026-13-99"]
    ),
)


def paths(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to every part of a listing."""
    if way:
        yield way
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from paths(part, (*way, key))


def changed(raw: dict[str, Any], way: tuple[Any, ...], wrong: Any) -> dict[str, Any]:
    """The listing with this part of it put wrong."""
    given = copy.deepcopy(raw)
    part: Any = given
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = wrong
    return given


def read(path: Path) -> tuple[list[Service], Report]:
    """The listings of a package, and the report."""
    report = Report()
    reader = Reader("test", load_directory().crosswalk, open_zip_book(), report)
    raws = listings(path, detect(path), report)
    return [service for where, raw in raws if (service := reader.read(raw, where)) is not None], report


def said(report: Report) -> list[tuple[str, int | None, str, str]]:
    """File, row, column and what was left out, of each problem."""
    return [(each.where.file, each.where.row, each.column, each.refused) for each in report.problems]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, book: ZipBook) -> Path:
    """A folder for packages; the ZIP codes are open."""
    return tmp_path_factory.mktemp("odd")


@settings(max_examples=150, deadline=None)
@given(way=st.sampled_from(list(paths(FULL))), wrong=WRONG, inside=st.booleans())
def test_a_wrong_type_anywhere_never_stops_an_import(folder: Path, way: Any, wrong: Any, inside: bool) -> None:
    """The listing is read or refused with its row; the one behind it is there."""
    odd = changed(FULL, way, wrong)
    path = folder / "odd.json"
    path.write_text(json.dumps([{"name": "Elm", "services": [odd]} if inside else odd, {**ONE, "id": "last"}]))
    report = Report()
    reader = Reader("test", load_directory().crosswalk, open_zip_book(), report)
    found = [reader.read(raw, where) for where, raw in hsds_json.listings(path, report)]
    assert found[-1] is not None
    assert found[-1].external_id == "last"
    assert len(found) == 2 and found[0] is not None or report.refused == 1


@settings(max_examples=80, deadline=None)
@given(way=st.sampled_from(list(paths(RECORD))), wrong=WRONG)
def test_a_wrong_type_in_a_record_never_stops_an_import(folder: Path, way: Any, wrong: Any) -> None:
    """Of HAARRRvest, the same."""
    path = folder / "odd.jsonl"
    lines = [{"file": "1", "record": changed(RECORD, way, wrong)}, {"file": "last", "record": RECORD}]
    path.write_text("\n".join(map(json.dumps, lines)))
    report = Report()
    reader = Reader("test", load_directory().crosswalk, open_zip_book(), report)
    found = [reader.read(raw, where) for where, raw in haarrrvest.listings(path, report)]
    assert found[-1] is not None
    assert found[-1].external_id == "last-1"


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"organization": "Elm"}, "organization"),
        ({"service_at_locations": "Elm"}, "service_at_locations"),
        ({"service_at_locations": [{"location": {"addresses": 5}}]}, "service_at_locations.location.addresses"),
        ({"attributes": {"taxonomy_term": {"name": "Private"}}}, "attributes"),
        ({"languages": 5}, "languages"),
        ({"phones": ["614-555-0134"]}, "phones"),
    ],
)
def test_the_part_that_is_wrong_is_named(wrong: dict[str, Any], column: str, tmp_path: Path) -> None:
    """What might hold a mark of privacy is never skipped: the whole listing is refused."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps([{**ONE, **wrong}, {**ONE, "id": "2"}]))
    found, report = read(path)
    assert [service.external_id for service in found] == ["2"]
    assert said(report) == [("file.json", 1, column, "listing")]


def test_an_age_without_end_is_left_out(tmp_path: Path) -> None:
    """JSON of some programs writes Infinity."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps([{**ONE, "minimum_age": float("inf")}]))
    found, report = read(path)
    assert (len(found), said(report)) == (1, [("file.json", 1, "minimum_age", "age")])


def test_a_bad_line_costs_a_line(tmp_path: Path) -> None:
    """Of JSON lines, wherever it stands; but a file that breaks off is not half imported."""
    path = tmp_path / "file.jsonl"
    good = [json.dumps({**ONE, "id": number}) for number in range(3)]
    path.write_text("\n".join(["{bad", good[0], "", '"words"', good[1], '{"id": 1,', good[2]]) + "\n")
    found, report = read(path)
    assert [service.external_id for service in found] == ["0", "1", "2"]
    assert [row for _, row, _, _ in said(report)] == [1, 3, 5]
    path.write_text("\n".join([*good, '{"id": "3", "na']))
    with pytest.raises(PackageError, match="breaks off"):
        read(path)


def package(folder: Path, **files: str) -> Path:
    """The 3.0 package of the fixtures, with these files changed."""
    path = folder / "package"
    shutil.copytree(FIXTURES / "hsds-3", path)
    for name, content in files.items():
        (path / f"{name}.csv").write_text(content)
    return path


@pytest.mark.parametrize(
    ("rows", "names", "wrong"),
    [
        (['a,A,"food', "b,B,food", "c,C,food"], ["B", "C"], [2]),
        (['a,A,"food', "b,B,food", 'c,C,"good, food"'], ["B", "C"], [2]),
        (["a,A,food", 'b,B,"the "best" food"', "c,C,food"], ["A", "C"], [3]),
        (['a,A,"several\nlines"', 'b,B,5" pipes', 'c,C,"says ""food"""'], ["A", "B", "C"], []),
    ],
)
def test_a_quotation_mark_swallows_no_rows(rows: list[str], names: list[str], wrong: list[int], tmp_path: Path) -> None:
    """The row whose quotation marks do not close is refused, and those behind it are there."""
    path = package(tmp_path, services="\n".join(["id,name,description", *rows]) + "\n")
    found, report = read(path)
    assert [service.name for service in found] == names
    assert [row for file, row, _, refused in said(report) if (file, refused) == ("services.csv", "row")] == wrong


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators(separator: str, tmp_path: Path) -> None:
    """As spreadsheets write them in other countries."""
    rows = ["", "id,name,description", '"a",A,"one, two"']
    path = package(tmp_path, services="\n".join(row.replace(",", separator, 2) for row in rows))
    assert [service.name for service in read(path)[0]] == ["A"]


def test_an_organization_that_is_not_there_is_reported(tmp_path: Path) -> None:
    """The listing is kept, without it."""
    found, report = read(package(tmp_path, services="id,organization_id,name\na,nobody,A\n"))
    assert [(service.name, service.organization) for service in found] == [("A", "")]
    assert ("services.csv", 2, "organization_id", "organization") in said(report)


def test_a_folder_in_a_folder(tmp_path: Path) -> None:
    """As in the archive of the same; two packages in one folder are said to be two."""
    shutil.copytree(FIXTURES / "hsds-3", tmp_path / "export" / "data")
    (tmp_path / "export" / "datapackage.json").write_text("{}")
    assert len(read(tmp_path / "export")[0]) == 4
    shutil.copytree(FIXTURES / "hsds-3", tmp_path / "export" / "more")
    with pytest.raises(PackageError, match="several packages"):
        detect(tmp_path / "export")


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_json_in_a_folder(packed: bool, tmp_path: Path) -> None:
    """Every file of it, also in an archive."""
    path = tmp_path / "export"
    path.mkdir()
    for name in ("lines.jsonl", "page.json"):
        shutil.copy(FIXTURES / name, path)
    if packed:
        with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
            for file in path.iterdir():
                archive.write(file, f"export/{file.name}")
        path = tmp_path / "export.zip"
    assert detect(path) == "hsds-json"
    found, report = read(path)
    assert len(found) == 6
    assert report.problems == []


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"id": "1", "name": "Pantry", "organization_id": "o", "assured_date": "2026-01-01"}, 1),
        ({"id": "1", "name": "Pantry", "fees_description": "Free"}, 1),
        ({"id": "o", "name": "Elm Inc.", "description": "Does good", "services": []}, 0),
        ({"id": "o", "name": "Elm Inc.", "legal_status": "nonprofit"}, 0),
        ({"id": "l", "name": "Elm", "organization_id": "o", "location_type": "physical"}, 0),
    ],
)
def test_services_are_told_from_organizations(given: dict[str, Any], count: int, tmp_path: Path) -> None:
    """By what they have, also without a status and an organization; the others are reported."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps([given]))
    found, report = read(path)
    assert (len(found), report.refused) == (count, 1 - count)


def test_terms_of_hsds_2(tmp_path: Path) -> None:
    """Their name is called ``term`` there."""
    path = tmp_path / "package"
    shutil.copytree(FIXTURES / "hsds-2", path)
    terms = path / "taxonomy_terms.csv"
    terms.write_text(terms.read_text().replace("id,name,", "id,term,"))
    near = next(service for service in read(path)[0] if service.name == "Near Pantry")
    assert (near.terms, dict(near.needs)) == (("Food Pantry",), {"food": 1})
