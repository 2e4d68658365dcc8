"""The lexicons, and where the development replies lie if they are there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.load import read_lexicon_files
from bot.core.lexicon import Lexicon

ROOT = Path(__file__).resolve().parents[2]
TABLES = Path(__file__).parent / "tables"
DEVELOPMENT = ROOT.parent / "shared" / "data" / "language"

needs_development = pytest.mark.skipif(not DEVELOPMENT.exists(), reason="../shared/data/language is not here")


def table(name: str) -> Any:
    """One table of cases."""
    return yaml.safe_load((TABLES / f"{name}.yml").read_text(encoding="utf-8"))


def raw_lexicon(language: str) -> dict[str, Any]:
    """A lexicon as it was parsed, all its files together."""
    return read_lexicon_files(ROOT / "dialogs/lexicon" / language)


def development(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one file of development replies."""
    for line in (DEVELOPMENT / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


@pytest.fixture(scope="session")
def lexicons() -> dict[str, Lexicon]:
    """English and Spanish."""
    return {language: Lexicon.from_dict(language, raw_lexicon(language)) for language in ("en", "es")}
