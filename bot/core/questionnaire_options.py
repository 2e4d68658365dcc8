"""Reads the answer options and the conditions (``enableWhen``) of a questionnaire's items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core import sensitive
from bot.core.fhir_json import Json, first, flag, number, texts
from bot.core.instrument import Condition, Enabling, Option

OWN = "urn:followthrough:"
ORDINALS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
EXCLUSIVE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-optionExclusive"
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
PLAIN = ("valueString", "valueInteger", "valueDate")


def option(raw: Json, item_code: str | None, where: str, language: str, problems: list[str]) -> Option:
    """One option; what is wrong with it is added to ``problems``."""
    coding = raw.get("valueCoding")
    if coding is None:
        return _plain(raw, where, language, problems)
    ordinal = number(raw, *ORDINALS)
    ordinal = number(coding, *ORDINALS) if ordinal is None else ordinal
    if not coding.get("display"):
        problems.append(f"{where}.valueCoding.display: missing")
    code = str(coding.get("code") or coding.get("display") or "")
    no_answer = flag(raw, OWN + "no-answer") or code in sensitive.NO_ANSWER
    return Option(
        code=code,
        system=str(coding.get("system", "")),
        label=texts(coding, "display", language),
        score=None if ordinal is None else int(ordinal),
        need=flag(raw, OWN + "need"),
        exclusive=flag(raw, EXCLUSIVE) or no_answer,
        alarm=first(raw, OWN + "alarm") or sensitive.alarm(item_code, code),
        no_answer=no_answer,
    )


def enabling(raw: Json, where: str, problems: list[str]) -> tuple[Enabling, ...]:
    """The ``enableWhen`` of one element with its ``enableBehavior``; empty when it has none."""
    found = conditions(raw, where, problems)
    return (Enabling(found, raw.get("enableBehavior", "all") == "all"),) if found else ()


def conditions(raw: Json, where: str, problems: list[str]) -> tuple[Condition, ...]:
    """The conditions of one element; one that cannot be read is added to ``problems``."""
    found = []
    for index, when in enumerate(raw.get("enableWhen", [])):
        answer = _expected(next((v for k, v in when.items() if k.startswith("answer")), None))
        if when.get("operator") not in OPERATORS or answer is None:
            problems.append(f"{where}.enableWhen[{index}]: operator or answer is not supported")
            continue
        found.append(Condition(str(when.get("question")), str(when["operator"]), answer))
    return tuple(found)


def _expected(answer: Any) -> Any:
    """A coding is compared by its code, a quantity by its value."""
    if not isinstance(answer, Mapping):
        return answer
    return answer.get("value", answer.get("code"))


def _plain(raw: Json, where: str, language: str, problems: list[str]) -> Option:
    kept = next((raw[name] for name in PLAIN if name in raw), None)
    if kept is None:
        problems.append(f"{where}: only {', '.join(('valueCoding', *PLAIN))} are supported")
    ordinal = number(raw, *ORDINALS)
    return Option(
        code=str(kept),
        system="",
        label={language: str(kept)},
        score=None if ordinal is None else int(ordinal),
        need=flag(raw, OWN + "need"),
        exclusive=flag(raw, EXCLUSIVE),
        alarm=first(raw, OWN + "alarm"),
    )
