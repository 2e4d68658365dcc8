"""`bot campaign`: what it says of a start to come, of all campaigns, and of one in a form that programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_SIMULATOR", "1")
    Path("list.csv").write_text("id,phone,consent\nA-1,2025550123,yes\nA-2,,yes\n", encoding="utf-8")
    assert main(("db", "upgrade")) == 0


def run(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """What ``bot campaign …`` prints, which must succeed."""
    capsys.readouterr()
    assert main(("campaign", *args)) == 0
    return capsys.readouterr().out


def test_campaigns_are_begun_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A start to come is said with its time; the list and the status come as text and as JSON."""
    assert run(capsys, "list") == "There are no campaigns.\n"
    assert json.loads(run(capsys, "list", "--json")) == []
    later = run(capsys, "create", "list.csv", "--name", "Later", "--start-at", "2095-03-02T09:00-05:00")
    assert " begins at 2095-03-02 14:00 UTC; `bot campaign status cmp_" in later
    assert " has begun; `bot" in run(capsys, "create", "list.csv", "--name", "Now")
    first, second = run(capsys, "list").splitlines()
    assert first.endswith("2 patients, from 2095-03-02 14:00 UTC  Later")
    assert second.endswith("  Now")
    shown: list[dict[str, Any]] = json.loads(run(capsys, "list", "--json"))
    assert [each["name"] for each in shown] == ["Later", "Now"]
    status = json.loads(run(capsys, "status", shown[0]["id"], "--json"))
    assert status == shown[0]
    assert (status["start_at"], status["state"], status["total"]) == ("2095-03-02T14:00:00Z", "running", 2)
    assert (status["counts"]["enrolled"], status["held_reasons"]) == (1, {"cannot_be_texted": 1})
    assert "held: cannot_be_texted" in run(capsys, "status", shown[0]["id"])
