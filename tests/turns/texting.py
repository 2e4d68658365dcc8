"""A person who texts, and what they are told: what most tests of turns begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from bot import bootstrap
from bot.adapters.dialog_client import HttpDialog
from bot.bootstrap import Deps
from bot.settings import Settings
from bot.store import inbound, tables
from bot.store.database import Database, make_engine
from bot.worker import Worker
from tests.world import CountedIds, StandingClock

PERSON, OURS = "+12025550123", "+12025550100"


@contextmanager
def deps_on(
    database_url: str, make_settings: Callable[..., Settings], clock: StandingClock, dialog_url: str
) -> Iterator[Deps]:
    """Real dependencies on this database, with the dialog process at that address."""
    built, ids = bootstrap.build(make_settings(BOT_DATABASE_URL=database_url)), CountedIds()
    db = Database(make_engine(database_url), built.vault, clock, ids)
    yield replace(built, clock=clock, new_id=ids, db=db, dialog=HttpDialog(dialog_url))
    db.engine.dispose()
    built.db.engine.dispose()


def arrives(deps: Deps, body: str, number: str = PERSON) -> None:
    """A text is stored, as the webhook does; one without a word is a picture."""
    with deps.db.write() as tx:
        inbound.store(
            tx,
            message_sid=deps.new_id("SM"),
            kind="text",
            channel="sms",
            from_address=number,
            to_address=OURS,
            body=body,
            num_media=0 if body else 1,
            received_at=tx.now(),
        )


def text(deps: Deps, body: str, number: str = PERSON) -> None:
    """A text arrives, and the next turn is taken."""
    arrives(deps, body, number)
    assert Worker(deps).turn_once()


def said(deps: Deps) -> list[str]:
    """All that is to be sent or was, in its order."""
    with deps.db.read() as tx:
        rows = tx.session.execute(select(tables.Message).order_by(tables.Message.seq)).scalars()
        return [tx.vault.open(row.body_sealed, "message.body_sealed") for row in rows]
