"""An app on a real database, without the simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot.adapters.dialog_client import DialogUnavailable
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.bootstrap import Deps
from bot.content import load_content
from bot.core.dialog import TurnRequest, TurnResult
from bot.processes import free_port
from bot.store.database import Database, make_engine
from bot.store.tables import Inbound, Receipt
from bot.store.vault import Vault
from tests.conftest import MakeSettings
from tests.webhooks.twilio_requests import PUBLIC_URL, TOKEN
from tests.world import CountedIds, StandingClock
from webhooks.app import create_app

MakeDeps = Callable[[Database], Deps]


@dataclass
class DialogAtHand:
    """A dialog process that is there, until told otherwise."""

    is_ready: bool = True

    def ready(self) -> bool:
        """What the dialog process would say."""
        return self.is_ready

    def take_turn(self, request: TurnRequest) -> TurnResult:
        """Webhooks take none."""
        raise AssertionError("a webhook took a turn")


class DialogAway(DialogAtHand):
    """A dialog process that cannot be asked."""

    def ready(self) -> bool:
        """No answer."""
        raise DialogUnavailable("no connection")


@pytest.fixture
def make_deps(make_settings: MakeSettings, vault: Vault, clock: StandingClock, new_id: CountedIds) -> MakeDeps:
    """Makes dependencies on a database."""
    settings = make_settings(
        BOT_SIMULATOR="0",
        BOT_PUBLIC_URL=PUBLIC_URL,
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN=f"{'f' * 32},{TOKEN}",
        TWILIO_FROM="+12025550100",
        TWILIO_API_URL="http://127.0.0.1:9",
    )
    never: Any = None  # webhooks neither speak nor send

    def make(db: Database) -> Deps:
        return Deps(
            settings=settings,
            clock=clock,
            new_id=new_id,
            db=db,
            vault=vault,
            content=load_content(),
            dialog=DialogAtHand(),
            twilio=never,
            wakeups=MemoryWakeups(),
            buckets=MemoryBuckets(10, 30),
            locks=MemoryLocks(),
        )

    return make


@pytest.fixture
def deps(make_deps: MakeDeps, sqlite_db: Database) -> Deps:
    """Dependencies on a fresh SQLite database."""
    return make_deps(sqlite_db)


@pytest.fixture
def app(deps: Deps) -> Flask:
    """The app on them."""
    return create_app(deps)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the app."""
    return app.test_client()


@pytest.fixture
def lost_db(vault: Vault, clock: StandingClock, new_id: CountedIds) -> Database:
    """A PostgreSQL that nobody answers for."""
    return Database(make_engine(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"), vault, clock, new_id)


def inbound_rows(db: Database) -> list[Inbound]:
    """All inbound rows in the order they were stored."""
    with db.read() as tx:
        return list(tx.session.execute(select(Inbound).order_by(Inbound.seq)).scalars())


def receipt_rows(db: Database) -> list[Receipt]:
    """All receipts in the order they were stored."""
    with db.read() as tx:
        return list(tx.session.execute(select(Receipt).order_by(Receipt.seq)).scalars())


def opened(db: Database, row: Inbound) -> tuple[str, str]:
    """The sender and the body of a row."""
    return db.vault.open(row.from_sealed, "inbound.from_sealed"), db.vault.open(row.body_sealed, "inbound.body_sealed")
