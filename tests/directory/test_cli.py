"""``bot resources`` as it is typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from tests.directory.building import FIXTURES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``bot resources …`` in a folder of its own; exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_SIMULATOR", "1")
    monkeypatch.setenv("BOT_DATA_DIR", str(tmp_path / "var"))

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["resources", *arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_import_and_list(run: Run, tmp_path: Path) -> None:
    """Import with a report, list with filters, import again, as JSON."""
    path, report = str(FIXTURES / "directory.json"), tmp_path / "report.json"
    code, out, err = run("import", path, "--report", str(report))
    assert (code, "20 new" in out, "1 private, never shown" in out) == (0, True, True)
    assert "Reading" in err
    assert json.loads(report.read_text())["counts"]["added"] == 20
    assert "20 as before" in run("import", path, "--dry-run")[1]
    assert run("list", "--words", "near")[1].count("Near Pantry") == 1
    listed = json.loads(run("list", "--json", "--need", "housing")[1])
    assert {each["name"] for each in listed} == {
        "Rent Rescue",
        "Open Door Night Shelter",
        "Quiet House Rooms",
    }
    assert json.loads(run("list", "--json", "--source", "none")[1]) == []
    assert run("index")[1] == "0 places help with other needs than before.\n"


def test_what_cannot_be_imported_is_one_sentence(run: Run, tmp_path: Path) -> None:
    """And a non-zero exit."""
    code, _, err = run("import", str(tmp_path / "nowhere"))
    assert code == 1
    assert err.strip().startswith("Error: There is nothing at")
    assert err.count("\n") == 1


def test_the_sample_is_for_the_simulator(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented places never stand beside real ones."""
    assert "invented places" in run("sample")[1]
    assert run("sample")[1] == ""
    monkeypatch.setenv("BOT_SIMULATOR", "0")
    assert run("sample")[0] == 1
