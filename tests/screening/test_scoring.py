"""Scores and needs of the core items against a second scoring; the vectors by hand are in tests/instruments."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bot.core.instrument import Instrument
from bot.core.scoring import given_from_record, has_quiet_safety_concern, score_answers
from bot.core.screening import public_value
from tests.screening import independent_scoring

RANDOM_SCREENINGS = 1000


def test_a_thousand_random_screenings_agree_with_the_independent_scoring(core: Instrument) -> None:
    """Answers, blanks and visits at random: every score and need equals the second scoring's."""
    chance = random.Random(20261122)
    for _ in range(RANDOM_SCREENINGS):
        given = _random_answers(core, chance)
        visits = given.get("emergency-visits")
        sheet = _sheet(core, given)
        found = score_answers(core, given).to_json()
        assert found["scores"]["hits"]["value"] == independent_scoring.hits_total(sheet)
        assert {n["domain"]: n["positive"] for n in found["needs"]} == independent_scoring.needs(sheet), given
        assert found["navigation_eligible"] == independent_scoring.navigation(sheet, visits), given


def test_an_exhaustive_hits_table_agrees_with_the_independent_scoring(core: Instrument) -> None:
    """All 1,296 ways to answer or leave blank the four HITS items."""
    for code in range(6**4):
        picks = [(code // 6**i) % 6 for i in range(4)]
        given = {str(7 + i): pick for i, pick in enumerate(picks) if pick}
        safety = next(n for n in score_answers(core, given).needs if n.domain == "safety")
        assert safety.positive == independent_scoring.needs(_sheet(core, given))["safety"], given


def test_the_clinics_count_of_visits_stands_in_for_a_missing_answer(core: Instrument) -> None:
    """The patient's own answer wins over the clinic's figure; the figure serves when there is none."""
    assert score_answers(core, {"5": 1}, visits=3).navigation_eligible is True
    assert score_answers(core, {"5": 1, "emergency-visits": 0}, visits=3).navigation_eligible is False


def test_the_record_reads_back_into_the_same_answers(core: Instrument) -> None:
    """Codes in the record lead back to the option numbers that they came from."""
    given = {"1": 2, "2": [1, 7], "7": 5, "emergency-visits": 4}
    recorded = {link_id: public_value(core.item(link_id), value) for link_id, value in given.items()}
    assert given_from_record(core, {**recorded, "3": {"absent": "asked-declined"}}) == given


@pytest.mark.parametrize(
    ("given", "concern"), [({"7": 3}, True), ({"9": 4}, True), ({"7": 2, "8": 5}, False), ({}, False)]
)
def test_sometimes_hurt_or_threatened_is_a_quiet_concern(
    core: Instrument, given: dict[str, int], concern: bool
) -> None:
    """Below the threshold of the sum, hurt and threats still count."""
    assert has_quiet_safety_concern(core, given) is concern


def _random_answers(core: Instrument, chance: random.Random) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for item in core.items:
        if chance.random() < 0.25:
            continue
        if item.kind == "multi":
            problems = chance.sample(range(1, 8), chance.randint(1, 7))
            given[item.link_id] = [8] if chance.random() < 0.4 else sorted(problems)
        elif item.kind == "choice":
            given[item.link_id] = chance.randint(1, len(item.options))
        else:
            given[item.link_id] = chance.choice([0, 1, 2, 3, 12])
    return given


def _sheet(core: Instrument, given: dict[str, Any]) -> dict[str, Any]:
    sheet: dict[str, Any] = {}
    for link_id, value in given.items():
        item = core.item(link_id)
        if item.kind == "multi":
            sheet[str(item.code)] = {item.option(number).code for number in value}
        elif item.kind == "choice":
            sheet[str(item.code)] = item.option(value).code
    return sheet
