"""What a directory keeps from the public is never offered, and what is closed is not, however they say so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.core.directory.service import Service
from bot.directory.privacy import hides_place, is_closed, is_private
from bot.directory.zip_book import ZipBook
from tests.directory.building import FIXTURES
from tests.directory.test_formats import read

SPOT = {"id": "loc", "addresses": [{"address_1": "9 Secret Ave", "postal_code": "43215"}]}


def listing(folder: Path, book: ZipBook, location: dict[str, Any], **more: Any) -> Service:
    """One listing with one place, as it is read."""
    one = json.loads((FIXTURES / "lines.jsonl").read_text().splitlines()[0])
    path = folder / "file.json"
    path.write_text(json.dumps([{**one, "service_at_locations": [{"location": {**SPOT, **location}}], **more}]))
    (found,) = read(path, book)[0].values()
    return found


@pytest.mark.parametrize(
    "marked",
    [
        {"alert": "PRIVATE - do not share with the public"},
        {"alert": "*** Confidential ***"},
        {"alert": "Do not share!"},
        {"description": "INTERNAL USE ONLY. Do not give out to clients. Food"},
        {"description": "Comida. Solo para uso interno."},
        {"attributes": [{"taxonomy_term": {"name": "Confidential listing"}}]},
        {"attributes": [{"label": "visibility", "value": "private", "taxonomy_term": {"name": "Visibility"}}]},
        {"attributes": {"name": "Is public", "value": "no"}},
        {"keywords": "food, Internal use only"},
        {"visibility": "Not_Public"},
    ],
)
def test_a_private_listing_by_its_own_words(marked: dict[str, Any]) -> None:
    """In an alert, a description, a category, an attribute, or a field."""
    assert is_private(marked)


@pytest.mark.parametrize(
    "plain",
    [
        {"alert": "Private pay only."},
        {"alert": "Confidential services: ask us."},
        {"description": "Free and confidential tests. Do not share needles. Private rooms."},
        {"description": "We do not share your information with the public."},
        {"keywords": "confidential"},
        {"attributes": [{"taxonomy_term": {"name": "Private"}, "value": "no"}]},
        {"attributes": [{"label": "privacy", "value": "shared rooms"}, "odd", None]},
    ],
)
def test_the_same_words_in_another_sense(plain: dict[str, Any]) -> None:
    """Are no mark."""
    assert not is_private(plain)


@pytest.mark.parametrize(
    "words",
    [
        "Confidential location",
        "Do not publish address",
        "Address: confidential",
        "Address confidential - call",
        "Shelter. Location undisclosed for safety.",
        "The location is kept secret.",
        "No publicar la dirección",
        "La dirección es confidencial.",
        "(private)",
    ],
)
def test_words_that_hide_a_place(words: str) -> None:
    """Whether alone or in a sentence."""
    assert hides_place(words)


@pytest.mark.parametrize(
    "words", ["On-site confidential tests", "Tests. Confidential.", "We do not share your address.", "12 Private Rd"]
)
def test_words_that_hide_nothing(words: str) -> None:
    """They speak of something else."""
    assert not hides_place(words)


@pytest.mark.parametrize(
    ("location", "more"),
    [
        ({"alternate_name": "Confidential location"}, {}),
        ({"description": "Do not publish address"}, {}),
        ({}, {"description": "Food. The address is not published."}),
    ],
)
def test_such_a_place_is_not_stored(
    location: dict[str, Any], more: dict[str, Any], tmp_path: Path, book: ZipBook
) -> None:
    """Neither its address nor its name; the listing is offered by its phone."""
    found = listing(tmp_path, book, location, **more)
    assert found.status == "active"
    assert all(place.is_hidden for place in found.places)
    assert "Secret" not in repr(found)


@pytest.mark.parametrize(
    "alert",
    [
        "Closed permanently.",
        "Elm Pantry has permanently closed.",
        "ALERT: this program has ended",
        "As of June 1, 2024, we are closed until further notice!",
        "Temporarily closed due to flooding.",
        "Cerrado permanentemente",
    ],
)
def test_what_says_that_it_is_closed(alert: str) -> None:
    """All of it, for good or for now."""
    assert is_closed({"name": "Elm Pantry", "alert": alert})


@pytest.mark.parametrize(
    "alert",
    [
        "Our main office is permanently closed.",
        "Waiting list closed until further notice",
        "Closed permanently on Sundays",
        "Showers temporarily closed",
        "Permanently closed at Oak St; moved to 5 Elm St",
        "Closed Monday",
    ],
)
def test_what_is_closed_in_part_is_offered(alert: str) -> None:
    """Or at another time, or elsewhere."""
    assert not is_closed({"name": "Elm Pantry", "alert": alert})


@pytest.mark.parametrize(
    ("entity", "table", "row", "status"),
    [
        ("service", "services.csv", "t1,", "private"),
        ("organization", "organizations.csv", "t1,", "private"),
        ("location", "locations.csv", "t1,", "active"),
        ("service_at_location", "service_at_location.csv", "t1,", "active"),
        ("location", "locations.csv", ",visibility", "active"),
    ],
)
def test_attributes_of_tables_mark_what_they_belong_to(
    entity: str, table: str, row: str, status: str, tmp_path: Path, book: ZipBook
) -> None:
    """A place loses its address, a listing is not offered; with a term, or with a label and a value."""
    package = tmp_path / "package"
    shutil.copytree(FIXTURES / "hsds-3", package)
    (key, *_) = (package / table).read_text("utf-8-sig").splitlines()[1].split(",")
    with (package / "taxonomy_terms.csv").open("a") as file:
        file.write("t1,,Confidential location\n")
    text = (package / "attributes.csv").read_text().splitlines()
    lines = [f"{text[0]},label,value", *(f"{line},," for line in text[1:])]
    term, label = row.split(",")
    lines.append(f"a9,{key},{term},{entity},{label},{'private' if label else ''}")
    (package / "attributes.csv").write_text("\n".join(lines))
    near = read(package, book)[0]["Near Pantry"]
    assert (near.status, near.terms[0]) == (status, "Food Pantry")
    assert [place.address for place in near.places] == [None]


def test_a_closed_listing_is_inactive(tmp_path: Path, book: ZipBook) -> None:
    """Whatever its status says."""
    assert listing(tmp_path, book, {}, status="active", alert="Closed permanently.").status == "inactive"
