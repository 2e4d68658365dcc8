"""Lexicon files: what is wrong with one is said with its place."""

from __future__ import annotations

import copy

import pytest

from bot.core.lexicon import Lexicon, LexiconError
from bot.core.lexicon_lint import lint
from bot.core.patterns import PatternError, PatternReader
from tests.language.conftest import raw_lexicon


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_lexicons_are_clean(language: str) -> None:
    """Both files pass their own lint, and name their own language."""
    data = raw_lexicon(language)
    assert lint(data) == []
    assert data["language"] == language


def test_both_languages_know_the_same_commands_and_alarms() -> None:
    """Whatever can be said in one language can be said in the other."""
    english, spanish = raw_lexicon("en"), raw_lexicon("es")
    assert english["commands"].keys() == spanish["commands"].keys()
    assert english["safety"].keys() == spanish["safety"].keys()


def test_nothing_ignored_may_end_in_a_gap() -> None:
    """A gap at the end of an ignored phrase would swallow a cry for help that follows it."""
    for language in ("en", "es"):
        assert [line for line in raw_lexicon(language)["safety"]["ignore"] if line.rstrip().endswith("...")] == []


def test_each_mistake_is_named_with_its_place() -> None:
    """A missing list, a YAML boolean, a stray bracket, an unknown set, a misspelt command."""
    data = copy.deepcopy(raw_lexicon("en"))
    data["answers"]["weak"].append(True)
    assert lint(data)[0].startswith(f"answers.weak, entry {len(data['answers']['weak'])}: True is not text")

    data = copy.deepcopy(raw_lexicon("en"))
    del data["answers"]["all"]
    data["commands"]["skp"] = ["skip"]
    assert [problem.partition(":")[0] for problem in lint(data)] == ["commands.skp", "answers.all"]

    data = copy.deepcopy(raw_lexicon("en"))
    data["safety"]["crisis"]["certain"][0] = "(kill me"
    data["commands"]["skip"].append("skip <nothing>")
    problems = lint(data)
    assert any(problem.startswith("safety.crisis.certain, entry 1: a bracket") for problem in problems)
    assert any("there is no list named 'nothing'" in problem for problem in problems)
    with pytest.raises(LexiconError, match="lexicon en: .*no list named"):
        Lexicon.from_dict("en", data)


def test_a_file_that_is_no_table_is_refused() -> None:
    """An empty file parses to nothing."""
    assert lint(None) == ["the file is not a table of sections"]


@pytest.mark.parametrize("pattern", ["", "a |", "(a", "a)", "()", "? a", "a < b", "<gone>", "--", "<loop>"])
def test_patterns_that_cannot_be_read_are_refused(pattern: str) -> None:
    """Each is a PatternError, never something that silently matches."""
    with pytest.raises(PatternError):
        PatternReader({"loop": ["x <loop>"]}, lambda piece: [piece] if piece.isalnum() else []).read(pattern)
