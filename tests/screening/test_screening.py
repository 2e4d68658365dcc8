"""The screening as a state machine: what each move leads to, and what holds whatever the moves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import correcting, screening
from bot.core.instrument import Instrument
from bot.core.questionnaire import read_questionnaire
from bot.core.screening import DECLINED, UNKNOWN, Move, Progress
from bot.core.wording import question_text
from tests.screening.conftest import FOLDER

CORE = read_questionnaire(json.loads((FOLDER / "ahc-hrsn-core" / "questionnaire.json").read_text()))
ANSWERS: dict[str, Any] = {"1": 1, "2": [8], "3": 3, "4": 3, "5": 2, "6": 2, "7": 1, "8": 1, "9": 1, "10": 1}


def test_answering_everything_ends_the_screening(core: Instrument) -> None:
    """Ten items, the privacy check and the emergency question; then it is complete."""
    progress, events = _answer_all(core)
    assert progress.at is None
    assert events[-1] == {"type": "screening_completed", "partial": False, "answered_by": "patient"}
    assert [e["link_id"] for e in events if e["type"] == "answer_recorded"] == [i.link_id for i in core.items]


def test_the_privacy_check_stands_before_the_safety_items_only(core: Instrument) -> None:
    """It opens once, and yes leads to the first private item."""
    at_gate = _run(core, *list(ANSWERS.values())[:6])
    assert (at_gate.progress.at, at_gate.progress.gate) == ("7", True)
    passed = screening.answer(core, at_gate.progress, True)
    assert (passed.progress.at, passed.progress.gate) == ("7", False)
    assert screening.answer(core, passed.progress, 1).progress.gate is False


def test_no_at_the_privacy_check_leaves_the_four_items_unasked_and_the_result_partial(core: Instrument) -> None:
    """They are recorded as not asked, and the screening goes on behind them."""
    at_gate = _run(core, *list(ANSWERS.values())[:6])
    refused = screening.answer(core, at_gate.progress, False)
    unasked = [e["link_id"] for e in refused.events if e.get("value") == {"absent": "not-asked"}]
    assert unasked == ["7", "8", "9", "10"]
    assert refused.progress.at == "emergency-visits"
    assert screening.answer(core, refused.progress, 0).events[-1]["partial"] is True


@pytest.mark.parametrize("reason", [DECLINED, UNKNOWN])
def test_an_item_left_out_is_recorded_as_absent_and_never_as_an_answer(core: Instrument, reason: str) -> None:
    """The reason stands in place of a value."""
    move = screening.leave_out(core, screening.start(core).progress, reason)
    assert move.events[0]["value"] == {"absent": reason}
    assert move.progress.at == "2"


def test_back_opens_the_item_before_and_withdraws_its_answer(core: Instrument) -> None:
    """From the second item to the first, whose answer no longer counts."""
    move = correcting.go_back(core, _run(core, 1).progress)
    assert move.progress.at == "1"
    assert move.events == ({"type": "answer_withdrawn", "link_id": "1"},)
    assert "1" not in move.progress.answers


def test_back_at_the_first_item_says_so_and_loses_nothing(core: Instrument) -> None:
    """There is nothing before it."""
    move = correcting.go_back(core, screening.start(core).progress)
    assert (move.progress.at, move.say, move.events) == ("1", ("first_question",), ())


def test_a_correction_replaces_the_answer_before_and_stays(core: Instrument) -> None:
    """The open item stays open."""
    move = correcting.correct(core, _run(core, 1, [8], 1).progress, "3", 3)
    assert move.progress.at == "4"
    assert move.events[0]["link_id"] == "3"
    assert move.events[0]["value"]["display"] == "Never true"


def test_coming_back_to_a_private_item_asks_for_privacy_again(core: Instrument) -> None:
    """Who holds the phone after a pause is not known."""
    inside = screening.answer(core, _run(core, *list(ANSWERS.values())[:6]).progress, True)
    back = screening.resume(core, inside.progress)
    assert (back.progress.at, back.progress.gate) == ("7", True)


def test_the_third_reply_that_is_not_understood_offers_ways_out(core: Instrument) -> None:
    """Twice the question again, then skip or a person."""
    progress = screening.start(core).progress
    said = []
    for _ in range(3):
        move = screening.not_understood(progress)
        progress = move.progress
        said.append(move.say[0])
    assert said == ["not_understood", "not_understood", "offer_ways_out"]


def test_a_finished_screening_takes_no_answer(core: Instrument) -> None:
    """It refuses instead of recording."""
    progress, _ = _answer_all(core)
    with pytest.raises(ValueError, match="finished"):
        screening.answer(core, progress, 1)


MOVES = st.lists(st.sampled_from(["answer", "skip", "unsure", "back", "no", "resume", "correct", "junk"]), max_size=60)


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_whatever_the_moves_the_record_equals_the_progress(moves: list[str]) -> None:
    """Replaying the events gives the answers that the progress holds, after a trip through JSON on every move."""
    move = screening.start(CORE)
    record: dict[str, Any] = {}
    for name in moves:
        if move.progress.at is None:
            break
        move = _move(name, Progress.from_json(json.loads(json.dumps(move.progress.to_json()))))
        for event in move.events:
            if event["type"] == "answer_recorded":
                record[event["link_id"]] = event["value"]
            elif event["type"] == "answer_withdrawn":
                del record[event["link_id"]]
        kept = move.progress.answers
        assert record == {i: screening.public_value(CORE.item(i), v) for i, v in kept.items()}
        assert len(json.dumps(move.progress.to_json())) < 1000
        if move.progress.at is not None and not move.progress.gate:
            assert not CORE.item(move.progress.at).private or move.progress.cleared


def test_every_question_is_worded_in_both_languages(core: Instrument) -> None:
    """Position, wording and every option stand in the text."""
    messages = {"question_position": "({number}/{total})", "choose_several": "*", "private_check": "?"}
    for item in core.items:
        for language in ("en", "es"):
            text = question_text(core, Progress(core.id, core.version, at=item.link_id), language, messages)
            assert item.text[language] in text
            assert all(option.label[language] in text for option in item.options)


def _move(name: str, progress: Progress) -> Move:
    if name == "answer":
        return screening.answer(CORE, progress, True if progress.gate else ANSWERS.get(str(progress.at), 2))
    if name == "no":
        return screening.answer(CORE, progress, False if progress.gate else ANSWERS.get(str(progress.at), 2))
    if name in ("skip", "unsure"):
        return screening.leave_out(CORE, progress, DECLINED if name == "skip" else UNKNOWN)
    if name == "correct" and correcting.previous_item(CORE, progress) is not None:
        before = correcting.previous_item(CORE, progress)
        assert before is not None
        return correcting.correct(CORE, progress, before.link_id, ANSWERS.get(before.link_id, 1))
    moves = {"back": correcting.go_back, "resume": screening.resume}
    return moves[name](CORE, progress) if name in moves else screening.not_understood(progress)


def _run(core: Instrument, *values: Any) -> Move:
    move = screening.start(core)
    for value in values:
        move = screening.answer(core, move.progress, value)
    return move


def _answer_all(core: Instrument) -> tuple[Progress, list[dict[str, Any]]]:
    move = screening.start(core)
    events = list(move.events)
    while move.progress.at is not None:
        value = True if move.progress.gate else ANSWERS.get(move.progress.at, 0)
        move = screening.answer(core, move.progress, value)
        events += move.events
    return move.progress, events
