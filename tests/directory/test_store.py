"""Listings and shared lists in the database, on both kinds."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.directory.service import Service
from bot.store import directory, patients, shared_lists
from bot.store.database import Database, Transaction
from bot.store.directory_tables import SharedList
from bot.store.erasure import erase_patient
from bot.store.patients import Profile
from tests.directory.building import ATHENS, CHICAGO, a_place, a_service
from tests.world import START

HERE = (39.96, -83.0)


def written(tx: Transaction, import_id: str, *services: Service) -> Counter[str]:
    """Write these listings as one import."""
    return directory.write(tx, [directory.encode(service) for service in services], import_id)


def test_an_import_adds_changes_and_leaves_alone(db: Database) -> None:
    """By id: what is new is added, what differs is changed, the same stays."""
    with db.write() as tx:
        assert written(tx, "i1", a_service(1), a_service(2)) == Counter(added=2)
    with db.write() as tx:
        again = written(tx, "i2", a_service(1), a_service(2, name="Oak Pantry"), a_service(3))
    assert again == Counter(unchanged=1, changed=1, added=1)
    with db.read() as tx:
        assert [service.name for service, _ in directory.listed(tx)] == ["Elm Pantry 1", "Elm Pantry 3", "Oak Pantry"]


def test_what_is_gone_is_retired_and_may_come_back(db: Database) -> None:
    """A listing that its source no longer has is not found any more, is kept to be read, and comes back by id."""
    with db.write() as tx:
        written(tx, "i1", a_service(1), a_service(2))
        written(tx, "other", a_service(9, source="elsewhere"))
        written(tx, "i2", a_service(1))
        assert directory.retire_others(tx, "test", "i2") == 1
        assert [each.id for each in directory.near(tx, "food", HERE, 1, 10)] == ["res_001", "res_009"]
        assert directory.get(tx, "res_002") == a_service(2)
        assert directory.by_ids(tx, ["res_002", "res_001"]).keys() == {"res_001"}
        assert written(tx, "i3", a_service(2)) == Counter(back=1)
        assert len(directory.near(tx, "food", HERE, 1, 10)) == 3


def test_private_and_closed_listings_are_never_found(db: Database) -> None:
    """They are kept, and no search begins with them; nor does it after a change of status."""
    with db.write() as tx:
        written(tx, "i1", a_service(1, status="private"), a_service(2, status="inactive"), a_service(3))
        written(tx, "i2", a_service(3, status="private"))
        assert directory.near(tx, "food", HERE, 1, 10) == []
        assert directory.count(tx) == 3


def test_the_nearest_come_first_and_the_far_not_at_all(db: Database) -> None:
    """By distance from the point, within the box; those without a place follow."""
    far, away = a_place(ATHENS), a_place(CHICAGO)
    with db.write() as tx:
        written(
            tx, "i1", a_service(1, places=(away,)), a_service(2, places=(far,)), a_service(3), a_service(4, places=())
        )
        assert [each.id for each in directory.near(tx, "food", HERE, 1, 10)] == ["res_003", "res_002", "res_004"]
        assert [each.id for each in directory.near(tx, "food", HERE, 1, 1)] == ["res_003", "res_004"]
        assert len(directory.near(tx, "food", None, 1, 10)) == 4
        assert directory.near(tx, "housing", HERE, 1, 10) == []


def test_listings_are_filtered(db: Database) -> None:
    """By source, need, status and words of the name or the organization, where % and _ are only themselves."""
    with db.write() as tx:
        odd = a_service(2, source="b", name="100% Free_Rides", needs={"transportation": 1}, status="inactive")
        written(tx, "i1", a_service(1), odd)
        directory.retire_others(tx, "test", "other")

        def ids(**filters: str) -> list[str]:
            return [service.id for service, _ in directory.listed(tx, **filters)]

        assert ids() == ["res_002"]
        assert ids(status="retired") == ["res_001"]
        assert ids(source="b", status="inactive", words="100% free_") == ["res_002"]
        assert ids(words="elm rides") == ["res_002"]
        assert ids(words="free%x") == ids(need="transportation") == []


def test_a_shared_list_is_found_by_its_token_alone(db: Database) -> None:
    """The token is long, only its hash is kept, what was shared is sealed, and it goes with the patient."""
    with db.write() as tx:
        patients.upsert(tx, "pat-1", profile=Profile())
        token = shared_lists.create(tx, "pat-1", ["res_2", "res_1"], "es", START + timedelta(days=60))
        assert len(token) >= 27
        shared = shared_lists.find(tx, token)
        assert shared is not None
        assert (shared.patient_id, shared.resource_ids, shared.language) == ("pat-1", ("res_2", "res_1"), "es")
        assert shared_lists.find(tx, token + "x") is None
        row = tx.session.execute(select(SharedList)).scalar_one()
        assert token not in f"{row.token_hash} {row.items_sealed}"
        assert "res_2" not in row.items_sealed
        erase_patient(tx, "pat-1", "test")
        assert shared_lists.find(tx, token) is None


@pytest.mark.parametrize("name", ["needs", "places", "schedules"])
def test_a_document_gives_the_listing_back(name: str) -> None:
    """What is stored is what was read, in every part."""
    service = a_service(7)
    assert getattr(directory.decode(directory.encode(service)[0]), name) == getattr(service, name)
