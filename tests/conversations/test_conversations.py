"""Every file under cases/ is a conversation. The folders say what people do; the file names are sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot import bootstrap
from bot.settings import Settings
from bot.store.database import Database, make_engine
from tests.conversations.stage import Stage
from tests.world import CountedIds, StandingClock

CASES = sorted((Path(__file__).parent / "cases").rglob("*.yml"))
# What a database does is shown by tests/store on both kinds; whole conversations need not all be played twice.
ON_POSTGRESQL = CASES[::3]
PLAYED = [(case, "sqlite") for case in CASES] + [(case, "postgresql") for case in ON_POSTGRESQL]


@pytest.fixture
def stage(
    database_url: str, dialog_url: str, make_settings: Callable[..., Settings], clock: StandingClock
) -> Iterator[Stage]:
    """A stage on a fresh database of each kind, with the real dialog process."""
    settings = make_settings(
        BOT_DATABASE_URL=database_url,
        BOT_DIALOG_URL=dialog_url,
        BOT_CLINIC_NAME="Elm Clinic",
        BOT_HELP_CONTACT="555-555-0123",
    )
    deps, ids = bootstrap.build(settings), CountedIds()
    db = Database(make_engine(settings.database_url), deps.vault, clock, ids)
    yield Stage(replace(deps, clock=clock, new_id=ids, db=db), clock)
    db.engine.dispose()
    deps.db.engine.dispose()


@pytest.mark.parametrize(
    ("case", "database_url"),
    PLAYED,
    indirect=["database_url"],
    ids=[f"{kind}-{case.parent.name}/{case.stem}" for case, kind in PLAYED],
)
def test_the_conversation_goes_as_written(stage: Stage, case: Path) -> None:
    """Each turn is answered as the file says, and the record says what the file says."""
    script = yaml.safe_load(case.read_text(encoding="utf-8"))
    for turn in script["turns"]:
        stage.play(turn)
    stage.recorded(script.get("recorded", {}))
