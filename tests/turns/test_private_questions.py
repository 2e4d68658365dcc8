"""A private question that has been open for long is asked again behind the privacy check, whatever came between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot import bootstrap
from bot.adapters.dialog_client import HttpDialog
from bot.bootstrap import Deps
from bot.settings import Settings
from bot.store.database import Database
from tests.turns.failing_dialog import ANSWER, FailingDialog
from tests.turns.texting import text
from tests.world import CountedIds, StandingClock

INSTRUMENT, PRIVATE = "ahc-hrsn-core", "7"


@pytest.fixture
def deps(
    sqlite_db: Database, make_settings: Callable[..., Settings], clock: StandingClock, dialog: FailingDialog
) -> Iterator[Deps]:
    """Real dependencies; the first text has begun a screening, which is at a private question."""
    built = bootstrap.build(make_settings())
    deps = replace(built, clock=clock, new_id=CountedIds(), db=sqlite_db, dialog=HttpDialog(dialog.url))
    version = deps.content.instruments[INSTRUMENT].version
    screening = {
        "instrument": INSTRUMENT,
        "version": version,
        "at": PRIVATE,
        "answers": {},
        "asked": [],
        "cleared": True,
    }
    slots = {"screening": screening, "conversation": {"consent": True}}
    state = {"v": 1, "form": "screening_form", "requested": "answer", "slots": slots}
    begun = {"type": "screening_started", "instrument": INSTRUMENT, "version": version}
    dialog.answer = {**ANSWER, "state": state, "events": [begun]}
    text(deps, "hello")
    dialog.answer = {**ANSWER, "state": state}
    yield deps
    built.db.engine.dispose()


@pytest.mark.parametrize(
    ("between", "late"),
    [
        pytest.param([(40, "HELP"), (5, "1")], True, id="help"),
        pytest.param([(40, ""), (5, "1")], True, id="a picture"),
        pytest.param([(20, "HELP"), (5, "1")], False, id="help, not late"),
        pytest.param([(40, "START")], True, id="start"),
        pytest.param([(20, "1"), (20, "1")], False, id="answers"),
    ],
)
def test_what_code_answers_does_not_make_an_old_question_new(
    deps: Deps, dialog: FailingDialog, clock: StandingClock, between: list[tuple[int, str]], late: bool
) -> None:
    """Whoever sends HELP may not be whoever was asked: the answer is not taken before they say that they are alone."""
    for minutes, body in between:
        clock.advance(minutes=minutes)
        text(deps, body)
    state = dialog.states[-1]
    assert state is not None
    assert state["slots"]["screening"].get("gate", False) is late
