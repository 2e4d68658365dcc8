"""The examples in docs/understanding.md are run as they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.adapters.dialog_client import HttpDialog
from bot.content import load_content
from bot.understanding import read_line, understand

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "understanding.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\$ echo '(\{.*\})' \| bot understand\n(\{.*\})$", PAGE, re.MULTILINE)


def test_the_page_has_examples() -> None:
    """As many as it has blocks of commands."""
    assert len(EXAMPLES) == PAGE.count("```console") >= 5


@pytest.mark.parametrize(("given", "printed"), EXAMPLES)
def test_an_example_gives_what_the_page_says(given: str, printed: str, dialog_url: str) -> None:
    """Word for word."""
    content = load_content()
    (found,) = understand(content, [read_line(content, json.loads(given))], HttpDialog(dialog_url).parse)
    assert json.dumps(found.to_json(), ensure_ascii=False) == printed
