"""Which listings are places to hide from violence, by whatever words, and which only mention it."""

from __future__ import annotations

import pytest

from bot.content.directory import load_directory
from bot.store import directory
from bot.store.database import Database
from tests.directory.building import a_service


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("Harbor House", "Serving victims of domestic violence. Emergency shelter available 24/7."),
        ("Sojourner", "Shelter. 24 hour crisis line for battered women and children."),
        ("Casa Esperanza", "Vivienda temporal para mujeres y niños. Ayuda a víctimas de violencia doméstica."),
        ("Nueva Luz", "Albergue las 24 horas. Atendemos a mujeres golpeadas y sus hijos."),
        ("Hope Center", "We help women leaving abusive partners. Temporary housing for up to a month."),
        ("Family Crisis Center", "Temporary stay for people hurt by a partner or family member."),
        ("The Bridge", "Our residence has twelve beds. We serve survivors of human trafficking."),
        ("Lydia's Place", "Domestic violence services. Housing, counseling, advocacy."),
        ("Women's Crisis Center", "Emergency beds."),
    ],
)
def test_whom_it_serves_and_where_they_stay_may_be_said_apart(name: str, description: str) -> None:
    """It is offered for safety alone, never for housing, and its address is not told."""
    crosswalk = load_directory().crosswalk
    assert crosswalk.is_violence(name, (), description)
    assert set(crosswalk.needs(name, (), description, is_violence=True)) == {"safety"}


@pytest.mark.parametrize(
    ("name", "description", "need"),
    [
        ("Elm Food Pantry", "Food for all. Survivors of domestic violence are welcome. Ask about housing.", "food"),
        ("Elm Church", "Meals, and help with housing, for all, including victims of domestic violence.", "food"),
        ("Housing Authority", "Public housing. Victims of domestic violence keep their voucher.", "housing"),
        ("Mission", "Shelter for homeless men. Domestic violence counseling on Mondays.", "housing"),
        ("Legal Aid", "For tenants facing eviction. We also help victims of domestic violence. Housing.", "housing"),
        ("Housing First", "Apartments. Preference for survivors of domestic violence.", "housing"),
        ("United Way", "Domestic violence services. Food pantry. Housing counseling.", "food"),
        ("Help Line", "We help people with food, housing, and domestic violence.", "food"),
    ],
)
def test_who_only_mentions_violence_is_offered_as_before(name: str, description: str, need: str) -> None:
    """One group of many, or help of another kind; the address is not told when in doubt."""
    crosswalk = load_directory().crosswalk
    assert not crosswalk.is_violence(name, (), description)
    assert need in crosswalk.needs(name, (), description, is_violence=False)


def test_listings_of_before_are_told_apart_anew(sqlite_db: Database) -> None:
    """After the table was changed, and without another import: offered for safety alone, the address forgotten."""
    before = a_service(
        name="Harbor House", description="Serving battered women. Shelter, always.", needs={"housing": 3}
    )
    other = a_service(2)
    crosswalk = load_directory().crosswalk
    with sqlite_db.write() as tx:
        directory.write(tx, [directory.encode(each) for each in (before, other)], "import")
        directory.reclassify(tx, crosswalk)
        (found,) = [each for each, _ in directory.listed(tx, need="safety")]
        assert list(directory.listed(tx, need="housing")) == []
        assert [each.places for each, _ in directory.listed(tx, need="food")] == [other.places]
    assert (found.is_violence, dict(found.needs)) == (True, {"safety": 1})
    assert [(place.is_hidden, place.address, place.latitude) for place in found.places] == [(True, None, 40.0)]
