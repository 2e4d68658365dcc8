"""Nobody answers a question that they have not seen, nor one that somebody else was asked on the same phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.adapters.memory_messages import MemoryMessages
from bot.bootstrap import Deps
from bot.release import release_due
from bot.sending.sender import Sender
from bot.settings import Settings
from bot.store import consents, conversations, followups, patients, phones, tables
from bot.worker import Worker
from tests.turns.failing_dialog import ANSWER, FailingDialog
from tests.turns.texting import PERSON, deps_on, text
from tests.world import StandingClock

AT_REST = {"v": 1, "slots": {"places": {"stage": "place"}}}
ASKED = {"v": 1, "form": "check_in_form", "requested": "check_in_answer", "slots": {"places": {"stage": "status"}}}


@pytest.fixture
def deps(
    database_url: str, make_settings: Callable[..., Settings], clock: StandingClock, dialog: FailingDialog
) -> Iterator[Deps]:
    """Two patients on one phone, on each kind of database."""
    with deps_on(database_url, make_settings, clock, dialog.url) as deps:
        deps = replace(deps, twilio=MemoryMessages(clock.now))
        _enter(deps, "pat-1")
        yield deps


def _sent(deps: Deps) -> None:
    _send(deps)


def _waiting(deps: Deps) -> None:
    """The sender is slow."""


def _refused(deps: Deps) -> None:
    """The gate lets it out no more, for good."""
    _consent(deps, "pat-1", granted=False)
    _send(deps)


@pytest.mark.parametrize(
    ("becomes", "state", "followup"),
    [
        pytest.param(_sent, ASKED, "done", id="sent"),
        pytest.param(_waiting, AT_REST, "held", id="waiting"),
        pytest.param(_refused, AT_REST, "done", id="refused"),
    ],
)
def test_a_question_that_never_left_is_not_open(
    deps: Deps,
    dialog: FailingDialog,
    clock: StandingClock,
    becomes: Callable[[Deps], None],
    state: object,
    followup: str,
) -> None:
    """The thread is as it was before; what was to be asked falls due again later, when nothing else stops it."""
    dialog.answer = {**ANSWER, "state": AT_REST}
    text(deps, "hello there")
    _send(deps)
    _falls_due(deps, clock, "pat-1")
    dialog.answer = {**ANSWER, "state": ASKED}
    assert Worker(deps).turn_once()
    becomes(deps)
    text(deps, "1")
    assert dialog.states[-1] == state
    assert _followup(deps, "pat-1")[0] == followup
    _send(deps)
    with deps.db.read() as tx:
        states = tx.session.execute(select(tables.Message.state).order_by(tables.Message.seq)).scalars().all()
    assert states == ["handed_over", "handed_over" if state is ASKED else "refused", "handed_over"]


def test_a_follow_up_takes_a_shared_phone_when_it_is_sent(deps: Deps, dialog: FailingDialog) -> None:
    """Until then whoever writes goes on in the thread where the phone was; the other's text then waits."""
    text(deps, "hello there")
    _send(deps)
    _enter(deps, "pat-2")
    with deps.db.write() as tx:
        followups.plan(tx, "pat-2", "other", tx.now(), {}, "two")
    followups.claim_due(deps.db, deps.clock.now(), 10)
    assert Worker(deps).turn_once()
    text(deps, "1")
    assert _current(deps) == "pat-1"
    _send(deps)
    assert _current(deps) == "pat-1"
    assert _followup(deps, "pat-2") == ("held", "conversation_moved_on")


def test_a_phone_changes_hands_with_the_text(deps: Deps) -> None:
    """Whoever answers answers what was said last."""
    text(deps, "hello there")
    _enter(deps, "pat-2")
    with deps.db.write() as tx:
        followups.plan(tx, "pat-2", "other", tx.now(), {}, "two")
    followups.claim_due(deps.db, deps.clock.now(), 10)
    assert Worker(deps).turn_once()
    assert _current(deps) == "pat-1"
    _send(deps)
    assert _current(deps) == "pat-2"


@pytest.mark.parametrize(
    ("state", "hours", "released"),
    [
        pytest.param(AT_REST, 1, False, id="just now"),
        pytest.param(AT_REST, 5, True, id="some hours ago"),
        pytest.param(ASKED, 5, False, id="a question is open"),
        pytest.param({**AT_REST, "check": {"kind": "crisis"}}, 5, False, id="is all well?"),
        pytest.param(ASKED, 72, True, id="nobody answered it for days"),
    ],
)
def test_a_shared_phone_is_busy_while_the_other_patient_is_spoken_with(
    deps: Deps, clock: StandingClock, state: dict[str, object], hours: int, released: bool
) -> None:
    """What is for the second patient waits, whatever it is, and whether or not the first was ever invited."""
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, PERSON)
        thread = conversations.find_or_create(tx, phone.id, "pat-1", "en")
        conversations.save_state(tx, thread.id, 0, state, "en")
    _enter(deps, "pat-2")
    _falls_due(deps, clock, "pat-2", hours)
    assert _followup(deps, "pat-2") == (("sent", None) if released else ("held", "phone_busy"))


def test_two_that_fall_due_at_once_on_one_phone_come_one_after_the_other(deps: Deps) -> None:
    """Also where no cap holds the second back."""
    _enter(deps, "pat-2")
    with deps.db.write() as tx:
        for patient_id in ("pat-1", "pat-2"):
            followups.plan(tx, patient_id, "resume_screening", tx.now(), {}, patient_id)
    release_due(deps)
    assert [_followup(deps, each) for each in ("pat-1", "pat-2")] == [("sent", None), ("held", "phone_busy")]


def _enter(deps: Deps, patient_id: str) -> None:
    with deps.db.write() as tx:
        patients.upsert(tx, patient_id, profile=patients.Profile(), language="en")
        phones.link(tx, patient_id, phones.find_or_create(tx, PERSON).id)
    _consent(deps, patient_id, granted=True)


def _consent(deps: Deps, patient_id: str, *, granted: bool) -> None:
    with deps.db.write() as tx:
        consents.record(
            tx,
            patient_id=patient_id,
            phone_id=None,
            granted=granted,
            method="paper",
            text_version=None,
            channel="clinic",
            at=tx.now(),
        )


def _falls_due(deps: Deps, clock: StandingClock, patient_id: str, hours: int = 0) -> None:
    clock.advance(hours=hours)
    with deps.db.write() as tx:
        followups.plan(tx, patient_id, "other", tx.now(), {}, "due")
    release_due(deps)


def _send(deps: Deps) -> None:
    sender = Sender(deps)
    while sender.send_one():
        pass


def _followup(deps: Deps, patient_id: str) -> tuple[str, str | None]:
    with deps.db.read() as tx:
        (planned,) = followups.list_for_patient(tx, patient_id, None, 10).items
    return planned.state, planned.reason


def _current(deps: Deps) -> str:
    with deps.db.read() as tx:
        phone = phones.find_or_create(tx, PERSON)
        thread = conversations.current_for_phone(tx, phone.id)
    assert thread is not None
    return thread.patient_id
