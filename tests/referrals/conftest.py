"""A world with one patient, on each database or on SQLite alone."""

from __future__ import annotations

import pytest

from bot.store.database import Database
from tests.conftest import MakeSettings
from tests.referrals.world import ReferralWorld
from tests.world import StandingClock

PUBLIC = "https://bot.example.org"


@pytest.fixture
def world(sqlite_db: Database, clock: StandingClock, make_settings: MakeSettings) -> ReferralWorld:
    """A world on SQLite, with mail kept in memory."""
    return ReferralWorld(sqlite_db, clock, make_settings(BOT_PUBLIC_URL=PUBLIC))


@pytest.fixture
def both(db: Database, clock: StandingClock, make_settings: MakeSettings) -> ReferralWorld:
    """The same on each database."""
    return ReferralWorld(db, clock, make_settings(BOT_PUBLIC_URL=PUBLIC))
