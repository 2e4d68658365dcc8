"""Every instrument file, answered at random by text: what is recorded is what was answered.

What must be recorded is worked out from the JSON and the replies alone (:mod:`tests.instruments.files`).
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from bot.core import screening
from bot.core.answering import read_reply
from bot.core.questionnaire import read_questionnaire
from bot.core.wording import question_text
from tests.instruments.files import DIALOGS, SHIPPED, Question, lexicons, questions, read, shared
from tests.instruments.replies import answer

VECTORS = 200
LEFT_OUT = 0.08
MESSAGES = {name: "-" for name in ("private_check", "answer_yes", "answer_no", "choose_several")} | {
    "question_position": "({number}/{total})"
}
CASES = [(path, language) for path in SHIPPED for language in ("en", "es")] + [(path, "en") for path in shared()]


@pytest.mark.parametrize(
    ("path", "language"), CASES, ids=[f"{p.parent.name}-{p.stem}-{language}" for p, language in CASES]
)
def test_what_is_recorded_is_what_was_answered(path: Path, language: str) -> None:
    """Two hundred random people, each in words of their own; now and then one leaves a question out."""
    resource = read(path)
    instrument = read_questionnaire(resource)
    asked = list(questions(resource["item"]))
    assert [item.link_id for item in instrument.items] == [question.link_id for question in asked]
    chance = random.Random(f"{path.parent.name}/{path.name}/{language}")
    for _ in range(VECTORS):
        _answer_all(instrument, {question.link_id: question for question in asked}, language, chance)


def _answer_all(instrument: Any, asked: dict[str, Question], language: str, chance: random.Random) -> None:
    expected: dict[str, Any] = {}
    recorded: dict[str, Any] = {}
    move = screening.start(instrument)
    while (link_id := move.progress.at) is not None:
        if move.progress.gate:
            move = screening.answer(instrument, move.progress, True)
            continue
        question = asked[link_id]
        assert question.link_id not in expected
        assert question_text(instrument, move.progress, language, MESSAGES)
        if chance.random() < LEFT_OUT:
            reply, expected[question.link_id] = "skip", {"absent": screening.DECLINED}
            move = screening.leave_out(instrument, move.progress, screening.DECLINED)
        else:
            reply, expected[question.link_id] = answer(question, language, chance)
            found = read_reply(reply, instrument.item(question.link_id), lexicons(), language)
            assert found is not None, (question.link_id, reply)
            assert found.value is not None, (question.link_id, reply, found)
            move = screening.answer(instrument, move.progress, found.value)
        recorded |= {e["link_id"]: e["value"] for e in move.events if e["type"] == "answer_recorded"}
        assert recorded[question.link_id] == expected[question.link_id], (question.link_id, reply)
    assert recorded == expected
    assert set(expected) == {q.link_id for q in asked.values() if _is_due(q, expected)}


def _is_due(question: Question, given: dict[str, Any]) -> bool:
    return not question.when or any(given[link_id].get("code") == code for link_id, code in question.when)


def test_the_shipped_instruments_are_all_here() -> None:
    """Nobody can drop one without noticing."""
    assert {path.parent.name for path in SHIPPED} >= {
        *("ahc-hrsn", "ahc-hrsn-core", "audit-c", "hunger-vital-sign", "phq-2", "phq-9", "prapare")
    }
    assert (DIALOGS / "questionnaires").is_dir()
