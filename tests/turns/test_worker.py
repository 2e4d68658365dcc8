"""What becomes of a row that fails, and of several workers: nothing lost, nothing doubled, nobody met with silence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.adapters.dialog_client import HttpDialog
from bot.bootstrap import Deps
from bot.processes import free_port
from bot.settings import Settings
from bot.store import conversations, tables
from bot.worker import MAX_ATTEMPTS, WAITS_FOR_DIALOG, Worker
from tests.turns.failing_dialog import ANSWER, FailingDialog
from tests.turns.texting import arrives, deps_on
from tests.world import StandingClock

MakeDeps = Callable[[str], Deps]


@pytest.fixture
def make_deps(database_url: str, make_settings: Callable[..., Settings], clock: StandingClock) -> Iterator[MakeDeps]:
    """Real dependencies on a fresh database of each kind, with the dialog process at the given address."""
    with deps_on(database_url, make_settings, clock, "") as deps:
        yield lambda url: replace(deps, dialog=HttpDialog(url))


def test_a_turn_that_fails_twice_is_answered_once(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """500 twice, then it works: one reply."""
    deps = make_deps(dialog.url)
    dialog.statuses = [500, 500]
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=2)
    assert [m["purpose"] for m in _outbox(deps)] == ["reply"]
    assert _states(deps) == ["done"]


def test_a_turn_that_keeps_failing_is_set_aside_with_one_apology_and_a_person_told(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """After the last attempt; the next text of the same person is then answered."""
    deps = make_deps(dialog.url)
    dialog.statuses = [500] * MAX_ATTEMPTS
    arrives(deps, "zxcv qwrt")
    arrives(deps, "asdf qwrt")
    _work(deps, clock, minutes=5)
    assert [m["purpose"] for m in _outbox(deps)] == ["apology", "reply"]
    assert _states(deps) == ["set_aside", "done"]
    assert _cases(deps) == ["message_not_handled today"]


def test_what_was_asked_when_turns_fail_is_not_asked_any_more(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """A state that nobody can go on from does not stay: the form and the list are left, the screening is kept."""
    deps = make_deps(dialog.url)
    slots = {"places": {"stage": "need"}, "conversation": {"consent": True}}
    dialog.answer = {**ANSWER, "state": {"v": 1, "form": "places_form", "requested": "place_choice", "slots": slots}}
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=1)
    dialog.statuses = [500] * MAX_ATTEMPTS
    arrives(deps, "asdf qwrt")
    _work(deps, clock, minutes=5)
    with deps.db.read() as tx:
        thread_id = tx.session.execute(select(tables.Conversation.id)).scalar_one()
        state = conversations.get(tx, thread_id).state
    assert state == {"v": 1, "slots": {"conversation": {"consent": True}}}


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_request_that_can_never_be_taken_is_set_aside_at_once(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock, status: int
) -> None:
    """Trying again would change nothing."""
    deps = make_deps(dialog.url)
    dialog.statuses = [status]
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=1)
    assert len(dialog.seen) == 1
    assert [m["purpose"] for m in _outbox(deps)] == ["apology"]


def test_an_answer_that_is_not_one_counts_as_a_failure(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """200 with something else in it is no turn."""
    deps = make_deps(dialog.url)
    dialog.answer = {"replies": []}
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=5)
    assert [m["purpose"] for m in _outbox(deps)] == ["apology"]


def test_an_event_that_nobody_knows_saves_nothing_of_the_turn(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """The transaction is all or nothing: no reply of a turn whose facts could not be written."""
    deps = make_deps(dialog.url)
    dialog.answer = {**ANSWER, "events": [{"type": "person_requested"}, {"type": "never_heard_of"}]}
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=5)
    assert [m["purpose"] for m in _outbox(deps)] == ["apology"]
    assert _cases(deps) == ["message_not_handled today"]


def test_while_the_dialog_process_is_away_a_text_waits_without_using_up_its_attempts(
    make_deps: MakeDeps, clock: StandingClock
) -> None:
    """It comes back after a minute: the text is answered, and no apology was sent."""
    deps = make_deps(f"http://127.0.0.1:{free_port()}")
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=1)
    assert _outbox(deps) == []
    running = FailingDialog(503, 503)
    _work(replace(deps, dialog=HttpDialog(running.url)), clock, minutes=1)
    running.close()
    assert [m["purpose"] for m in _outbox(deps)] == ["reply"]


def test_when_the_dialog_process_stays_away_the_patient_is_told(make_deps: MakeDeps, clock: StandingClock) -> None:
    """Never silence: after some minutes an apology, and a person is told."""
    deps = make_deps(f"http://127.0.0.1:{free_port()}")
    arrives(deps, "zxcv qwrt")
    _work(deps, clock, minutes=WAITS_FOR_DIALOG.total_seconds() / 60 + 3)
    assert [m["purpose"] for m in _outbox(deps)] == ["apology"]
    assert _cases(deps) == ["message_not_handled today"]


@pytest.mark.parametrize(
    ("text", "purposes", "cases"),
    [
        pytest.param("please stop texting me", ["stopped"], [], id="opt-out"),
        pytest.param("HELP", ["help"], [], id="help"),
        pytest.param("i want to kill myself", ["crisis"], ["crisis now"], id="crisis"),
        pytest.param("quiero matarme", ["crisis"], ["crisis now"], id="crisis in Spanish"),
    ],
)
def test_opting_out_help_and_danger_need_no_dialog_process(
    make_deps: MakeDeps, clock: StandingClock, text: str, purposes: list[str], cases: list[str]
) -> None:
    """They are answered by code alone, with Rasa down."""
    deps = make_deps(f"http://127.0.0.1:{free_port()}")
    arrives(deps, text)
    _work(deps, clock, minutes=0.1)
    assert [m["purpose"] for m in _outbox(deps)] == purposes
    assert _cases(deps) == cases


@pytest.mark.parametrize(
    ("second", "purposes", "cases"),
    [
        pytest.param("I want to kill myself", ["crisis"], ["crisis now"], id="crisis"),
        # What was written before the opt-out is not answered any more; a person is told that it was written.
        pytest.param("please stop texting me", ["stopped"], ["wrote_after_opt_out soon"], id="opt-out"),
    ],
)
def test_a_cry_for_help_does_not_wait_behind_a_text_that_cannot_be_answered_now(
    make_deps: MakeDeps, clock: StandingClock, second: str, purposes: list[str], cases: list[str]
) -> None:
    """The dialog process is away, and the first text waits for it; the second is heard within seconds."""
    deps = make_deps(f"http://127.0.0.1:{free_port()}")
    arrives(deps, "zxcv qwrt")
    arrives(deps, "asdf qwrt")
    arrives(deps, second)
    worker = Worker(deps)
    for _ in range(3):
        while worker.turn_once():
            pass
        clock.advance(seconds=1)
    assert [m["purpose"] for m in _outbox(deps)] == purposes
    assert _cases(deps) == cases
    assert _states(deps)[-1] == "done"


def test_a_text_from_before_the_safety_question_is_no_answer_to_it(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """It waits for the dialog process while the one behind it is heard; what that one asked stays asked."""
    deps = make_deps(dialog.url)
    dialog.statuses = [503]
    arrives(deps, "yes")
    arrives(deps, "my husband hits me")
    _work(deps, clock, minutes=1)
    assert _outcomes(deps) == ["answered", "alarm_danger"]
    arrives(deps, "yes")
    _work(deps, clock, minutes=1)
    assert _outcomes(deps)[-1] == "danger_safe_to_talk"


def test_an_urgent_turn_that_fails_holds_up_nobody(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """START is refused by the dialog process while it stands behind another: it is given back, not held."""
    deps = make_deps(dialog.url)
    dialog.statuses = [500, 422]
    arrives(deps, "zxcv qwrt")
    arrives(deps, "START")
    worker = Worker(deps)
    worker.turn_once()
    assert _states(deps) == ["waiting", "waiting"]
    _work(deps, clock, minutes=0.2)
    assert _states(deps) == ["done", "done"]


def test_a_row_whose_thread_cannot_be_opened_is_set_aside_too(
    make_deps: MakeDeps, dialog: FailingDialog, clock: StandingClock
) -> None:
    """Even when what fails is finding out who texts: the row is given up, and a person is told."""
    deps = make_deps(dialog.url)
    arrives(deps, "hello")
    _work(deps, clock, minutes=1)
    with deps.db.write() as tx:
        tx.session.execute(update(tables.Conversation).values(state_sealed="v1.k1.broken"))
    arrives(deps, "hello again")
    _work(deps, clock, minutes=3)
    assert _states(deps) == ["done", "set_aside"]
    assert _cases(deps) == ["message_not_handled today"]


def test_four_workers_keep_the_order_of_a_thread_and_answer_each_text_once(
    make_deps: MakeDeps, dialog: FailingDialog
) -> None:
    """Forty texts of four people, four workers at once."""
    deps = make_deps(dialog.url)
    for number in range(10):
        for person in range(4):
            arrives(deps, f"zxcv {number}", f"+1202555013{person}")
    threads = [threading.Thread(target=_drain, args=(deps,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    sent = _outbox(deps)
    assert len(sent) == 40
    for person in {m["phone_id"] for m in sent}:
        turns = [m["inbound_id"] for m in sent if m["phone_id"] == person]
        assert turns == sorted(turns, key=lambda i: int(i.split("_")[1]))
        assert len(turns) == 10


def _work(deps: Deps, clock: StandingClock, minutes: float) -> None:
    """Take what can be taken, second by second."""
    worker = Worker(deps)
    for _ in range(int(minutes * 30) + 1):
        while worker.turn_once():
            pass
        if _states(deps) and set(_states(deps)) <= {"done", "set_aside"}:
            return
        clock.advance(seconds=2)


def _drain(deps: Deps) -> None:
    worker = Worker(deps)
    idle = 0
    while idle < 5:
        if worker.turn_once():
            idle = 0
        else:
            idle += 1
            threading.Event().wait(0.05)


def _outbox(deps: Deps) -> list[dict[str, Any]]:
    with deps.db.read() as tx:
        rows = tx.session.execute(select(tables.Message).order_by(tables.Message.seq)).scalars()
        return [{"purpose": r.purpose, "phone_id": r.phone_id, "inbound_id": r.inbound_id} for r in rows]


def _states(deps: Deps) -> list[str]:
    with deps.db.read() as tx:
        return list(tx.session.execute(select(tables.Inbound.state).order_by(tables.Inbound.seq)).scalars())


def _outcomes(deps: Deps) -> list[str | None]:
    with deps.db.read() as tx:
        return list(tx.session.execute(select(tables.Inbound.outcome).order_by(tables.Inbound.seq)).scalars())


def _cases(deps: Deps) -> list[str]:
    with deps.db.read() as tx:
        rows = tx.session.execute(select(tables.Escalation).order_by(tables.Escalation.opened_at)).scalars()
        return [f"{row.kind} {row.urgency}" for row in rows]
