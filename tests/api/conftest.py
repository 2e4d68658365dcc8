"""The clinic API in the real app, on a database of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.adapters.dialog_client import HttpDialog
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_messages import MemoryMessages
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.bootstrap import Deps
from bot.content.load import Content, content_root
from bot.core.questionnaire import read_questionnaire
from bot.settings import Settings
from bot.store.database import Database
from bot.store.vault import Vault
from tests.api.clinic import Clinic, make_token
from tests.world import CountedIds, StandingClock
from webhooks.app import create_app

MakeDeps = Callable[[Database], Deps]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def make_deps(
    make_settings: Callable[..., Settings], clock: StandingClock, new_id: CountedIds, vault: Vault
) -> MakeDeps:
    """Wires the app around a database. Nothing here talks to the dialog process or to Twilio."""

    def make(db: Database) -> Deps:
        return Deps(
            settings=make_settings(),
            clock=clock,
            new_id=new_id,
            db=db,
            vault=vault,
            content=_content(),
            dialog=HttpDialog(NOWHERE),
            twilio=MemoryMessages(clock.now),
            wakeups=MemoryWakeups(),
            buckets=MemoryBuckets(10.0, 30.0),
            locks=MemoryLocks(),
        )

    return make


@pytest.fixture
def both(make_deps: MakeDeps, db: Database) -> Clinic:
    """A clinic, on SQLite and on PostgreSQL."""
    return _clinic(make_deps(db))


@pytest.fixture
def clinic(make_deps: MakeDeps, sqlite_db: Database) -> Clinic:
    """A clinic on SQLite, for what does not depend on the database."""
    return _clinic(make_deps(sqlite_db))


def _clinic(deps: Deps) -> Clinic:
    return Clinic(create_app(deps), deps, make_token(deps))


def _content() -> Content:
    """Two languages and the core screening: what the API asks of the content."""
    file = content_root() / "questionnaires/ahc-hrsn-core/questionnaire.json"
    core = read_questionnaire(json.loads(file.read_text(encoding="utf-8")))
    return Content({"en": {}, "es": {}}, {}, {core.id: core})
