"""kill -9 of clocks, of workers and of both in the middle of releases, with two of each on one database.

A campaign and follow-ups of another kind go out meanwhile: everybody hears of it, and nobody twice.
"""

from __future__ import annotations

import base64
import os
import random
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.bootstrap import Deps, build
from bot.campaigns import Outreach, create_campaign
from bot.settings import Settings
from bot.store import followups, people_in_bulk, tables
from bot.store.database import Transaction, make_engine
from bot.store.patients import Profile
from bot.store.people_in_bulk import Newcomer
from bot.virtual_clock import VirtualClock
from tests.whole import forking
from webhooks.simulator.twilio_app import TwilioServer

INVITED, ASKED_AGAIN = 30, 15
CORE = "ahc-hrsn-core"
# Weekday, and noon where everybody lives.
NOON = datetime(2035, 3, 6, 17, tzinfo=UTC)
SHOTS = ("worker", "clock", "both", "worker", "both", "clock", "both")
# Longer than any lease: what a killed process held is free at once.
LEASE = timedelta(seconds=61)
DONE_WITHIN = 150.0


@dataclass
class Fleet:
    """Two clocks and two workers, each started anew when it is shot."""

    environ: dict[str, str]
    running: dict[str, list[BaseProcess]] = field(default_factory=dict)

    def start(self) -> None:
        """All of them."""
        self.running = {name: [forking.start(name, self.environ) for _ in range(2)] for name in forking.MAIN}

    def shoot(self, what: str, one: int) -> None:
        """kill -9, and another in its place."""
        names = tuple(self.running) if what == "both" else (what,)
        for name in names:
            self.running[name][one].kill()
            self.running[name][one].join()
        for name in names:
            self.running[name][one] = forking.start(name, self.environ)

    def stop(self) -> None:
        """All of them, in the same way."""
        for process in (each for some in self.running.values() for each in some):
            process.kill()
            process.join()


@pytest.fixture
def twilio(tmp_path: Path, database_url: str) -> Iterator[TwilioServer]:
    """A Twilio that outlives everybody; it keeps the time of the bot."""
    engine = make_engine(database_url)
    with TwilioServer(tmp_path, clock=VirtualClock(engine)) as server:
        yield server
    engine.dispose()


@pytest.fixture
def environ(tmp_path: Path, database_url: str, twilio: TwilioServer, dialog_url: str) -> dict[str, str]:
    """Settings as a clinic would have them, on a clock that can be moved."""
    return {
        "PATH": os.environ["PATH"],
        "BOT_DATA_DIR": str(tmp_path / "var"),
        "BOT_DATABASE_URL": database_url,
        "BOT_SECRET_KEY": secrets.token_hex(32),
        "BOT_ENCRYPTION_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "BOT_PUBLIC_URL": "http://127.0.0.1:9",
        "BOT_DIALOG_URL": dialog_url,
        "BOT_HELP_CONTACT": "555-555-0123",
        "BOT_SEND_RATE": "30",
        "BOT_VIRTUAL_CLOCK": "1",
        "TWILIO_ACCOUNT_SID": twilio.account_sid,
        "TWILIO_AUTH_TOKEN": twilio.auth_token,
        "TWILIO_FROM": twilio.number,
        "TWILIO_API_URL": twilio.url,
    }


@pytest.mark.timeout(400)
def test_everybody_hears_of_it_once_whoever_is_killed(environ: dict[str, str], twilio: TwilioServer) -> None:
    """Two clocks and two workers, shot one by one and together while they release; then all are left in peace."""
    deps = build(Settings.from_env(environ))
    clock = deps.clock
    assert isinstance(clock, VirtualClock)
    clock.move_to(NOON)
    numbers = _plan(deps)
    chance, fleet = random.Random(5), Fleet(environ)
    fleet.start()
    try:
        _wait_for_the_first(twilio, numbers)
        for shot in SHOTS:
            time.sleep(chance.random() * 0.5)
            fleet.shoot(shot, chance.randrange(2))
            clock.move_to(clock.now() + LEASE)
        _wait_until_quiet(deps, clock)
    finally:
        fleet.stop()
    assert {number: len(twilio.sent_to(number)) for number in numbers} == dict.fromkeys(numbers, 1)
    _check_the_record(deps)
    deps.db.engine.dispose()


def _plan(deps: Deps) -> list[str]:
    """A campaign for some and a second look at others; gives their numbers."""
    with deps.db.write() as tx:
        invited = _people(tx, "invited", INVITED)
        again = _people(tx, "again", ASKED_AGAIN)
        for number in range(ASKED_AGAIN):
            guard = {"after": None, "instrument": CORE}
            followups.plan(tx, f"again-{number}", "rescreening", tx.now(), guard, f"again:{number}")
    everybody = tuple(f"invited-{number}" for number in range(INVITED))
    create_campaign(deps, Outreach("Spring", "screening", CORE, "sms", everybody, deps.clock.now()), "test")
    return invited + again


def _people(tx: Transaction, name: str, count: int) -> list[str]:
    own = {"language": "en", "timezone": "America/New_York", "clinic": None, "proxy": False}
    numbers = [f"+1202{456 if name == 'invited' else 457}{number:04}" for number in range(count)]
    agreed = (True, "paper", tx.now())
    people_in_bulk.insert(
        tx, [Newcomer(f"{name}-{n}", Profile(), number, own, agreed) for n, number in enumerate(numbers)]
    )
    return numbers


def _wait_for_the_first(twilio: TwilioServer, numbers: list[str]) -> None:
    give_up = time.monotonic() + DONE_WITHIN
    while not any(twilio.sent_to(number) for number in numbers):
        assert time.monotonic() < give_up, "nothing was ever sent"
        time.sleep(0.02)


def _wait_until_quiet(deps: Deps, clock: VirtualClock) -> None:
    """Leases and looks at Twilio are waited out on the virtual clock, as far as the machine's own is not asked."""
    give_up = time.monotonic() + DONE_WITHIN
    while _open(deps):
        assert time.monotonic() < give_up, _open(deps)
        time.sleep(0.5)
        clock.move_to(clock.now() + LEASE / 10)


def _open(deps: Deps) -> list[str]:
    """What waits or is held: turns, texts, follow-ups of the first day."""
    with deps.db.read() as tx:
        rows = [
            (kind.__tablename__, state)
            for kind, states in (
                (tables.Inbound, ("waiting", "claimed")),
                (tables.Message, ("waiting", "claimed")),
                (tables.FollowUp, ("planned", "held", "sent")),
            )
            for state in tx.session.execute(select(kind.state).where(kind.state.in_(states))).scalars()
        ]
    return [f"{table}: {state}" for table, state in rows]


def _check_the_record(deps: Deps) -> None:
    """Each follow-up led to one turn, and each turn to one text that is known to be out."""
    with deps.db.read() as tx:
        planned = tx.session.execute(select(tables.FollowUp.state)).scalars().all()
        turns = tx.session.execute(select(tables.Inbound.state)).scalars().all()
        texts = tx.session.execute(select(tables.Message.state, tables.Message.twilio_sid)).all()
    count = INVITED + ASKED_AGAIN
    assert planned == ["done"] * count
    assert turns == ["done"] * count
    assert [state for state, _ in texts] == ["handed_over"] * count
    assert len({sid for _, sid in texts}) == count
