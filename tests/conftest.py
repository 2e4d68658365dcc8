"""Fixtures that every test may use: a still world, fresh databases of both kinds, a Redis."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from bot.local_keys import with_keys
from bot.settings import Settings
from bot.store.database import Database, make_engine, upgrade
from bot.store.vault import Vault
from tests import services
from tests.dialog_process import dialog_process
from tests.world import CountedIds, StandingClock

MakeSettings = Callable[..., Settings]


@pytest.fixture
def clock() -> StandingClock:
    """A clock that stands at a Tuesday morning until it is moved."""
    return StandingClock()


@pytest.fixture
def new_id() -> CountedIds:
    """Ids that count."""
    return CountedIds()


@pytest.fixture
def vault() -> Vault:
    """A vault with one key of its own."""
    return Vault({"k1": secrets.token_bytes(32)}, "k1", secrets.token_bytes(32))


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    """Makes settings from environment names; simulator mode in a folder of the test's own unless told otherwise."""

    def make(**env: str) -> Settings:
        return with_keys(Settings.from_env({"BOT_SIMULATOR": "1", "BOT_DATA_DIR": str(tmp_path / "var"), **env}))

    return make


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis of this test run's own."""
    with services.redis_server() as url:
        yield url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """A client of an empty Redis."""
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def dialog_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real dialog process with the trained model, one for the whole run."""
    with dialog_process(tmp_path_factory.mktemp("dialog") / "dialog.log") as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[services.PostgresServer]:
    """A PostgreSQL cluster of this test run's own."""
    with services.postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: services.PostgresServer) -> str:
    """The name of an upgraded, empty database to copy."""
    name = "followthrough_template"
    postgres.admin(f"CREATE DATABASE {name}")
    _upgrade(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty database file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    _upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh, upgraded SQLite database."""
    file = tmp_path / "followthrough.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url(postgres: services.PostgresServer, postgres_template: str) -> Iterator[str]:
    """The address of a fresh, upgraded PostgreSQL database."""
    with postgres.database(postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh, upgraded database, once of each kind."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def db(database_url: str, vault: Vault, clock: StandingClock, new_id: CountedIds) -> Iterator[Database]:
    """A fresh, upgraded database, once of each kind."""
    yield from _open(database_url, vault, clock, new_id)


@pytest.fixture
def sqlite_db(sqlite_url: str, vault: Vault, clock: StandingClock, new_id: CountedIds) -> Iterator[Database]:
    """A fresh, upgraded SQLite database, for what does not depend on the kind."""
    yield from _open(sqlite_url, vault, clock, new_id)


def _open(url: str, vault: Vault, clock: StandingClock, new_id: CountedIds) -> Iterator[Database]:
    engine = make_engine(url)
    yield Database(engine, vault, clock, new_id)
    engine.dispose()


def _upgrade(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
