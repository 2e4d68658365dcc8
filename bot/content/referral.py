"""Reads and checks ``content/referral.yml``: how referrals move, and when anything is asked again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.content.load import ContentError, content_root, read_yaml
from bot.content.policy import WIDEST_USUAL, read_week
from bot.core.check_ins import CheckIns, NavigationTimes, OfferTimes, PartnerTimes, Steps, VisitTimes
from bot.core.referral import CLOSED, SOURCES, STATES, Contradiction, Rules, Word
from bot.core.referral_case import STATUSES, CaseRules

FILE = Path("content", "referral.yml")
ACTIONS = frozenset({"nudge_partner", "next_place", "tell_chw", "say_they_will_call"})
NOTICES = ("day_before", "morning")
TEXTS = frozenset(
    [f"{purpose}{part}" for purpose in ("request", "reminder", "nudge", "visit") for part in ("", "_subject", "_text")]
)
PLACEHOLDERS = frozenset({"programme", "link", "number", "case", "at"})
_OF_WORD = frozenset({"state", "reason", "then", "reasons", "disputes", "calm", "needs_time", "also"})
_NAME = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class ReferralContent:
    """Everything that the file says."""

    rules: Rules
    case: CaseRules
    check_ins: CheckIns
    offers: OfferTimes
    partner: PartnerTimes
    navigation: NavigationTimes
    visits: VisitTimes
    not_by_text: frozenset[str]
    most_places: int
    texts: Mapping[str, str]


def load_referral(root: Path | None = None) -> ReferralContent:
    """The file under the content folder, read once a process. Raises :class:`ContentError` when it is wrong."""
    return _load(root or content_root())


def lint_referral(root: Path) -> list[str]:
    """What is wrong with the file, one sentence each; empty when it is fit for use."""
    try:
        _load.__wrapped__(root)
    except ContentError as error:
        return [str(error)]
    return []


@cache
def _load(root: Path) -> ReferralContent:
    try:
        return read_referral(read_yaml(root / FILE))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ContentError):
            raise
        missing = f"{error} is missing" if isinstance(error, LookupError) else str(error)
        raise ContentError(f"{FILE}: {missing}") from error


def read_referral(data: Mapping[str, Any]) -> ReferralContent:
    """The content of the parsed file. Raises ``ValueError`` and the like, naming the place."""
    rules = _rules(data)
    problems = [*_lint_rules(rules), *_lint_texts(data["texts"])]
    if problems:
        raise ValueError("; ".join(problems))
    check_ins, partner, navigation, visits = (data[part] for part in ("check_ins", "partner", "navigation", "visits"))
    return ReferralContent(
        rules=rules,
        case=_case(data),
        check_ins=CheckIns(
            **{
                **check_ins,
                **{part: _steps(part, check_ins[part]) for part in ("usual", "calm")},
                "hours": _hours(check_ins["hours"]),
            }
        ),
        offers=OfferTimes(**{name: _count(days) for name, days in data["offers"].items()}),
        partner=PartnerTimes(
            **{
                **partner,
                "hours": read_week("partner: hours", partner["hours"], WIDEST_USUAL),
                "remind_days": tuple(map(_count, partner["remind_days"])),
            }
        ),
        navigation=NavigationTimes(**{name: _count(days) for name, days in navigation.items()}),
        visits=_visits(visits),
        not_by_text=frozenset(data["not_by_text"]),
        most_places=_count(data["most_places"]),
        texts={name: str(text).strip() for name, text in data["texts"].items()},
    )


def _rules(data: Mapping[str, Any]) -> Rules:
    words = {
        source: {name: _word(f"reports: {source}: {name}", row) for name, row in rows.items()}
        for source, rows in data["reports"].items()
    }
    pairs = tuple(Contradiction(_said(row["later"]), _said(row["earlier"])) for row in data["contradictions"])
    return Rules({state: frozenset(to) for state, to in data["transitions"].items()}, words, pairs)


def _word(place: str, row: Mapping[str, Any]) -> Word:
    if not row.keys() <= _OF_WORD:
        raise ValueError(f"{place}: holds what is not known")
    return Word(
        state=row.get("state"),
        reason=str(row["reason"]),
        then=row.get("then"),
        reasons=tuple(row.get("reasons", ())),
        disputes=row.get("disputes", False) is True,
        calm=row.get("calm", False) is True,
        needs_time=row.get("needs_time", False) is True,
        also=tuple(row.get("also", ())),
    )


def _said(row: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    ((source, words),) = row.items()
    return source, frozenset(words)


def _lint_rules(rules: Rules) -> Iterator[str]:
    if set(rules.transitions) != set(STATES):
        yield f"transitions: must have a row for each of {', '.join(STATES)}"
        return
    if set(rules.words) != set(SOURCES):
        yield f"reports: must have {', '.join(SOURCES)}"
        return
    for state, following in rules.transitions.items():
        yield from _lint_transition(state, following)
    named = ((source, name, word) for source, words in rules.words.items() for name, word in words.items())
    for source, name, word in named:
        yield from (f"reports: {source}: {name}: {problem}" for problem in _lint_word(word))
    yield from _lint_other_names(rules)
    for source, names in (said for each in rules.contradictions for said in (each.later, each.earlier)):
        if not names <= set(rules.words.get(source, {})):
            yield f"contradictions: {source} cannot say {', '.join(sorted(names))}"


def _lint_transition(state: str, following: frozenset[str]) -> Iterator[str]:
    if not following <= set(STATES):
        yield f"transitions: {state}: leads to what is no state"
    if state not in CLOSED and "failed" not in following:
        yield f"transitions: {state}: must lead to failed, so that it ends when time runs out"


def _lint_other_names(rules: Rules) -> Iterator[str]:
    for source, words in rules.words.items():
        others = [name for word in words.values() for name in word.also]
        if len({*words, *others}) < len(words) + len(others) or not set(others) <= set(STATES):
            yield f"reports: {source}: also: each is the name of a state, and means one word alone"


def _lint_word(word: Word) -> Iterator[str]:
    if word.state is not None and word.state not in STATES:
        yield f"there is no state {word.state}"
    if word.then is not None and word.then not in ACTIONS:
        yield f"there is no action {word.then}"


def _lint_texts(texts: Mapping[str, str]) -> Iterator[str]:
    if set(texts) != TEXTS:
        yield f"texts: must be {', '.join(sorted(TEXTS))}"
    for name, text in texts.items():
        unknown = set(_NAME.findall(str(text))) - PLACEHOLDERS
        if unknown:
            yield f"texts: {name}: there is no placeholder {{{', '.join(sorted(unknown))}}}"
        if not name.endswith("_subject") and "{link}" not in str(text):
            yield f"texts: {name}: must hold {{link}}"


def _case(data: Mapping[str, Any]) -> CaseRules:
    order = tuple(data["case_order"])
    if set(order) != set(STATUSES) or not set(data["need_status"].values()) <= set(STATUSES):
        raise ValueError(f"need_status and case_order: a status is one of {', '.join(STATUSES)}")
    return CaseRules(dict(data["need_status"]), order)


def _steps(place: str, row: Mapping[str, Any]) -> Steps:
    days = tuple(map(_count, row["days"]))
    if not days or list(days) != sorted(set(days)):
        raise ValueError(f"check_ins: {place}: each day must come later than the one before")
    return Steps(days, _count(row["then_every"]))


def _visits(row: Mapping[str, Any]) -> VisitTimes:
    if set(row["notice_hours"]) != set(NOTICES):
        raise ValueError(f"visits: notice_hours must be {' and '.join(NOTICES)}")
    _hours(row["notice_hours"].values())
    return VisitTimes(_hours([row["remind_hour"]])[0], dict(row["notice_hours"]))


def _hours(hours: Any) -> tuple[int, ...]:
    found = tuple(hours)
    if not found or any(type(hour) is not int or not 0 <= hour <= 23 for hour in found):
        raise ValueError("hours: an hour is a whole number from 0 to 23")
    return found


def _count(number: Any) -> int:
    if type(number) is not int or number < 1:
        raise ValueError(f"{number} is not a whole number from 1 on")
    return number
