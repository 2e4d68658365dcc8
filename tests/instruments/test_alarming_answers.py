"""An answer may be a cry for help: it opens a case in the transaction that records it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot import bootstrap, effects
from bot.bootstrap import Deps
from bot.effect_context import Applied
from bot.scene import Scene, open_scene
from bot.settings import Settings
from bot.store import escalations, inbound, patients, phones, screenings
from bot.store.database import Database, make_engine
from tests.world import CountedIds, StandingClock

NUMBER = "+12025550123"
SELF_HARM = "44260-8"


@pytest.fixture
def deps(database_url: str, make_settings: Callable[..., Settings], clock: StandingClock) -> Iterator[Deps]:
    """Real dependencies on a fresh database of each kind."""
    built, ids = bootstrap.build(make_settings(BOT_DATABASE_URL=database_url)), CountedIds()
    db = Database(make_engine(database_url), built.vault, clock, ids)
    yield replace(built, clock=clock, new_id=ids, db=db)
    db.engine.dispose()
    built.db.engine.dispose()


@pytest.fixture
def scene(deps: Deps) -> Scene:
    """A patient of 16 who texts."""
    with deps.db.write() as tx:
        patients.upsert(tx, "pat-1", profile=patients.Profile(birth_date=date(2010, 1, 1)), language="en")
        phones.link(tx, "pat-1", phones.find_or_create(tx, NUMBER).id)
        sent: dict[str, Any] = {
            "from_address": NUMBER,
            "to_address": "+12025550100",
            "body": "2",
            "kind": "text",
            "channel": "sms",
        }
        inbound.store(tx, message_sid="SM1", received_at=deps.clock.now(), **sent)
    claimed = inbound.claim(deps.db, "test", timedelta(seconds=30))
    assert claimed is not None
    return open_scene(deps, claimed)


def answered(deps: Deps, scene: Scene, instrument: str, answers: dict[str, dict[str, str]]) -> None:
    """A screening in which these answers are recorded, in one turn."""
    version = deps.content.instruments[instrument].version
    begun: dict[str, Any] = {"type": "screening_started", "instrument": instrument, "version": version}
    events: list[dict[str, Any]] = [
        {"type": "answer_recorded", "link_id": i, "code": i, "value": value} for i, value in answers.items()
    ]
    done: dict[str, Any] = {"type": "screening_completed", "partial": True, "answered_by": "patient"}
    applied = Applied(language="en")
    with deps.db.write() as tx:
        for event in (begun, *events, done):
            effects.apply(deps, tx, scene, event, applied)


@pytest.mark.parametrize(
    ("code", "cases"),
    [("LA6568-5", []), ("LA6569-3", ["crisis now"]), ("LA6571-9", ["crisis now"])],
)
def test_thoughts_of_self_harm_open_a_crisis_case(deps: Deps, scene: Scene, code: str, cases: list[str]) -> None:
    """Any answer above "Not at all", at once; "Not at all" opens none."""
    answered(deps, scene, "phq-9", {SELF_HARM: {"code": code, "display": "-"}})
    with deps.db.read() as tx:
        assert [f"{c.kind} {c.urgency}" for c in escalations.list_page(tx, None, 10).items] == cases


def test_the_age_of_the_patient_decides_what_is_enough_activity(deps: Deps, scene: Scene) -> None:
    """Six days of an hour are too few at 16."""
    answered(
        deps,
        scene,
        "ahc-hrsn",
        {"17": {"code": "LA10138-8", "display": "6"}, "18": {"code": "LA28853-2", "display": "60"}},
    )
    with deps.db.read() as tx:
        (run,) = screenings.list_for_patient(tx, "pat-1", None, 10).items
    assert run.result is not None
    assert run.result["scores"]["activity_minutes"] == {"value": 360, "complete": True}
    assert {n["domain"]: n["positive"] for n in run.result["needs"]}["activity"] is True
