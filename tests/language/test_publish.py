"""The published table of behaviour."""

from __future__ import annotations

from tests.language.publish import PAGE, page


def test_the_published_table_is_current() -> None:
    """docs/answers.md is what the tables say; run ``python -m tests.language.publish`` when it is not."""
    assert PAGE.read_text(encoding="utf-8") == page()
