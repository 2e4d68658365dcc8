"""Reads the rules of a questionnaire: scores, needs, eligibility for navigation."""

from __future__ import annotations

from bot.core.fhir_json import Json, extensions, part, parts
from bot.core.instrument import Cut, NavigationRule, NeedRule, ScoreRule

OPERATIONS = ("sum", "product")
SCORE_POLICIES = ("no-value",)
NEED_POLICIES = ("unknown", "bounds")


class RuleError(ValueError):
    """A rule lacks a part or has a wrong one; the message names the rule and the part."""


def score_rule(extension: Json) -> ScoreRule:
    """A rule of ``urn:followthrough:score``. Raises :class:`RuleError`."""
    name = str(_needed(extension, "score", "name"))
    rule = ScoreRule(
        name=name,
        code=_text(extension, "code"),
        items=tuple(str(i) for i in parts(extension, "item")),
        operation=_text(extension, "operation") or "sum",
        missing=_text(extension, "missing") or "",
    )
    _one_of(f"score {name}: operation", rule.operation, OPERATIONS)
    _one_of(f"score {name}: missing", rule.missing, ("", *SCORE_POLICIES))
    return rule


def need_rule(extension: Json) -> NeedRule:
    """A rule of ``urn:followthrough:need-rule``. Raises :class:`RuleError`."""
    domain = str(_needed(extension, "need rule", "domain"))
    rule = NeedRule(
        domain=domain,
        items=tuple(str(i) for i in parts(extension, "item")),
        answers=tuple(str(a) for a in parts(extension, "answer")),
        score=_text(extension, "score"),
        cuts=_cuts(extension, domain),
        missing=_text(extension, "missing") or "",
    )
    _one_of(f"need rule {domain}: missing", rule.missing, ("", *NEED_POLICIES))
    if bool(rule.score) == bool(rule.items):
        raise RuleError(f"need rule {domain}: needs either items or a score")
    if bool(rule.score) != bool(rule.cuts):
        raise RuleError(f"need rule {domain}: a score needs a threshold or cuts")
    return rule


def navigation_rule(extension: Json) -> NavigationRule:
    """The rule of ``urn:followthrough:navigation-rule``. Raises :class:`RuleError`."""
    return NavigationRule(
        item=str(_needed(extension, "navigation rule", "item")),
        at_least=int(str(_needed(extension, "navigation rule", "atLeast"))),
    )


def _cuts(extension: Json, domain: str) -> tuple[Cut, ...]:
    """``threshold`` is short for one cut that holds for everybody."""
    found = [Cut(at_least=int(threshold)) for threshold in parts(extension, "threshold")]
    for inner in extensions(extension, "cut"):
        cut = Cut(
            at_least=_whole(part(inner, "atLeast")),
            below=_whole(part(inner, "below")),
            from_age=_whole(part(inner, "fromAge")),
            to_age=_whole(part(inner, "toAge")),
            who=_text(inner, "who") or "",
        )
        if (cut.at_least is None) == (cut.below is None):
            raise RuleError(f"need rule {domain}: a cut needs either atLeast or below")
        found.append(cut)
    return tuple(found)


def _whole(number: object) -> int | None:
    return None if number is None else int(str(number))


def _text(extension: Json, name: str) -> str | None:
    found = part(extension, name)
    return None if found is None else str(found)


def _needed(extension: Json, rule: str, name: str) -> object:
    found = part(extension, name)
    if found is None:
        raise RuleError(f"{rule}: has no {name}")
    return found


def _one_of(place: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise RuleError(f"{place}: {given!r} is none of {', '.join(k for k in known if k)}")
