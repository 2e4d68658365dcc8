"""Reads ``content/on_call.yml``: when on-call people are told of a case, and in what words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.core.claims import ClaimWords
from bot.core.on_call import Cadence, OnCall, Step

URGENCIES = ("now", "today")
WORDS = ("claims", "beside", "refuses")
TEXTS = ("text", "subject", "mail", "claimed", "taken", "which", "none_open")
PLACEHOLDERS = frozenset({"programme", "urgency", "code", "case", "number", "link", "codes"})
CLAIM_COUNTS = "claim_counts_for_hours"
_MOST_HOURS = 7 * 24
_MOST_MINUTES = 7 * 24 * 60
_NAME = re.compile(r"\{(\w*)\}")


class OnCallInvalid(ValueError):
    """The file cannot be used; the message names the place."""


def read_on_call(data: Any) -> OnCall:
    """The content of the parsed file. Raises :class:`OnCallInvalid` naming every place that is wrong."""
    problems = list(lint_on_call(data))
    if problems:
        raise OnCallInvalid("; ".join(problems))
    cadences = {name: _cadence(each) for name, each in data["urgencies"].items()}
    texts = {name: str(text).strip() for name, text in data["texts"].items()}
    words = ClaimWords(**{name: frozenset(each.split()) for name, each in data["words"].items()})
    return OnCall(cadences, texts, timedelta(hours=data[CLAIM_COUNTS]), words)


def lint_on_call(data: Any) -> Iterator[str]:
    """Every problem of the parsed file, each with its place."""
    if not isinstance(data, dict) or set(data) != {"urgencies", CLAIM_COUNTS, "words", "texts"}:
        yield f"must hold urgencies, {CLAIM_COUNTS}, words and texts, and nothing else"
        return
    urgencies, texts = data["urgencies"], data["texts"]
    if type(data[CLAIM_COUNTS]) is not int or not 0 <= data[CLAIM_COUNTS] <= _MOST_HOURS:
        yield f"{CLAIM_COUNTS}: must be a whole number of hours, {_MOST_HOURS} at most"
    yield from (f"urgencies: {problem}" for problem in _lint_urgencies(urgencies))
    yield from (f"words: {problem}" for problem in _lint_words(data["words"]))
    yield from (f"texts: {problem}" for problem in _lint_texts(texts))


def _lint_urgencies(urgencies: Any) -> Iterator[str]:
    if not isinstance(urgencies, dict) or set(urgencies) != set(URGENCIES):
        yield f"must be {' and '.join(URGENCIES)}"
        return
    for name, each in urgencies.items():
        yield from (f"{name}: {problem}" for problem in _lint_cadence(each))


def _lint_words(words: Any) -> Iterator[str]:
    if not isinstance(words, dict) or set(words) != set(WORDS):
        yield f"must be {', '.join(WORDS)}"
        return
    for name, each in words.items():
        if not isinstance(each, str) or not each.split() or each != each.casefold():
            yield f"{name}: must be words in small letters, with spaces between them"


def _lint_texts(texts: Any) -> Iterator[str]:
    if not isinstance(texts, dict) or set(texts) != set(TEXTS):
        yield f"must be {', '.join(TEXTS)}"
        return
    for name, text in texts.items():
        unknown = set(_NAME.findall(str(text))) - PLACEHOLDERS
        if unknown:
            yield f"{name}: there is no placeholder {{{', '.join(sorted(unknown))}}}"
    if not all("{code}" in str(texts[name]) and "{number}" in str(texts[name]) for name in ("text", "mail")):
        yield "text and mail must name {code} and {number}: no two alerts may read the same"


def _lint_cadence(data: Any) -> Iterator[str]:
    if not isinstance(data, dict) or set(data) != {"steps", "then_every"}:
        yield "must hold steps and then_every"
        return
    if not _is_minutes(data["then_every"]) or data["then_every"] < 1:
        yield "then_every: must be a whole number of minutes, 1 or more"
    steps = data["steps"]
    if not isinstance(steps, list) or not steps:
        yield "steps: at least one is needed"
        return
    yield from (f"steps: {n}: {problem}" for n, step in enumerate(steps, 1) for problem in _lint_step(step))
    times = [int(step["after"]) for step in steps if isinstance(step, dict) and _is_minutes(step.get("after"))]
    if times[:1] != [0] or any(late <= early for early, late in zip(times, times[1:], strict=False)):
        yield "steps: must begin after 0 minutes, each later than the one before"


def _lint_step(step: Any) -> Iterator[str]:
    if not isinstance(step, dict) or set(step) != {"after", "who"} or not _is_minutes(step["after"]):
        yield "must be after (whole minutes) and who"
        return
    who = step["who"]
    places = isinstance(who, list) and bool(who) and all(type(n) is int and n > 0 for n in who)
    if who != "everybody" and not places:
        yield "who: must be everybody, or places in the line such as [1, 2]"


def _is_minutes(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST_MINUTES


def _cadence(data: Any) -> Cadence:
    steps = tuple(
        Step(timedelta(minutes=step["after"]), () if step["who"] == "everybody" else tuple(step["who"]))
        for step in data["steps"]
    )
    return Cadence(steps, timedelta(minutes=data["then_every"]))
