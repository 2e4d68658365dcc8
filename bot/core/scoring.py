"""Scores and needs from answers, by the rules in the instrument file.

Source of the AHC rules: AHC HRSN Screening Tool; a missing answer is never a negative (facts on scoring 1.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.instrument import Instrument, NeedRule, ScoreRule

SOMETIMES = 3
QUIET_ITEM_CODES = frozenset({"95618-5", "95616-9"})

Given = Mapping[str, Any]
"""Answers by link id: an option number, a list of them, a boolean, a number, a text; absent ones are left out."""


@dataclass(frozen=True)
class Score:
    """A sum. ``value`` is None unless every item was answered; ``least`` and ``greatest`` bound it."""

    value: int | None
    complete: bool
    least: int
    greatest: int


@dataclass(frozen=True)
class Need:
    """Whether a domain is a need; None when the answers do not decide. ``basis``: codes of the deciding items."""

    domain: str
    positive: bool | None
    basis: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What a screening found."""

    scores: Mapping[str, Score]
    needs: tuple[Need, ...]
    navigation_eligible: bool | None

    def to_json(self) -> dict[str, Any]:
        """As in the screening JSON of the public interface."""
        return {
            "scores": {name: {"value": s.value, "complete": s.complete} for name, s in self.scores.items()},
            "needs": [{"domain": n.domain, "positive": n.positive, "basis": list(n.basis)} for n in self.needs],
            "navigation_eligible": self.navigation_eligible,
        }


def score_answers(instrument: Instrument, given: Given, visits: int | None = None) -> Result:
    """Apply the instrument's rules. ``visits`` stands in when the navigation item was not answered."""
    scores = {rule.name: _sum(instrument, rule, given) for rule in instrument.scores}
    needs = tuple(_need(instrument, rule, given, scores) for rule in instrument.needs)
    return Result(scores, needs, _navigation(instrument, given, needs, visits))


def _sum(instrument: Instrument, rule: ScoreRule, given: Given) -> Score:
    values = [instrument.item(i).option(given[i]).score or 0 for i in rule.items if i in given]
    missing = len(rule.items) - len(values)
    total = sum(values)
    return Score(
        value=total if missing == 0 else None,
        complete=missing == 0,
        least=total + missing * rule.minimum,
        greatest=total + missing * rule.maximum,
    )


def _need(instrument: Instrument, rule: NeedRule, given: Given, scores: Mapping[str, Score]) -> Need:
    if rule.score is not None and rule.threshold is not None:
        return _need_by_score(instrument, rule, given, scores[rule.score], rule.threshold)
    marked = tuple(i for i in rule.items if i in given and _marked(instrument, i, given[i]))
    if marked:
        return Need(rule.domain, True, _codes(instrument, marked))
    if all(i in given for i in rule.items):
        return Need(rule.domain, False, _codes(instrument, rule.items))
    return Need(rule.domain, None, ())


def _need_by_score(instrument: Instrument, rule: NeedRule, given: Given, score: Score, threshold: int) -> Need:
    items = next(s.items for s in instrument.scores if s.name == rule.score)
    basis = _codes(instrument, tuple(i for i in items if i in given))
    decides = score.complete or rule.missing == "bounds"
    if decides and score.least >= threshold:
        return Need(rule.domain, True, basis)
    if decides and score.greatest < threshold:
        return Need(rule.domain, False, basis)
    return Need(rule.domain, None, ())


def _marked(instrument: Instrument, link_id: str, value: Any) -> bool:
    item = instrument.item(link_id)
    if item.kind == "boolean":
        return bool(value)
    numbers = value if isinstance(value, list) else [value]
    return any(item.option(number).need for number in numbers)


def _codes(instrument: Instrument, link_ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(instrument.item(i).code or i for i in link_ids)


def _navigation(instrument: Instrument, given: Given, needs: tuple[Need, ...], visits: int | None) -> bool | None:
    """Three-valued: both conditions true is true, either false is false, else unknown (AHC Model, Assistance Track)."""
    rule = instrument.navigation
    if rule is None:
        return None
    count = given.get(rule.item, visits)
    often = None if count is None else count >= rule.at_least
    needy = True if any(n.positive for n in needs) else (None if any(n.positive is None for n in needs) else False)
    if often is False or needy is False:
        return False
    return True if often and needy else None


def given_from_record(instrument: Instrument, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of a record (codes and displays, as in the interface) as :data:`Given`; absent ones left out."""
    given: dict[str, Any] = {}
    for link_id, value in recorded.items():
        if isinstance(value, Mapping) and "absent" in value:
            continue
        item = instrument.item(link_id)
        numbers = {option.code: number for number, option in enumerate(item.options, start=1)}
        if item.kind == "multi":
            given[link_id] = [numbers[v["code"]] for v in value]
        else:
            given[link_id] = numbers[value["code"]] if item.kind == "choice" else value
    return given


def has_quiet_safety_concern(instrument: Instrument, given: Given) -> bool:
    """Whether physical hurt or threats happen "sometimes" or more, below the threshold of the score.

    Design rule of the facts on screening (1.3, HITS caveats): help is still offered, quietly.
    """
    return any(given.get(link_id, 0) >= SOMETIMES for link_id in _quiet_items(instrument))


def _quiet_items(instrument: Instrument) -> list[str]:
    return [item.link_id for item in instrument.items if item.code in QUIET_ITEM_CODES]
