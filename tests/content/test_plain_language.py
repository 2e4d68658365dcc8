"""Everything that we write to people ourselves is plain, short and calm. The validated items are not ours to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import cli
from bot.content import load_content
from bot.content.lint import MOST_SEGMENTS, costs, lint
from bot.content.load import content_root
from tests.content.readability import ease, grade

CONTENT = load_content()
HARDEST_GRADE, LEAST_EASE = 6.0, 70.0
# Too short to be measured, or lists from which one word is taken.
FEWEST_WORDS = 5
LISTS = {"weekdays", "months"}


def _measured(language: str) -> list[tuple[str, str]]:
    texts = dict(CONTENT.messages[language])
    for instrument in CONTENT.instruments.values():
        texts |= {f"help of {i.code}": i.help[language] for i in instrument.items if language in i.help}
    return [(k, t) for k, t in sorted(texts.items()) if len(t.split()) >= FEWEST_WORDS and k not in LISTS]


def test_the_measures_are_those_of_the_textbooks() -> None:
    """Texts whose values can be worked out by hand."""
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert ease("El sol se va.") == pytest.approx(206.84 - 60 - 1.02 * 4)


@pytest.mark.parametrize(("key", "text"), _measured("en"), ids=lambda value: value if " " not in value else "")
def test_english_is_no_harder_than_sixth_grade(key: str, text: str) -> None:
    """Flesch-Kincaid, each message alone."""
    assert grade(text) <= HARDEST_GRADE, f"{key}: {grade(text):.1f}"


@pytest.mark.parametrize(("key", "text"), _measured("es"), ids=lambda value: value if " " not in value else "")
def test_spanish_is_easy_to_read(key: str, text: str) -> None:
    """Fern\u00e1ndez Huerta, each message alone."""
    assert ease(text) >= LEAST_EASE, f"{key}: {ease(text):.1f}"


def test_no_message_is_longer_than_three_segments() -> None:
    """In both languages, with long names in the placeholders."""
    assert [entry for entry in costs() if entry[2] > MOST_SEGMENTS] == []


def test_a_cheerful_word_and_an_exclamation_mark_are_found(tmp_path: Path) -> None:
    """The content check names the message and the word."""
    root = Path(__file__).resolve().parents[2] / "dialogs"
    for folder in ("content", "lexicon", "questionnaires"):
        (tmp_path / folder).symlink_to(root / folder)
    (tmp_path / "messages").mkdir()
    for path in (root / "messages").glob("*.yml"):
        texts = yaml.safe_load(path.read_text(encoding="utf-8"))
        texts |= {"thanks": "Great! You're welcome."} if path.stem == "en" else {}
        (tmp_path / "messages" / path.name).write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")
    problems = [problem for problem in lint(tmp_path) if "tone.yml" in problem]
    assert problems == ["messages/en.yml: thanks says great, !, which content/tone.yml rules out"]


def test_what_each_message_costs_is_printed() -> None:
    """One line a message, with its segments in each language."""
    done = CliRunner().invoke(cli, ["content", "costs"])
    assert done.exit_code == 0
    lines = {line.split()[0]: line.split()[1:] for line in done.output.splitlines()[1:-1]}
    assert lines.keys() == {key for _, key, _ in costs()}
    assert lines["thanks"] == ["1", "1"]


def test_a_slip_in_the_data_of_referrals_is_found(tmp_path: Path) -> None:
    """How referrals move, when check-ins come and what places are sent are checked with the rest of the content."""
    shutil.copytree(content_root(), tmp_path / "c", ignore=shutil.ignore_patterns("models", "__pycache__"))
    file = tmp_path / "c" / "content" / "referral.yml"
    file.write_text(file.read_text().replace("{state: accepted, reason: agreed}", "{state: agreed, reason: agreed}"))
    assert [problem for problem in lint(tmp_path / "c") if "referral.yml" in problem and "agreed" in problem]
