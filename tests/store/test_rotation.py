"""Keys are rotated while everything stays readable."""

from __future__ import annotations

import secrets

import pytest
from sqlalchemy import select

from bot.store import rotation
from bot.store.database import Database
from bot.store.tables import Base
from bot.store.vault import Vault, VaultError
from tests.store.building import MARIA
from tests.store.test_erasure import a_whole_life, dump

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)


def with_keys(db: Database, **keys: bytes) -> Database:
    """The same database, opened with these keys; the last one is active."""
    return Database(db.engine, Vault(keys, list(keys)[-1], b"look-up"), db.clock, db.new_id)


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_after_rotation_the_old_key_can_be_thrown_away(db: Database, batch: int) -> None:
    """Every sealed column is sealed again; what it says is the same, and the old key opens nothing any more."""
    old = with_keys(db, old=OLD)
    for number, patient_id in ((MARIA, "c-1"), ("+12025550177", "c-2")):
        a_whole_life(old, number, patient_id)
    before = dump(old)
    reports = list(rotation.reseal(with_keys(db, old=OLD, new=NEW), batch))
    assert dump(with_keys(db, new=NEW)) == before
    with pytest.raises(VaultError):
        dump(old)
    assert {report.place for report in reports} == {str(column) for column in rotation.sealed_columns()}
    assert sum(report.resealed for report in reports) > 10
    again = list(rotation.reseal(with_keys(db, old=OLD, new=NEW), batch))
    assert sum(report.resealed for report in again) == 0


def test_a_text_that_no_key_opens_stops_the_rotation(db: Database) -> None:
    """A key that is missing is noticed, not skipped."""
    a_whole_life(with_keys(db, lost=OLD), MARIA, "c-1")
    with pytest.raises(VaultError):
        list(rotation.reseal(with_keys(db, new=NEW)))


def test_every_sealed_column_is_known() -> None:
    """The tables hold these sealed columns; a new one is taken in by its name."""
    places = {str(column) for column in rotation.sealed_columns()}
    assert len(places) == 23
    assert places == {str(c) for t in Base.metadata.sorted_tables for c in t.columns if "sealed" in c.name}


def test_a_value_changed_meanwhile_is_not_overwritten(db: Database) -> None:
    """The new sealed text is written only over the one that was read."""
    old = with_keys(db, old=OLD)
    a_whole_life(old, MARIA, "c-1")
    fresh = with_keys(db, old=OLD, new=NEW)
    column = next(c for c in rotation.sealed_columns() if str(c) == "patient.profile_sealed")
    with fresh.write() as tx:
        assert not rotation._reseal_one(tx, column, ("c-1",), None, "patient.profile_sealed")
        stale = fresh.vault.seal("{}", "patient.profile_sealed").replace("v1.new", "v1.old")
        with pytest.raises(VaultError):
            rotation._reseal_one(tx, column, ("c-1",), stale, "patient.profile_sealed")
        kept = tx.session.execute(select(column)).scalar_one()
        assert kept.startswith("v1.old.")
