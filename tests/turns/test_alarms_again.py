"""What is said again: a need after a claim that is long past, and a doubt that is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.adapters.dialog_client import HttpDialog
from bot.bootstrap import Deps
from bot.store import alerts, escalations
from bot.store.escalations import Escalation
from bot.store.on_call_tables import AlertPlan
from tests.turns.failing_dialog import ANSWER, FailingDialog
from tests.turns.texting import text
from tests.world import StandingClock

HUNGRY, WANTS_A_PERSON, DOUBT = "my kids have nothing to eat tonight", "zxcv", "i cant go on"


@pytest.fixture
def talking(deps: Deps) -> Iterator[Deps]:
    """The same, with a dialog manager that hears a wish for a person in everything."""
    dialog = FailingDialog()
    dialog.answer = {**ANSWER, "events": [{"type": "person_requested"}]}
    yield replace(deps, dialog=HttpDialog(dialog.url))
    dialog.close()


def _cases(deps: Deps) -> list[Escalation]:
    """All cases, the oldest first."""
    with deps.db.read() as tx:
        return list(escalations.list_page(tx, None, 20).items)


def _claim(deps: Deps) -> None:
    """Somebody takes the newest case."""
    with deps.db.write() as tx:
        escalations.claim(tx, escalations.list_page(tx, None, 20).items[-1].id, "token:t1")


def _told(deps: Deps) -> list[str]:
    """The cases of which somebody is to be told now."""
    with deps.db.read() as tx:
        return [plan.escalation_id for plan in alerts.due(tx, 9)]


@pytest.mark.parametrize("body", [HUNGRY, WANTS_A_PERSON])
@pytest.mark.parametrize(
    ("claimed", "wait", "opened"),
    [
        (True, timedelta(hours=11), 0),
        (True, timedelta(hours=13), 1),
        (True, timedelta(days=10), 1),
        (False, timedelta(days=10), 0),
    ],
)
def test_a_claim_does_not_silence_a_need_for_ever(
    talking: Deps, clock: StandingClock, body: str, claimed: bool, wait: timedelta, opened: int
) -> None:
    """While a case is told, or was claimed just now, it does for the same need; later there is a new one."""
    text(talking, body)
    if claimed:
        _claim(talking)
    clock.advance(seconds=wait.total_seconds())
    text(talking, body)
    cases = _cases(talking)
    assert len(cases) == 1 + opened
    if opened:
        assert _told(talking) == [cases[-1].id]


def test_a_confirmed_doubt_that_was_claimed_is_told_anew(deps: Deps, clock: StandingClock) -> None:
    """Whoever claimed it knew of a doubt: another case, told at once; the claim stands."""
    text(deps, DOUBT)
    _claim(deps)
    clock.advance(minutes=4)
    text(deps, "no")
    first, second = _cases(deps)
    assert (first.state, second.state, second.kind, second.urgency) == ("claimed", "open", "crisis", "now")
    assert _told(deps) == [second.id]


def test_a_confirmed_doubt_is_the_latest_one(deps: Deps, clock: StandingClock) -> None:
    """An older case of the kind that nobody has claimed keeps its own pace; the doubt is told at once."""
    for _ in range(2):
        text(deps, DOUBT)
        with deps.db.write() as tx:
            for plan in alerts.due(tx, 9):
                alerts.take_step(tx, plan, 1, tx.now() + timedelta(minutes=5), heard=True)
        clock.advance(minutes=1)
    text(deps, "no")
    older, newer = _cases(deps)
    assert _told(deps) == [newer.id]
    assert _since(deps, newer.id) == newer.opened_at
    assert older.state == "open"


def _since(deps: Deps, case: str) -> datetime:
    with deps.db.read() as tx:
        return tx.session.execute(select(AlertPlan.since).where(AlertPlan.escalation_id == case)).scalar_one()


def test_that_all_is_well_is_noted_with_the_doubt_itself(deps: Deps, clock: StandingClock) -> None:
    """Not with an older case of the kind."""
    text(deps, DOUBT)
    clock.advance(minutes=1)
    text(deps, DOUBT)
    text(deps, "yes im ok just venting")
    older, newer = _cases(deps)
    assert older.note is None
    assert newer.note is not None
