"""The directory as referrals ask it."""

from __future__ import annotations

from datetime import date

from bot.bootstrap import Deps
from bot.core.directory.service import Address, Area, Phone
from bot.core.segments import segments
from bot.directory.finder import DirectoryFinder
from bot.store import directory, patients
from bot.store.patients import Profile
from tests.directory.building import a_place, a_service


def test_places_for_a_patient(deps: Deps) -> None:
    """Near the patient's ZIP code, for the patient's age; texts to send, whether there are more, and a page."""
    old, young = a_service(1, name="Elders", min_age=60), a_service(2, name="Grown-ups", min_age=18)
    services = [old, young, *(a_service(number, email="desk@example.org") for number in range(3, 6))]
    finder = DirectoryFinder(deps.settings, deps.content)
    with deps.db.write() as tx:
        directory.write(tx, [directory.encode(service) for service in services], "i1")
        patients.upsert(tx, "pat-1", profile=Profile(zip="43215", birth_date=date(1990, 1, 1)))
        patient = patients.get(tx, "pat-1")
        assert patient is not None
        found = finder.find(tx, patient, "es", ["food"], frozenset({"res_003"}), 2)
        rest = finder.find(tx, patient, "es", ["food"], frozenset({"res_003", *(p.id for p in found.places)}), 2)
        nothing = finder.find(tx, patient, "es", ["safety"], frozenset(), 2)
    assert [place.name for place in found.places] == ["Elm Pantry 4", "Elm Pantry 5"]
    assert found.places[0].text.startswith("Elm Pantry 4 (0 mi). 614-555-0134. Abierto hasta 5pm.")
    assert sum(segments(place.text) for place in found.places) <= 3
    assert found.more
    assert found.page is not None
    assert found.page.startswith(f"{deps.settings.public_url}/r/")
    assert ([place.name for place in rest.places], rest.more) == (["Grown-ups"], False)
    assert (nothing.places, nothing.page) == ((), None)


def test_how_a_place_is_reached(deps: Deps) -> None:
    """By mail where the directory has an address; never one that is private."""
    service = a_service(1, email="desk@example.org", phones=(), places=(a_place(phones=(Phone("+16145550199"),)),))
    finder = DirectoryFinder(deps.settings, deps.content)
    with deps.db.write() as tx:
        directory.write(tx, [directory.encode(each) for each in (service, a_service(2, status="private"))], "i1")
        reach = finder.reach(tx, "res_001")
        assert reach is not None
        assert (reach.mail, reach.number) == ("desk@example.org", "+16145550199")
        assert finder.reach(tx, "res_002") is finder.reach(tx, "res_009") is None


def test_where_to_go_is_told_unless_it_must_not_be(deps: Deps) -> None:
    """Street and town of the place, what to call and whether it is free; nothing of a place that hides."""
    street = a_place().address
    hidden = a_service(2, name="Hidden", places=(a_place(is_hidden=True, address=street),), is_free=None)
    violence = a_service(3, is_violence=True)
    several = a_service(4, places=(a_place(), a_place(address=Address("9 Oak St", "Columbus", "OH", "43215"))))
    finder = DirectoryFinder(deps.settings, deps.content)
    with deps.db.write() as tx:
        services = (a_service(1), hidden, violence, several)
        directory.write(tx, [directory.encode(each) for each in services], "i1")
        patients.upsert(tx, "pat-1", profile=Profile(zip="43215"))
        patient = patients.get(tx, "pat-1")
        assert patient is not None
        found = {p.name: p for p in finder.find(tx, patient, "en", ["food"], frozenset(), 4).places}
        reached = {number: finder.reach(tx, f"res_00{number}") for number in (1, 2, 3, 4)}
    assert street is not None
    told = f"{street.street}, {street.city}"
    assert (found["Elm Pantry 1"].address, found["Elm Pantry 1"].number) == (told, "614-555-0134")
    assert (found["Elm Pantry 1"].free, found["Hidden"].free, found["Hidden"].address) == (True, None, None)
    assert {number: reach.address for number, reach in reached.items() if reach} == {1: told, 2: None, 3: None, 4: None}


def test_without_a_zip_code_only_what_serves_everybody(deps: Deps) -> None:
    """Nationwide, or a line that is free to call from anywhere; a ZIP code that is none is no better than none."""
    nearby, line = a_service(1), a_service(2, name="Free Line", places=(), phones=(Phone("+18005550100"),))
    everywhere = a_service(3, name="Whole Country", areas=(Area(nationwide=True),))
    finder = DirectoryFinder(deps.settings, deps.content)
    with deps.db.write() as tx:
        directory.write(tx, [directory.encode(each) for each in (nearby, line, everywhere)], "i1")
        for code in (None, "00000"):
            patients.upsert(tx, "pat-1", profile=Profile(zip=code))
            patient = patients.get(tx, "pat-1")
            assert patient is not None
            found = finder.find(tx, patient, "en", ["food"], frozenset(), 5)
            assert sorted(place.name for place in found.places) == ["Free Line", "Whole Country"]
        assert (finder.offers(tx, ["safety", "food"]), finder.offers(tx, ["education"])) == (True, False)
    assert (finder.knows_zip("43215"), finder.knows_zip("43215-1001"), finder.knows_zip("00000")) == (True, True, False)
