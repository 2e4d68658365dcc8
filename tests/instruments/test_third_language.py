"""A language is data: Portuguese is added by files alone, and the bot texts and reads it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import bootstrap
from bot.content import load_content
from bot.content.lint import lint
from bot.content.load import read_yaml
from bot.settings import Settings
from bot.store.database import Database, make_engine
from tests.conversations.stage import Stage
from tests.dialog_process import dialog_process
from tests.instruments.files import DIALOGS, read
from tests.world import CountedIds, StandingClock

FILES = Path(__file__).parent / "portuguese"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


@pytest.fixture(scope="module")
def content_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content folder with a third language in it."""
    folder = tmp_path_factory.mktemp("content") / "dialogs"
    shutil.copytree(DIALOGS, folder, ignore=shutil.ignore_patterns("models", "__pycache__", "*.py"))
    _add_messages(folder)
    _add_lexicon(folder)
    _add_words(folder / "content" / "languages.yml", ["olá", "oi", "obrigado", "sim", "português"])
    _add_words(folder / "content" / "privacy_check.yml", read_yaml(FILES / "privacy.yml"))
    file = folder / "questionnaires" / "ahc-hrsn-core" / "questionnaire.json"
    translated = _translated(read(file), read_yaml(FILES / "questionnaire.yml"))
    file.write_text(json.dumps(translated, ensure_ascii=False), encoding="utf-8")
    return folder


@pytest.fixture
def stage(
    content_folder: Path,
    database_url: str,
    portuguese_dialog: str,
    make_settings: Callable[..., Settings],
    clock: StandingClock,
) -> Iterator[Stage]:
    """The whole bot on that content."""
    settings = make_settings(
        BOT_DATABASE_URL=database_url,
        BOT_DIALOG_URL=portuguese_dialog,
        BOT_CONTENT_DIR=str(content_folder),
        BOT_CLINIC_NAME="Elm Clinic",
        BOT_HELP_CONTACT="555-555-0123",
    )
    deps, ids = bootstrap.build(settings), CountedIds()
    db = Database(make_engine(settings.database_url), deps.vault, clock, ids)
    yield Stage(replace(deps, clock=clock, new_id=ids, db=db), clock)
    db.engine.dispose()
    deps.db.engine.dispose()


@pytest.fixture(scope="module")
def portuguese_dialog(content_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dialog process on that content, with the model as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOT_CONTENT_DIR", str(content_folder))
        with dialog_process(tmp_path_factory.mktemp("dialog") / "dialog.log") as url:
            yield url


def test_the_lint_asks_only_for_the_texts_that_are_not_translated_yet(content_folder: Path) -> None:
    """Messages, lexicon and words are whole; what is left are items without Portuguese."""
    before = lint(DIALOGS)
    found = [problem for problem in lint(content_folder) if problem.replace("/pt", "/en") not in before]
    added = [problem for problem in found if problem not in before]
    assert {problem.rpartition(": ")[2] for problem in added} == {"not every text is there in pt"}
    assert load_content(content_folder).languages == ("en", "es", "pt")


def test_a_conversation_in_the_new_language(stage: Stage) -> None:
    """Greeted, asked for consent, asked and understood in Portuguese; what is not translated comes in English."""
    for said, heard in [
        ("olá", ["consent_ask"]),
        ("sim", ["consent_thanks", "question 1"]),
        ("Tenho um lugar fixo para morar", ["question 2"]),
        ("mofo e 7", ["question 3"]),
        ("às vezes", ["question 4"]),
        ("nunca", ["question 5"]),
        ("não", ["question 6"]),
    ]:
        stage.play({"patient": said, "bot": heard})
    answers = {"1": "LA31993-1", "2": ["LA28580-1", "LA32001-2"], "3": "LA6729-3", "4": "LA28398-8", "5": "LA32-8"}
    stage.recorded({"answers": answers, "language": "pt"})


def _add_messages(folder: Path) -> None:
    texts = read_yaml(folder / "messages" / "en.yml") | read_yaml(FILES / "messages.yml")
    (folder / "messages" / "pt.yml").write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")


def _add_lexicon(folder: Path) -> None:
    shutil.copytree(folder / "lexicon" / "es", folder / "lexicon" / "pt")
    for path in (folder / "lexicon" / "pt").glob("*.yml"):
        data = read_yaml(path)
        if "language" in data:
            data["language"] = "pt"
        for place, words in read_yaml(FILES / "lexicon.yml").items():
            *outer, last = place.split(".")
            if outer[0] in data:
                section = data
                for name in outer:
                    section = section[name]
                section[last] = [*section[last], *words]
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def _add_words(path: Path, words: Any) -> None:
    path.write_text(yaml.safe_dump(read_yaml(path) | {"pt": words}, allow_unicode=True), encoding="utf-8")


def _translated(node: Any, texts: dict[str, str]) -> Any:
    """Every text and display that has a translation gets it, as the FHIR extension."""
    if isinstance(node, list):
        return [_translated(each, texts) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: _translated(value, texts) for key, value in node.items()}
    for name in ("text", "display"):
        if texts.get(str(node.get(name))):
            parts = [
                {"url": "lang", "valueCode": "pt"},
                {"url": "content", "valueString": texts[str(node[name])]},
            ]
            beside = node.get(f"_{name}", {"extension": []})
            node[f"_{name}"] = {"extension": [*beside["extension"], {"url": TRANSLATION, "extension": parts}]}
    return node
