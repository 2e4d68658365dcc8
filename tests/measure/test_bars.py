"""The bars that reading replies is held to, on the development replies and with the trained model."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.adapters.dialog_client import HttpDialog
from bot.content import load_content
from tests.measure.replies import FOLDER, everything
from tests.measure.scores import Read, misread, read_all, score, share

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/data/language is not here")


@pytest.fixture(scope="module")
def reads(dialog_url: str) -> list[Read]:
    """Every development reply with its reading, ambiguous ones left out."""
    every = read_all(load_content(), HttpDialog(dialog_url).parse, everything())
    return [each for each in every if not each.reply.aside]


def of(reads: list[Read], *names: str) -> list[Read]:
    """The replies of some files."""
    return [each for each in reads if each.reply.file in names]


def shown(reads: list[Read], wrong: Callable[[Read], bool]) -> str:
    """The replies that a bar failed on, for the report of the test."""
    return "\n".join(map(str, misread(reads, wrong)))


@pytest.mark.parametrize(("name", "right", "read"), [("yesno_en", 0.99, 0.97), ("yesno_es", 0.98, 0.95)])
def test_direct_yes_and_no(name: str, right: float, read: float, reads: list[Read]) -> None:
    """Read nearly always, and nearly never wrongly; what is neither is not taken for one."""
    rows = of(reads, name)
    answers = [each for each in rows if each.reply.answer is not None]
    found = [each for each in rows if each.is_answer]
    assert share(sum(each.is_right for each in found), len(found)) >= right, shown(rows, lambda r: r.is_wrong_answer)
    wanted = sum(each.is_answer for each in answers)
    assert share(wanted, len(answers)) >= read, shown(answers, lambda r: not r.is_answer)


def test_numbers_and_choices(reads: list[Read]) -> None:
    """Right of those read, and next to none wrong."""
    rows = of(reads, "choice_number")
    found = [each for each in rows if each.is_answer]
    assert share(sum(each.is_right for each in found), len(found)) >= 0.99
    assert share(sum(each.is_wrong_answer for each in rows), len(rows)) <= 0.003, shown(
        rows, lambda r: r.is_wrong_answer
    )


def test_no_answer_about_needs_is_wrong(reads: list[Read]) -> None:
    """Nothing is recorded that was not said, about safety least of all."""
    rows = of(reads, "hrsn_replies_own")
    assert shown(rows, lambda r: r.is_wrong_answer) == ""


def test_indirect_answers(reads: list[Read]) -> None:
    """At most one in twenty is recorded as something else than was meant; the rest is asked again."""
    rows = of(reads, "yesno_indirect_en")
    assert share(sum(each.is_wrong_answer for each in rows), len(rows)) <= 0.05, shown(
        rows, lambda r: r.is_wrong_answer
    )


@pytest.mark.parametrize(("name", "alarms", "most"), [("optout_own", ["opt_out"], 0.005), ("crisis_own", [], 0.05)])
def test_what_must_never_be_missed(name: str, alarms: list[str], most: float, reads: list[Read]) -> None:
    """Every demand to stop and every cry for help is heard, and little else is taken for one."""
    heard = alarms or ["crisis", "danger", "emergency"]
    rows = of(reads, name)
    wanted = [each for each in rows if not each.reply.label.startswith("not_")]
    others = [each for each in rows if each.reply.label.startswith("not_")]
    assert shown(wanted, lambda r: r.found.reading not in heard) == ""
    assert share(sum(each.found.reading in heard for each in others), len(others)) <= most


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("human", ["human", "intents_own", "smalltalk_oos", "language_switch"]),
        ("wrong_number_family", ["intents_own", "human", "smalltalk_oos", "corrections"]),
        ("switch", ["language_switch", "intents_own", "smalltalk_oos", "human"]),
        ("postpone", ["postpone", "intents_own", "smalltalk_oos", "human"]),
    ],
)
def test_what_moves_the_conversation_elsewhere(label: str, names: list[str], reads: list[Read]) -> None:
    """Told from everything else that is said with no question open."""
    found = score(label, of(reads, *names))
    assert found.f1 >= 0.97, f"{found}\n" + shown(of(reads, *names), lambda r: not r.is_right)
