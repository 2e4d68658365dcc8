"""Scores and needs from answers, by the rules in the instrument file.

Source of the AHC rules: AHC HRSN Screening Tool; a missing answer is never a negative (facts on scoring 1.3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.core.instrument import Instrument, Item, NeedRule, ScoreRule

SOMETIMES = 3
QUIET_ITEM_CODES = frozenset({"95618-5", "95616-9"})

Given = Mapping[str, Any]
"""Answers by link id: an option number, a list of them, a boolean, a number, a text; absent ones are left out."""


@dataclass(frozen=True)
class Score:
    """A sum or product. ``value`` is None unless every item was answered; ``least`` and ``greatest`` bound it."""

    value: int | None
    complete: bool
    least: float
    greatest: float


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


def age_on(day: date, born: date | None) -> int | None:
    """Whole years on ``day``; None when the date of birth is not known."""
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def score_answers(instrument: Instrument, given: Given, visits: int | None = None, age: int | None = None) -> Result:
    """Apply the instrument's rules.

    ``visits`` stands in when the navigation item was not answered. ``age`` in years decides between rules by age;
    while it is not known, a domain is decided only if it comes out the same for every age.
    """
    answered = {link_id: value for link_id, value in given.items() if not _is_no_answer(instrument, link_id, value)}
    scores = {rule.name: _score(instrument, rule, answered) for rule in instrument.scores}
    needs = tuple(_need(instrument, rule, answered, scores, age) for rule in instrument.needs)
    return Result(scores, needs, _navigation(instrument, answered, needs, visits))


def alarm_of(instrument: Instrument, link_id: str, recorded: Any) -> str | None:
    """The alarm that a recorded answer raises (``crisis``), or None."""
    given = given_from_record(instrument, {link_id: recorded})
    if link_id not in given:
        return None
    item = instrument.item(link_id)
    if item.alarm and given[link_id] is True:
        return item.alarm
    return next(
        (item.option(number).alarm for number in _chosen(item, given[link_id]) if item.option(number).alarm), None
    )


def _score(instrument: Instrument, rule: ScoreRule, given: Given) -> Score:
    spans = [_span(instrument.item(link_id), given.get(link_id)) for link_id in rule.items]
    make = math.prod if rule.operation == "product" else sum
    least, greatest = make(low for low, _ in spans), make(high for _, high in spans)
    complete = all(link_id in given for link_id in rule.items)
    return Score(value=int(least) if complete else None, complete=complete, least=least, greatest=greatest)


def _span(item: Item, value: Any) -> tuple[float, float]:
    """The points of an answer, or the least and the most that one would bring."""
    if item.kind == "choice":
        points: list[float] = [option.score for option in item.options if option.score is not None]
        scored = item.option(value).score or 0 if value is not None else None
    else:
        points = [item.minimum or 0, item.maximum or 0]
        scored = value
    return (min(points), max(points)) if scored is None else (scored, scored)


def _need(instrument: Instrument, rule: NeedRule, given: Given, scores: Mapping[str, Score], age: int | None) -> Need:
    if rule.score is not None:
        return _need_by_score(instrument, rule, given, scores[rule.score], age)
    counted = [i for i in rule.items if _counts(instrument.item(i), age)]
    marked = [i for i in counted if i in given and _marked(instrument.item(i), rule, given[i])]
    if marked:
        return Need(rule.domain, True, _codes(instrument, marked))
    if counted and all(i in given for i in counted):
        return Need(rule.domain, False, _codes(instrument, counted))
    return Need(rule.domain, None, ())


def _need_by_score(instrument: Instrument, rule: NeedRule, given: Given, score: Score, age: int | None) -> Need:
    items = next(s.items for s in instrument.scores if s.name == rule.score)
    cuts = [cut for cut in rule.cuts if cut.may_apply(age)]
    found: set[bool | None] = {None}
    if cuts and (score.complete or rule.missing == "bounds"):
        found = {cut.is_need(value) for cut in cuts for value in (score.least, score.greatest)}
    positive = found.pop() if len(found) == 1 else None
    basis = [] if positive is None else [i for i in items if i in given]
    return Need(rule.domain, positive, _codes(instrument, basis))


def _counts(item: Item, age: int | None) -> bool:
    """An item for older people says nothing about somebody who is known to be younger."""
    return age is None or item.minimum_age is None or age >= item.minimum_age


def _is_no_answer(instrument: Instrument, link_id: str, value: Any) -> bool:
    item = instrument.item(link_id)
    return any(item.option(number).no_answer for number in _chosen(item, value))


def _chosen(item: Item, value: Any) -> Sequence[int]:
    """The numbers of the options that were chosen; none for words of the patient's own."""
    if item.kind not in ("choice", "multi") or isinstance(value, str):
        return ()
    return value if isinstance(value, list) else [value]


def _marked(item: Item, rule: NeedRule, value: Any) -> bool:
    if item.kind == "boolean":
        return bool(value)
    chosen = [item.option(number) for number in _chosen(item, value)]
    return any(option.code in rule.answers if rule.answers else option.need for option in chosen)


def _codes(instrument: Instrument, link_ids: Sequence[str]) -> tuple[str, ...]:
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
        if isinstance(value, list):
            given[link_id] = [numbers[v["code"]] for v in value]
        else:
            given[link_id] = numbers[value["code"]] if isinstance(value, Mapping) else value
    return given


def has_quiet_safety_concern(instrument: Instrument, given: Given) -> bool:
    """Whether physical hurt or threats happen "sometimes" or more, below the threshold of the score.

    Design rule of the facts on screening (1.3, HITS caveats): help is still offered, quietly.
    """
    return any(given.get(link_id, 0) >= SOMETIMES for link_id in _quiet_items(instrument))


def _quiet_items(instrument: Instrument) -> list[str]:
    return [item.link_id for item in instrument.items if item.code in QUIET_ITEM_CODES]
