"""The core instrument, read from its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.core.instrument import Instrument
from bot.core.questionnaire import read_questionnaire

FOLDER = Path(__file__).resolve().parents[2] / "dialogs" / "questionnaires"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def core() -> Instrument:
    """The AHC core items with the emergency question."""
    return read_questionnaire(json.loads((FOLDER / "ahc-hrsn-core" / "questionnaire.json").read_text()))
