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
    monkeypatch.delenv("BOT_SIMULATOR", raising=False)
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


def test_a_campaign_that_can_be_begun_can_be_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    """Paused, resumed and cancelled without anything to text through, which the clock has; what cannot be is said."""
    run(capsys, "create", "list.csv", "--name", "Now")
    campaign_id = json.loads(run(capsys, "list", "--json"))[0]["id"]
    for command, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        run(capsys, command, campaign_id)
        assert json.loads(run(capsys, "status", campaign_id, "--json"))["state"] == state
    assert main(("campaign", "resume", campaign_id)) == 1
    assert main(("campaign", "pause", "cmp_none")) == 1
    assert "There is no campaign with this id." in capsys.readouterr().err


def test_a_start_that_has_passed_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written."""
    assert main(("campaign", "create", "list.csv", "--name", "x", "--start-at", "2020-01-01T09:00-05:00")) == 2
    assert "lies in the past" in capsys.readouterr().err
    assert run(capsys, "list") == "There are no campaigns.\n"


def test_the_columns_of_a_list_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Each field, and its names in both languages."""
    assert main(("patients", "columns")) == 0
    shown = capsys.readouterr().out
    for words in ("patient_id\n", "medical record number", "fecha de nacimiento", "consent_at\n"):
        assert words in shown
