"""The migrations make exactly the tables that the code declares."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from bot.store.database import Database, is_current, make_engine, upgrade
from bot.store.tables import Base
from tests.services import PostgresServer
from tests.store.building import at_once


def test_migrated_schema_equals_the_tables(db: Database) -> None:
    """Alembic finds nothing to change after an upgrade."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_again_changes_nothing(db: Database) -> None:
    """An upgrade of a current database is harmless."""
    upgrade(db.engine)
    assert is_current(db.engine)


def test_a_new_file_is_not_current_until_upgraded(tmp_path: Path) -> None:
    """Readiness can tell an empty database from a current one, and the folder is made."""
    engine = make_engine(f"sqlite:///{tmp_path}/new/followthrough.db")
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    assert "inbound" in inspect(engine).get_table_names()
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    """Only PostgreSQL and SQLite in a file."""
    with pytest.raises(ValueError, match="SQLite needs|must be sqlite"):
        make_engine(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_goes_through_psycopg(scheme: str) -> None:
    """Every usual way to write the address leads to psycopg 3."""
    engine = make_engine(f"{scheme}://localhost/followthrough")
    assert engine.url.drivername == "postgresql+psycopg"


def _upgrade_at_once(url: str) -> None:
    def work(_: int) -> None:
        engine = make_engine(url)
        upgrade(engine)
        assert is_current(engine)
        engine.dispose()

    at_once(6, work)


def test_six_processes_may_upgrade_a_new_file_at_once(tmp_path: Path) -> None:
    """Web, workers and clock that start together on an empty folder all find a current database."""
    _upgrade_at_once(f"sqlite:///{tmp_path}/followthrough.db")


def test_six_processes_may_upgrade_a_new_postgresql_at_once(postgres: PostgresServer) -> None:
    """The same on an empty PostgreSQL database."""
    with postgres.database() as url:
        _upgrade_at_once(url)
