"""Screenings and their answers."""

from __future__ import annotations

from typing import Any

import pytest

from bot.store import screenings
from bot.store.database import Database, Transaction
from bot.store.errors import NotFound
from bot.store.paging import BadCursor
from tests.store.building import Thread, a_thread, in_one
from tests.world import StandingClock


@pytest.fixture
def thread(db: Database) -> Thread:
    """Somebody to screen."""
    with db.write() as tx:
        return a_thread(tx)


def start(tx: Transaction, thread: Thread, instrument: str = "ahc-hrsn-core") -> str:
    """Begin a run."""
    return screenings.start(tx, thread.patient_id, thread.conversation_id, instrument, "2026.1", "en", "sms")


def answers(db: Database, screening_id: str) -> list[tuple[str, Any]]:
    """The answers that count."""
    with db.read() as tx:
        return [(a.link_id, a.value) for a in screenings.get(tx, screening_id).answers]


def test_a_corrected_answer_replaces_the_first_and_keeps_its_place(db: Database, thread: Thread) -> None:
    """The order is that of the first answers, and each item has one answer that counts."""
    with db.write() as tx:
        run = start(tx, thread)
        for link_id, value in (("/2", {"code": "LA1"}), ("/1", [{"code": "a"}]), ("/2", {"absent": "asked-declined"})):
            screenings.record_answer(tx, run, link_id, "71802-3", value, "sms")
    assert answers(db, run) == [("/2", {"absent": "asked-declined"}), ("/1", [{"code": "a"}])]


def test_a_withdrawn_answer_is_gone_until_given_again(db: Database, thread: Thread) -> None:
    """Going back takes the answer out; there is nothing to take out twice."""
    with db.write() as tx:
        run = start(tx, thread)
        screenings.record_answer(tx, run, "/1", None, 3, "sms")
        screenings.record_answer(tx, run, "/2", None, 4.5, "sms")
        assert screenings.withdraw_answer(tx, run, "/1")
        assert not screenings.withdraw_answer(tx, run, "/1")
    assert answers(db, run) == [("/2", 4.5)]
    in_one(db, lambda tx: screenings.record_answer(tx, run, "/1", None, "text ñ", "sms"))
    assert answers(db, run) == [("/1", "text ñ"), ("/2", 4.5)]


def test_channels_are_listed_once_in_order(db: Database, thread: Thread) -> None:
    """A screening that moved to the phone and back names both channels."""
    with db.write() as tx:
        run = start(tx, thread)
        for item, channel in enumerate(("sms", "voice", "sms")):
            screenings.record_answer(tx, run, f"/{item}", None, item, channel)
    with db.read() as tx:
        assert screenings.get(tx, run).channels == ("sms", "voice")


def test_a_run_goes_from_in_progress_to_its_end(db: Database, thread: Thread, clock: StandingClock) -> None:
    """The current run is the one in progress; when completed it has a result and is no longer current."""
    with db.write() as tx:
        run = start(tx, thread)
        other = start(tx, thread, "phq-2")
    with db.read() as tx:
        current = screenings.current(tx, thread.patient_id, "ahc-hrsn-core")
        assert current is not None
        assert (current.id, current.state, current.result, current.completed_at) == (run, "in_progress", None, None)
    ended = clock.advance(minutes=4)
    result = {"scores": {"hits": {"value": None, "complete": False}}, "navigation_eligible": None}
    in_one(db, lambda tx: screenings.complete(tx, run, "completed", result))
    with db.read() as tx:
        assert screenings.current(tx, thread.patient_id, "ahc-hrsn-core") is None
        done = screenings.get(tx, run)
        assert (done.state, done.result, done.completed_at) == ("completed", result, ended)
        assert screenings.get(tx, other).state == "in_progress"


def test_pages_give_every_run_once(db: Database, thread: Thread, clock: StandingClock) -> None:
    """Seven runs, some of the same instant, in pages of three: each once, in order, with its answers."""
    runs = []
    for i in range(7):
        with db.write() as tx:
            runs.append(start(tx, thread))
            screenings.record_answer(tx, runs[-1], "/1", None, i, "sms")
        clock.advance(days=i % 2)
    seen, after = [], None
    for _ in range(3):
        with db.read() as tx:
            page = screenings.list_for_patient(tx, thread.patient_id, after, 3)
        seen += [(s.id, s.answers[0].value) for s in page.items]
        after = page.next
    assert seen == list(zip(runs, range(7), strict=True))
    assert after is None


@pytest.mark.parametrize("after", ["", "x", "e30", "W10", "!!!", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "é"])
def test_a_strange_cursor_is_refused(sqlite_db: Database, after: str) -> None:
    """Whatever comes in as a cursor, it is a page or a BadCursor."""
    with sqlite_db.read() as tx, pytest.raises(BadCursor):
        screenings.list_for_patient(tx, "c-1", after, 3)


def test_unknown_screenings_are_not_found(db: Database) -> None:
    """No answer is taken for a run that is not there."""
    with db.write() as tx:
        for work in (
            lambda: screenings.get(tx, "none"),
            lambda: screenings.record_answer(tx, "none", "/1", None, 1, "sms"),
            lambda: screenings.complete(tx, "none", "completed", None),
        ):
            with pytest.raises(NotFound):
                work()
