"""The table of errors is checked before it is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content import content_root
from bot.core.send_policy import ErrorClass
from bot.sending.errors_table import FILE, ErrorsTableInvalid, lint_errors, load_errors

GOOD = "default: {class: content, meaning: Other.}\nhttp: {429: {class: retry, meaning: Busy.}}\n"


def written(root: Path, text: str) -> Path:
    """A content folder with this table."""
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_text(text, "utf-8")
    return root


def test_the_table_of_the_project_is_fit_for_use() -> None:
    """What is shipped passes its own check."""
    assert lint_errors(content_root()) == []


@pytest.mark.parametrize(
    ("code", "error_class"),
    [
        (63007, ErrorClass.ALERT_OPERATOR),
        (63015, ErrorClass.STOP_FOR_GOOD),
        (63016, ErrorClass.CONTENT),
        (63018, ErrorClass.RETRY),
    ],
)
def test_errors_of_whatsapp_are_known(code: int, error_class: ErrorClass) -> None:
    """Each has its own class, not the one of unknown errors."""
    rule = load_errors(content_root()).rule(code, 400)
    assert (rule.error, rule.error_class, rule.only_this_number) == (str(code), error_class, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            GOOD + "codes: {21610: {class: suppress, meaning: A.}, 21610: {class: retry, meaning: B.}}",
            "21610 is listed twice",
            id="a duplicate",
        ),
        pytest.param(GOOD + "codes: {21610: {class: ignore, meaning: A.}}", "unknown class ignore", id="unknown class"),
        pytest.param(GOOD + "codes: {21610: {class: suppress}}", "codes 21610 has", id="no meaning"),
        pytest.param(GOOD + "codes: {21610: {class: suppress, meaning: ' '}}", "no meaning in words", id="empty"),
        pytest.param(GOOD + "codes: {216: {class: suppress, meaning: A.}}", "216 is not a key", id="not a code"),
        pytest.param(GOOD + "codes: {}\nhttp2: {}", "exactly default, http and codes", id="an unknown section"),
        pytest.param(GOOD + "codes: [21610]", "codes is not a mapping", id="a list"),
        pytest.param(
            GOOD + "codes: {30034: {class: retry, meaning: A., only_this_number: true}}",
            "only_this_number",
            id="a scope where it means nothing",
        ),
        pytest.param("{", "cannot be read", id="not YAML"),
    ],
)
def test_a_wrong_table_is_refused_in_words(tmp_path: Path, text: str, problem: str) -> None:
    """The check and the loader say the same."""
    root = written(tmp_path, text)
    assert any(problem in found for found in lint_errors(root))
    with pytest.raises(ErrorsTableInvalid, match="."):
        load_errors(root)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    """No table, no start."""
    assert lint_errors(tmp_path) == ["twilio_errors.yml cannot be read (FileNotFoundError)"]
