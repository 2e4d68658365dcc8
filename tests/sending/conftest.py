"""Worlds to send in."""

from __future__ import annotations

from typing import Any

import pytest

from bot.store.database import Database
from tests.conftest import MakeSettings
from tests.sending.world import MakeWorld, World
from tests.world import StandingClock


@pytest.fixture
def make_world(sqlite_db: Database, clock: StandingClock, make_settings: MakeSettings) -> MakeWorld:
    """Makes a world on SQLite."""

    def make(**options: Any) -> World:
        return World(sqlite_db, clock, make_settings(), **options)

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world on SQLite in which the rate does not matter."""
    return make_world()


@pytest.fixture
def any_world(db: Database, clock: StandingClock, make_settings: MakeSettings) -> World:
    """The same, once on each kind of database."""
    return World(db, clock, make_settings())
