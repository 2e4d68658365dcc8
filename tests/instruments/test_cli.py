"""``bot instruments``: what it says of a file, and how a file comes into the content folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.instruments import instruments
from tests.instruments.files import DIALOGS

PLAIN = {
    "resourceType": "Questionnaire",
    "id": "two-questions",
    "version": "1",
    "title": "Two questions",
    "item": [
        {"linkId": "a", "type": "boolean", "text": "Do you have a phone?"},
        {"linkId": "b", "type": "integer", "text": "How many people live with you?"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A content folder of the test's own."""
    content = tmp_path / "dialogs"
    shutil.copytree(DIALOGS, content, ignore=shutil.ignore_patterns("models", "__pycache__", "*.py"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_CONTENT_DIR", str(content))
    monkeypatch.setenv("BOT_SIMULATOR", "1")
    return content


def run(*arguments: str) -> Result:
    """One command."""
    return CliRunner().invoke(instruments, list(arguments))


def written(folder: Path, resource: Any, name: str = "new.json") -> str:
    """A file beside the content folder."""
    path = folder.parent / name
    path.write_text(resource if isinstance(resource, str) else json.dumps(resource), encoding="utf-8")
    return str(path)


def test_a_file_that_can_be_run_is_explained(folder: Path) -> None:
    """Exit code 0, with what is missing before patients can get it."""
    result = run("check", written(folder, PLAIN))
    assert result.exit_code == 0
    assert "2 questions can be asked by text" in result.output
    assert "item (linkId a): not every text is there in es" in result.output
    assert "need-rule: there is none" in result.output


def test_a_file_that_cannot_be_run_is_explained_with_the_place(folder: Path) -> None:
    """Exit code 1; as JSON the place, the link id and the reason."""
    broken = {**PLAIN, "item": [*PLAIN["item"], {"linkId": "c", "type": "attachment", "text": "Photo?"}]}
    file = written(folder, broken)
    assert run("check", file).exit_code == 1
    result = run("check", "--json", file)
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert found["runnable"] is False
    assert found["problems"] == [
        {"place": "item[2] (linkId c).type", "link_id": "c", "what": "'attachment' is not supported"}
    ]


@pytest.mark.parametrize("text", ["{", "[]", '"x"', '{"resourceType": "Patient"}'])
def test_what_is_no_questionnaire_is_refused_in_plain_words(folder: Path, text: str) -> None:
    """No stack trace, whatever the file holds; neither for a file that is not there."""
    for result in (
        run("check", written(folder, text)),
        run("import", written(folder, text)),
        run("check", "nowhere.json"),
    ):
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)


def test_a_file_is_brought_in_as_it_is_and_listed(folder: Path) -> None:
    """The copy equals the file; what it still lacks is said, and it is in the list."""
    file = written(folder, PLAIN)
    result = run("import", file)
    assert result.exit_code == 0, result.output
    assert (folder / "questionnaires/two-questions/questionnaire.json").read_bytes() == Path(file).read_bytes()
    assert "holds no scoring vectors" in result.output
    assert run("import", file).exit_code == 0


def test_another_questionnaire_is_only_replaced_when_told_so(folder: Path) -> None:
    """A second version is refused, then put in place with --replace."""
    assert run("import", written(folder, PLAIN)).exit_code == 0
    newer = written(folder, {**PLAIN, "version": "2"}, "newer.json")
    refused = run("import", newer)
    assert refused.exit_code == 1
    assert "version 1; the file has version 2" in refused.output
    assert run("import", newer, "--replace").exit_code == 0
    assert json.loads((folder / "questionnaires/two-questions/questionnaire.json").read_text())["version"] == "2"


def test_an_id_may_be_given_and_must_be_fit_for_a_folder(folder: Path) -> None:
    """--id names the copy; an id with a path in it is refused."""
    file = written(folder, {key: value for key, value in PLAIN.items() if key != "id"})
    assert run("import", file).exit_code == 1
    assert run("import", file, "--id", "../../outside").exit_code == 1
    assert not (folder.parent / "outside").exists()
    assert run("import", file, "--id", "mine").exit_code == 0
    assert json.loads((folder / "questionnaires/mine/questionnaire.json").read_text())["id"] == "mine"


def test_the_list_names_id_version_title_and_languages(folder: Path) -> None:
    """As JSON, for every shipped instrument."""
    listed = {each["id"]: each for each in json.loads(run("list", "--json").output)}
    assert set(listed["ahc-hrsn"]) == {"id", "version", "title", "languages"}
    assert all(each["languages"] == ["en", "es"] for each in listed.values())
