"""The rules as content: what is there can be used, and what cannot be used is refused with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.content import content_root
from bot.content.policy import lint_policy, load_policy
from bot.core.policy import KindRule

Change = Callable[[dict[str, dict[str, object]]], object]


def changed(tmp_path: Path, file: str, change: Change) -> list[str]:
    """The problems of the content after a change to one file."""
    (tmp_path / "content").mkdir()
    for name in ("state_hours.yml", "caps.yml"):
        shutil.copy(content_root() / "content" / name, tmp_path / "content" / name)
    path = tmp_path / "content" / file
    data = yaml.safe_load(path.read_text())
    change(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return lint_policy(tmp_path)


def test_the_rules_are_in_order() -> None:
    """Nothing is wrong with ours; a kind without a row follows the usual rules."""
    assert lint_policy(content_root()) == []
    policy = load_policy()
    assert policy.rule("anything") == KindRule()
    assert policy.rule("resume_screening").dropped_after == timedelta(hours=24)


@pytest.mark.parametrize(
    ("file", "change", "named"),
    [
        ("state_hours.yml", lambda d: d["usual"].update({"saturday": "08:00-17:00"}), "usual: saturday: 08:00-17:00"),
        ("state_hours.yml", lambda d: d["usual"].update({"sunday": "10:00-17:00"}), "Sundays"),
        ("state_hours.yml", lambda d: d["usual"].update({"friday": "10:00-17:00"}), "friday is named twice"),
        ("state_hours.yml", lambda d: d["usual"].update({"noday": "10:00-17:00"}), "noday"),
        ("state_hours.yml", lambda d: d["wish"].update({"monday to sunday": "07:00-21:00"}), "wish"),
        ("state_hours.yml", lambda d: d["everywhere"].append("Nowhere/Land"), "Nowhere"),
        ("state_hours.yml", lambda d: d["states"].update({"Texas": {"law": "x", "source": "y"}}), "Texas"),
        ("state_hours.yml", lambda d: d["states"]["TX"].pop("law"), "TX"),
        ("state_hours.yml", lambda d: d["states"]["TX"].update({"hours": {"monday": "9-25"}}), "state_hours.yml"),
        ("state_hours.yml", lambda d: d.pop("wish"), "'wish' is missing"),
        ("caps.yml", lambda d: d["caps"].update({"per_day": 0}), "0 is not a whole number"),
        ("caps.yml", lambda d: d["kinds"].pop("other"), "other is missing"),
        ("caps.yml", lambda d: d["kinds"].update({"x": {"loud": True}}), "x: loud"),
        ("caps.yml", lambda d: d["kinds"].update({"x": {"bulk": "yes"}}), "x: "),
        ("caps.yml", lambda d: d["reminders"].update({"after_days": [3, 1]}), "reminders"),
        ("caps.yml", lambda d: d.pop("rescreening"), "'rescreening' is missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, file: str, change: Change, named: str) -> None:
    """Hours beyond the limits, unknown names, missing parts: one sentence that says where."""
    (problem,) = changed(tmp_path, file, change)
    assert named in problem
    assert file in problem
