"""The virtual clock, and moving it from one due thing to the next."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bot.bootstrap import Deps
from bot.store import deliveries, followups, inbound, patients
from bot.store.database import Database
from bot.virtual_clock import CACHED_SECONDS, ClockMovedBack, VirtualClock
from tests.world import StandingClock
from webhooks.app import create_app
from webhooks.simulator.clock_moves import next_stop

SECONDS = 60


def move(deps: Deps, **body: Any) -> requests.Response:
    """Ask for a move of the clock."""
    return requests.post(f"{deps.settings.public_url}/simulator/clock", json=body, timeout=SECONDS)


def told(deps: Deps) -> datetime:
    """The time that the simulator tells."""
    answer = requests.get(f"{deps.settings.public_url}/simulator/clock", timeout=SECONDS)
    return datetime.fromisoformat(answer.json()["now"])


def test_clock_runs_ahead_for_everybody(db: Database, clock: StandingClock) -> None:
    """A move by one process is seen by the others, and time goes on from there."""
    mine, theirs = VirtualClock(db.engine, clock), VirtualClock(db.engine, clock)
    assert theirs.now() == clock.now()
    mine.move_to(clock.now() + timedelta(days=3))
    time.sleep(CACHED_SECONDS * 1.5)
    assert theirs.now() == clock.now() + timedelta(days=3)
    before = theirs.now()
    clock.advance(hours=1)
    assert theirs.now() == before + timedelta(hours=1)


def test_clock_never_goes_back(db: Database, clock: StandingClock) -> None:
    """A move to the past is refused and changes nothing."""
    virtual = VirtualClock(db.engine, clock)
    virtual.move_to(clock.now() + timedelta(days=1))
    with pytest.raises(ClockMovedBack):
        virtual.move_to(clock.now())
    assert virtual.now() == clock.now() + timedelta(days=1)


def test_clock_survives_a_lost_database(sqlite_db: Database, clock: StandingClock) -> None:
    """While the offset cannot be read the last one holds."""
    virtual = VirtualClock(sqlite_db.engine, clock)
    virtual.move_to(clock.now() + timedelta(days=1))
    with sqlite_db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE clock_offset")
    time.sleep(CACHED_SECONDS * 1.5)
    assert virtual.now() == clock.now() + timedelta(days=1)


def test_time_can_be_read_and_advanced(echo_bot: Deps) -> None:
    """The answer to a move tells the new time, and time flows on."""
    before = told(echo_bot)
    after = datetime.fromisoformat(move(echo_bot, advance_seconds=86400).json()["now"])
    assert timedelta(days=1) <= after - before < timedelta(days=1, minutes=1)
    assert told(echo_bot) > after


def test_time_can_be_set(echo_bot: Deps) -> None:
    """A time with its zone can be set."""
    at = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    assert move(echo_bot, set=at.isoformat()).status_code == 200
    assert timedelta() <= told(echo_bot) - at < timedelta(minutes=1)


@pytest.mark.parametrize(
    "body",
    [
        {"set": "2020-01-01T00:00:00Z"},
        {"set": "2999-01-01T00:00:00Z"},
        {"set": "2027-01-01T00:00:00"},
        {"advance_seconds": -1},
        {"advance_seconds": 1e300},
        {"advance_seconds": "soon"},
        {},
        {"advance_seconds": 1, "set": "2027-01-01T00:00:00Z"},
    ],
    ids=lambda body: str(body),
)
def test_impossible_moves_are_refused(echo_bot: Deps, body: dict[str, Any]) -> None:
    """The past, a time without zone, nothing at all: 400, and the clock stays."""
    before = told(echo_bot)
    answer = move(echo_bot, **body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert told(echo_bot) - before < timedelta(minutes=1)


def test_what_falls_due_is_released_in_order(echo_bot: Deps) -> None:
    """A week's move stops at each follow-up: when it answers each was released at its own time."""
    start = echo_bot.clock.now()
    dues = [start + timedelta(days=days) for days in (5, 1, 3)]
    with echo_bot.db.write() as tx:
        patients.upsert(tx, "p-1", profile=patients.Profile())
        for number, due in enumerate(dues):
            followups.plan(tx, "p-1", "other", due, {}, f"due-{number}")
        followups.plan(tx, "p-1", "other", start + timedelta(days=8), {}, "later")
    assert move(echo_bot, advance_seconds=7 * 86400).json()["settled"] is True
    with echo_bot.db.read() as tx:
        planned = followups.list_for_patient(tx, "p-1", None, 10).items
    assert [item.state == "planned" for item in planned] == [False, False, False, True]


def test_what_fell_due_while_others_were_done_is_the_next_stop(db: Database, clock: StandingClock) -> None:
    """Time flows on its own, too: it is past by now, and must not be passed over for what comes later."""
    settled_at = clock.now()
    with db.write() as tx:
        patients.upsert(tx, "p-1", profile=patients.Profile())
        for seconds in (1, 9 * 86400):
            followups.plan(tx, "p-1", "other", settled_at + timedelta(seconds=seconds), {}, f"due-{seconds}")
    clock.advance(seconds=3)
    stop = next_stop(db, settled_at, settled_at + timedelta(days=7), attempts=True, with_alerts=True)
    assert stop is not None
    assert timedelta(seconds=1) <= stop - settled_at < timedelta(seconds=2)


def test_a_move_does_not_leave_notices_behind(echo_bot: Deps) -> None:
    """What partners and staff are to be told is dealt with by the move itself."""
    with echo_bot.db.write() as tx:
        patients.upsert(tx, "p-1", profile=patients.Profile())
        deliveries.put(tx, deliveries.Notice("p-1", "nobody", "visit", 1, "mail"), "one")
    assert move(echo_bot, advance_seconds=60).json()["settled"] is True
    with echo_bot.db.read() as tx:
        assert deliveries.next_due(tx) is None


def test_a_move_gives_way_when_the_process_is_to_end(echo_deps: Deps) -> None:
    """A text on which nobody takes a turn keeps the move waiting; told to stop, it ends and the clock stays."""
    with echo_deps.db.write() as tx:
        inbound.store(
            tx, message_sid="SM1", kind="text", channel="sms", from_address="+12025550177",
            to_address="+12025550100", body="Hello", received_at=tx.now(),
        )  # fmt: skip
    stop = threading.Event()
    client = create_app(echo_deps, stop).test_client()
    threading.Timer(1.0, stop.set).start()
    begun, before = time.monotonic(), echo_deps.clock.now()
    answer = client.post("/simulator/clock", json={"advance_seconds": 7 * 86400})
    assert answer.status_code == 503
    assert 1.0 <= time.monotonic() - begun < 2.0
    time.sleep(CACHED_SECONDS * 1.5)
    assert echo_deps.clock.now() - before < timedelta(days=2)
