"""Service areas in free words: who is served, who is not, and for whom that is not certain."""

from __future__ import annotations

import pytest

from bot.content.directory import load_directory
from bot.core.directory.area import covers
from bot.core.directory.match import find
from bot.core.directory.service import Area
from bot.core.directory.wish import Wish
from bot.directory.served import Map, read_areas
from bot.directory.zip_book import ZipBook
from tests.directory.building import ATHENS, COLUMBUS, RULES, TUESDAY, a_place, a_service

SERVED = [
    ("Delaware County", "43015"),
    ("Delaware County, OH", "43015"),
    ("Delaware County, Ohio", "43015"),
    ("Delaware, OH", "43015"),
    ("Franklin and Delaware Counties, OH", "43015"),
    ("Franklin, Delaware and Union Counties", "43015"),
    ("Counties of Franklin and Delaware", "43015"),
    ("Ohio: Franklin, Delaware Counties", "43015"),
    ("Washington County, OR", "97123"),
    ("Nevada County, CA", "95945"),
    ("Nevada, MO", "64772"),
    ("Texas County, MO", "65483"),
    ("Indiana County, PA", "15701"),
    ("LaPorte County, Indiana", "46350"),
    ("La Porte County", "46350"),
    ("Kansas City", "64106"),
    ("Kansas City, Kansas", "66101"),
    ("Iowa City and Coralville", "52240"),
    ("Virginia Beach", "23451"),
    ("Washington DC", "20001"),
    ("Washington, D.C.", "20001"),
    ("State of Washington", "98101"),
    ("Orleans Parish", "70112"),
    ("Orleans & Jefferson Parishes", "70112"),
    ("Saint Louis County", "63105"),
    ("St Louis County, Missouri", "63105"),
    ("Doña Ana County", "88001"),
    ("Prince Georges County, MD", "20774"),
    ("Prince George's, Montgomery and Frederick Counties, Maryland", "20774"),
    ("Lewis and Clark County, MT", "59601"),
    ("Manhattan, NY", "10001"),
    ("Manhattan, KS", "66502"),
    ("New York, NY", "11201"),
    ("New York City", "10451"),
    ("New York State", "12207"),
    ("San Juan, PR", "00901"),
    ("Baltimore City", "21201"),
    ("Municipality of Anchorage", "99501"),
    ("Belmont, Burlingame, East Palo Alto", "94002"),
    ("FRANKLIN COUNTY, OH", "43215"),
    ("Franklin Co. OH", "43215"),
    ("All residents of Franklin County living below 200% of poverty", "43215"),
    ("Franklin County, OH; Marion County, IN", "46201"),
    ("Ohio and Indiana", "46201"),
    ("ZIP codes 43215 and 43201", "43215"),
    ("Statewide", "43215"),
    ("Ohio (statewide)", "43215"),
    ("All US states", "43215"),
    ("Nationwide", "99501"),
]
NOT_SERVED = [
    ("Cuyahoga, Lake and Geauga Counties", "43215"),
    ("Cuyahoga and Lorain counties, Ohio", "43215"),
    ("Delaware County", "43215"),
    ("Franklin County, KY", "43215"),
    ("City of Cleveland", "43215"),
    ("National City, CA", "43215"),
    ("Indiana", "43215"),
    ("44101, 44102", "43215"),
    ("Jefferson Parish", "70112"),
    ("New York City", "12207"),
    ("Brooklyn", "10001"),
]
NOT_CERTAIN = [
    ("Fairfax City", "22030"),
    ("43215 and surrounding ZIP codes", "43201"),
    ("National City, CA", "92101"),
    ("US 23 corridor", "43215"),
    ("Nationwide Children's Hospital area", "43215"),
    ("Within 5 miles", "43215"),
    ("Edgewood school district only", "43215"),
    ("Bexley, OH", "43209"),
    ("Dublin, OH", "43215"),
    ("Northern Delaware County", "43015"),
    ("Franklin County, excluding Columbus", "43215"),
    ("Not in Ohio", "43215"),
    ("Hamilton County and US 50", "43215"),
    ("Licking, Fairfield, Franklin", "43215"),
    ("Delaware and Franklin County", "43015"),
    ("Greater Columbus area", "43215"),
    ("Brooklyn", "44144"),
]
ALL: list[tuple[str, str, bool | None]] = []
ALL += [(said, code, True) for said, code in SERVED]
ALL += [(said, code, False) for said, code in NOT_SERVED]
ALL += [(said, code, None) for said, code in NOT_CERTAIN]


@pytest.fixture(scope="module")
def known(book: ZipBook) -> Map:
    """The names of the map, and the words of the content folder."""
    return Map(book.gazetteer, load_directory().words.areas)


@pytest.mark.parametrize(("said", "code", "served"), ALL, ids=[f"{said} {code}" for said, code, _ in ALL])
def test_who_is_served(said: str, code: str, served: bool | None, known: Map, book: ZipBook) -> None:
    """A name of a state in a county's or a city's is not the state; what is not understood rules nobody out."""
    home = book(code)
    assert home is not None
    assert covers(tuple(read_areas([{"name": said}], known, (home.state,))), home) is served


@pytest.mark.parametrize(
    ("row", "served"),
    [
        ({"city": "Columbus", "state_province": "OH"}, True),
        ({"city": "Akron", "state_province": "OH", "postal_code": "44312"}, False),
        ({"zip_codes": ["43215", "43201"]}, True),
        ({"state_province": "Ohio"}, True),
        ({"name": "Area", "extent": '{"type": "Polygon"}', "extent_type": "geojson"}, None),
        ({"name": "Our area", "extent": "Franklin County", "extent_type": "text"}, True),
        ({"description": "Franklin County"}, True),
        ("Franklin County", True),
        ({}, None),
        ({"name": "No restrictions"}, None),
    ],
)
def test_rows_of_all_kinds(row: object, served: bool | None, known: Map) -> None:
    """With columns of their own, words in any of the usual columns, or words alone."""
    assert covers(tuple(read_areas([row], known, ("OH",))), COLUMBUS) is served


def test_long_lists_are_read_to_their_end(known: Map) -> None:
    """All counties of a state are one area; of a book nothing is certain."""
    counties = ", ".join(["Adams County"] * 200)
    assert covers(tuple(read_areas([f"{counties}, Franklin County"], known, ("OH",))), COLUMBUS) is True
    assert covers(tuple(read_areas([counties * 10], known, ("OH",))), COLUMBUS) is None


def test_no_limit_is_no_area(known: Map) -> None:
    """Nor is the listing then for the whole country."""
    assert not list(read_areas([{"name": "No restrictions."}, "Anyone"], known, ("OH",)))


def test_not_certain_is_further_down_with_call_first(book: ZipBook) -> None:
    """One area that is not understood beside one that is leaves the listing in, behind those that surely serve."""
    sure = a_service(1, name="Z Pantry", areas=(Area(states=("OH",)),))
    unsure = a_service(2, name="A Pantry", areas=(Area(states=("KY",)), Area("Around the lake")))
    away = a_service(3, name="B Pantry", areas=(Area(states=("KY",)),))
    found = find([unsure, away, sure], Wish(("food",), TUESDAY, zip="43215"), RULES, book)
    assert [(match.service.name, match.call_first) for match in found.matches] == [
        ("Z Pantry", False),
        ("A Pantry", True),
    ]


def test_nobody_far_is_served_by_words_that_say_nothing(book: ZipBook) -> None:
    """While it is not known where somebody lives, a line for "the US 23 corridor" is not for everybody."""
    service = a_service(1, places=(a_place(ATHENS),), areas=(Area("US 23 corridor"),))
    assert not find([service], Wish(("food",), TUESDAY, everywhere=True), RULES, book).matches
