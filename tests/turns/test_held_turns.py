"""A follow-up meets a thread where violence was spoken of: it is held, or leaves the question about safety open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.adapters.dialog_client import HttpDialog
from bot.bootstrap import Deps
from bot.core.gate import NOT_SAFE
from bot.store import conversations, escalations, followups, tables
from bot.store.followups import FollowUp
from bot.worker import Worker
from tests.turns.failing_dialog import FailingDialog
from tests.turns.texting import text
from tests.world import StandingClock

WISH = "resume_screening"


@pytest.fixture
def talking(deps: Deps) -> Iterator[Deps]:
    """The same, with a dialog manager that answers."""
    dialog = FailingDialog()
    yield replace(deps, dialog=HttpDialog(dialog.url))
    dialog.close()


def _text(deps: Deps, body: str) -> str:
    """The patient texts and is answered; gives their id."""
    text(deps, body)
    with deps.db.read() as tx:
        return tx.session.execute(select(tables.Patient.id)).scalar_one()


def _falls_due(deps: Deps, patient_id: str, kind: str) -> FollowUp:
    """A follow-up that was handed on meets the thread; gives it as it stands then."""
    with deps.db.write() as tx:
        planned = followups.plan(tx, patient_id, kind, tx.now(), {"instrument": "ahc-hrsn-core"}, f"{kind}:1")
    followups.claim_due(deps.db, deps.clock.now(), 5)
    Worker(deps).turn_once()
    with deps.db.read() as tx:
        found = followups.get(tx, planned or "")
    assert found is not None
    return found


def _state(deps: Deps, patient_id: str) -> dict[str, Any]:
    with deps.db.read() as tx:
        return conversations.of_patient(tx, patient_id)[0].state or {}


def _purposes(deps: Deps) -> list[str]:
    with deps.db.read() as tx:
        return list(tx.session.execute(select(tables.Message.purpose).order_by(tables.Message.seq)).scalars())


def test_a_follow_up_on_its_way_is_held(talking: Deps, clock: StandingClock) -> None:
    """Nothing is said, the question stays, and the clock takes it up again when the case is resolved."""
    patient_id = _text(talking, "my husband is beating me")
    held = _falls_due(talking, patient_id, "rescreening")
    assert (held.state, held.reason, held.due_at) == ("held", NOT_SAFE, clock.now() + timedelta(hours=1))
    assert _purposes(talking) == ["danger"]
    assert _state(talking, patient_id)["check"]["kind"] == "danger"


@pytest.mark.parametrize(("hours", "resolved", "kept"), [(2, False, True), (13, False, False), (2, True, False)])
def test_a_time_that_the_patient_named_leaves_the_question_open(
    talking: Deps, clock: StandingClock, hours: int, resolved: bool, kept: bool
) -> None:
    """It is said, and the question about their safety stays unless it is too old to be answered, or settled."""
    patient_id = _text(talking, "my husband is beating me")
    with talking.db.write() as tx:
        (thread,) = conversations.of_patient(tx, patient_id)
        state = {**(thread.state or {}), "slots": {"conversation": {"paused": True}}}
        conversations.save_state(tx, thread.id, thread.version, state, "en")
        if resolved:
            escalations.resolve(tx, escalations.list_page(tx, None, 5).items[0].id)
    clock.advance(hours=hours)
    assert _falls_due(talking, patient_id, WISH).state == "done"
    assert _purposes(talking) == ["danger", "reply"]
    assert ("check" in _state(talking, patient_id)) is kept
