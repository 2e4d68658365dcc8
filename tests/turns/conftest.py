"""Real dependencies, and a dialog process that is away or does what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.bootstrap import Deps
from bot.processes import free_port
from bot.settings import Settings
from tests.turns.failing_dialog import FailingDialog
from tests.turns.texting import deps_on
from tests.world import StandingClock


@pytest.fixture
def dialog() -> Iterator[FailingDialog]:
    """A dialog process that does what it is told."""
    running = FailingDialog()
    yield running
    running.close()


@pytest.fixture
def deps(sqlite_url: str, make_settings: Callable[..., Settings], clock: StandingClock) -> Iterator[Deps]:
    """Nobody is where the dialog manager should be."""
    with deps_on(sqlite_url, make_settings, clock, f"http://127.0.0.1:{free_port()}") as deps:
        yield deps
