"""Scores and needs of every shipped instrument: vectors worked out by hand, and the AHC supplement counted anew."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.questionnaire import read_questionnaire
from bot.core.scoring import score_answers
from tests.instruments.files import DIALOGS, SHIPPED, read

CASES = [
    (path, case)
    for path in SHIPPED
    for file in sorted(path.parent.glob("cases/*.yml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]
MINUTES = [0, 10, 20, 30, 40, 50, 60, 90, 120, 150]


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{p.parent.name}: {c['about']}" for p, c in CASES])
def test_each_scoring_vector_comes_out_as_written(path: Path, case: dict[str, Any]) -> None:
    """The vectors beside the questionnaires hold, in every score, need and eligibility that they name."""
    instrument = read_questionnaire(read(path))
    found = score_answers(instrument, case["answers"], case.get("visits"), case.get("age")).to_json()
    needs = {need["domain"]: need["positive"] for need in found["needs"]}
    assert found["scores"] | case.get("scores", {}) == found["scores"]
    listed = case.get("needs", {})
    assert needs | listed == needs
    if "other_needs" in case:
        assert {domain: needs[domain] for domain in needs.keys() - listed} == dict.fromkeys(
            needs.keys() - listed, case["other_needs"]
        )
    if "navigation_eligible" in case:
        assert found["navigation_eligible"] == case["navigation_eligible"]


def test_every_need_and_score_has_a_vector() -> None:
    """No rule is shipped that no vector tries, in both directions for a need."""
    for path in SHIPPED:
        instrument = read_questionnaire(read(path))
        tried = {(domain, value) for p, case in CASES if p == path for domain, value in _tried(case, instrument)}
        assert {(n.domain, v) for n in instrument.needs for v in (True, False, None)} <= tried, path.parent.name
        scored = {name for p, case in CASES if p == path for name in case.get("scores", {})}
        assert {score.name for score in instrument.scores} <= scored


def _tried(case: dict[str, Any], instrument: Any) -> list[tuple[str, Any]]:
    listed = list(case.get("needs", {}).items())
    if "other_needs" in case:
        listed += [(n.domain, case["other_needs"]) for n in instrument.needs if n.domain not in case.get("needs", {})]
    return listed


def test_mood_and_activity_agree_with_every_way_to_fill_in_the_blanks() -> None:
    """Two thousand sheets with blanks and ages: known is what all completions and possible ages agree on."""
    ahc = read_questionnaire(read(DIALOGS / "questionnaires" / "ahc-hrsn" / "questionnaire.json"))
    chance = random.Random(26)
    for _ in range(2000):
        picks = [chance.choice([None, *range(size)]) for size in (4, 4, 8, 10)]
        age = chance.choice([None, 0, 5, 6, 12, 17, 18, 44, 90])
        given = {i: pick + 1 for i, pick in zip(("23a", "23b", "17", "18"), picks, strict=True) if pick is not None}
        found = score_answers(ahc, given, age=age).to_json()
        needs = {need["domain"]: need["positive"] for need in found["needs"]}
        moods = list(itertools.product(*(range(4) if p is None else [p] for p in picks[:2])))
        weeks = itertools.product(
            range(8) if picks[2] is None else [picks[2]], MINUTES if picks[3] is None else [MINUTES[picks[3]]]
        )
        assert needs["mental_health"] == _agreed({sum(mood) >= 3 for mood in moods})
        assert needs["activity"] == _agreed({too_little for d, m in weeks for too_little in _too_little(d * m, age)})
        assert found["scores"]["phq2"]["value"] == (None if None in picks[:2] else sum(moods[0]))


def _too_little(minutes: int, age: int | None) -> set[bool | None]:
    if age is None:
        return {minutes < 420, minutes < 150}
    if age < 6:
        return {None}
    return {minutes / 7 < 60} if age < 18 else {minutes < 150}


def _agreed(values: set[Any]) -> Any:
    return values.pop() if len(values) == 1 else None
