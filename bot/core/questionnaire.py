"""Reads a FHIR R4 ``Questionnaire`` (as parsed JSON) into an :class:`~bot.core.instrument.Instrument`.

Extensions in use, declared here and nowhere else:

====================================================================  =================  ==========================
address                                                               where              meaning
====================================================================  =================  ==========================
http://hl7.org/fhir/StructureDefinition/translation                   _text, _display    wording in another language
http://hl7.org/fhir/StructureDefinition/ordinalValue                  answerOption       the score of the option
http://hl7.org/fhir/StructureDefinition/minValue, maxValue            item               bounds of a number
http://hl7.org/fhir/uv/sdc/…/sdc-questionnaire-optionExclusive        answerOption       rules out all the others
urn:followthrough:need                                                answerOption       marks a possible need
urn:followthrough:private                                             group or item      asked after a privacy check
urn:followthrough:help                                                item               plain words beside the item
urn:followthrough:score                                               Questionnaire      a sum: name, code, item…
urn:followthrough:need-rule                                           Questionnaire      domain, item…, or score
urn:followthrough:navigation-rule                                     Questionnaire      item, atLeast
urn:followthrough:unofficial-translation                              Questionnaire      language whose text is a draft
====================================================================  =================  ==========================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.instrument import (
    Condition,
    Instrument,
    Item,
    NavigationRule,
    NeedRule,
    Option,
    ScoreRule,
    Texts,
    worded,
)

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
MINIMUM = "http://hl7.org/fhir/StructureDefinition/minValue"
MAXIMUM = "http://hl7.org/fhir/StructureDefinition/maxValue"
EXCLUSIVE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-optionExclusive"
OWN = "urn:followthrough:"
QUESTION_TYPES = frozenset({"choice", "boolean", "integer", "decimal", "quantity", "string", "text", "date"})
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})

Json = Mapping[str, Any]


class QuestionnaireError(ValueError):
    """The file cannot be run. ``problems`` names each place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the list; the message is its lines."""
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass
class _Reading:
    language: str
    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Group:
    link_id: str
    intro: Texts
    private: bool
    conditions: tuple[Condition, ...]


def read_questionnaire(resource: Json) -> Instrument:
    """Make an instrument of a Questionnaire.

    Raises :class:`QuestionnaireError` naming every place that is missing or not supported: the resource type,
    an item without link id or text, an unknown type, a choice without options, ``enableWhen`` or a rule that
    points at no item, a repeated link id.
    """
    reading = _Reading(language=str(resource.get("language", "en"))[:2])
    if resource.get("resourceType") != "Questionnaire":
        raise QuestionnaireError(["resourceType: must be Questionnaire"])
    _read_items(resource.get("item", []), _Group("", {}, False, ()), "item", reading)
    instrument = Instrument(
        id=str(resource.get("id") or resource.get("name") or ""),
        version=str(resource.get("version", "1")),
        title=str(resource.get("title") or resource.get("name") or resource.get("id") or ""),
        languages=tuple(sorted(_languages(reading.items, reading.language))),
        items=tuple(reading.items),
        scores=tuple(_score_rule(e) for e in _extensions(resource, OWN + "score")),
        needs=tuple(_need_rule(e) for e in _extensions(resource, OWN + "need-rule")),
        navigation=next((_navigation_rule(e) for e in _extensions(resource, OWN + "navigation-rule")), None),
        unofficial=tuple(str(_value(e)) for e in _extensions(resource, OWN + "unofficial-translation")),
    )
    reading.problems.extend(_check(instrument))
    if reading.problems:
        raise QuestionnaireError(reading.problems)
    return instrument


def _read_items(items: Any, group: _Group, place: str, reading: _Reading) -> None:
    pending_intro = dict(group.intro)
    for index, raw in enumerate(items):
        where = f"{place}[{index}]"
        kind = raw.get("type")
        if kind == "display":
            pending_intro = _joined(pending_intro, _texts(raw, "text", reading.language))
        elif kind == "group":
            _read_group(raw, group, where, reading)
        else:
            item = _read_item(raw, group, pending_intro, where, reading)
            if item is not None:
                reading.items.append(item)
                pending_intro = {}


def _read_group(raw: Json, outer: _Group, where: str, reading: _Reading) -> None:
    group = _Group(
        link_id=str(raw.get("linkId", where)),
        intro={},
        private=outer.private or _flag(raw, OWN + "private"),
        conditions=outer.conditions + _conditions(raw, where, reading),
    )
    _read_items(raw.get("item", []), group, f"{where}.item", reading)


def _read_item(raw: Json, group: _Group, intro: Texts, where: str, reading: _Reading) -> Item | None:
    kind, link_id = raw.get("type"), raw.get("linkId")
    if kind not in QUESTION_TYPES:
        reading.problems.append(f"{where}.type: {kind!r} is not supported")
        return None
    if not link_id or not raw.get("text"):
        reading.problems.append(f"{where}: an item needs linkId and text")
        return None
    options = tuple(
        _option(o, f"{where}.answerOption[{i}]", reading) for i, o in enumerate(raw.get("answerOption", []))
    )
    if kind == "choice" and not options:
        reading.problems.append(f"{where}.answerOption: a choice needs options (answerValueSet is not supported)")
    return Item(
        link_id=str(link_id),
        code=next((str(c["code"]) for c in raw.get("code", []) if "code" in c), None),
        kind="multi" if kind == "choice" and raw.get("repeats") else str(kind),
        text=_texts(raw, "text", reading.language),
        group=group.link_id,
        intro=intro,
        help=_help(raw, reading.language),
        options=options,
        enable_when=group.conditions + _conditions(raw, where, reading),
        enable_all=bool(group.conditions) or raw.get("enableBehavior", "all") == "all",
        private=group.private or _flag(raw, OWN + "private"),
        minimum=_number(raw, MINIMUM),
        maximum=_number(raw, MAXIMUM),
    )


def _option(raw: Json, where: str, reading: _Reading) -> Option:
    coding = raw.get("valueCoding")
    if coding is None:
        plain = raw.get("valueString", raw.get("valueInteger"))
        if plain is None:
            reading.problems.append(f"{where}: only valueCoding, valueString and valueInteger are supported")
        return Option(code=str(plain), system="", label={reading.language: str(plain)})
    ordinal = _number(raw, ORDINAL)
    ordinal = _number(coding, ORDINAL) if ordinal is None else ordinal
    if not coding.get("display"):
        reading.problems.append(f"{where}.valueCoding.display: missing")
    return Option(
        code=str(coding.get("code", "")),
        system=str(coding.get("system", "")),
        label=_texts(coding, "display", reading.language),
        score=None if ordinal is None else int(ordinal),
        need=_flag(raw, OWN + "need"),
        exclusive=_flag(raw, EXCLUSIVE),
    )


def _conditions(raw: Json, where: str, reading: _Reading) -> tuple[Condition, ...]:
    found = []
    for index, when in enumerate(raw.get("enableWhen", [])):
        answer = next((v for k, v in when.items() if k.startswith("answer")), None)
        answer = answer.get("code") if isinstance(answer, Mapping) else answer
        if when.get("operator") not in OPERATORS or answer is None:
            reading.problems.append(f"{where}.enableWhen[{index}]: operator or answer is not supported")
            continue
        found.append(Condition(str(when.get("question")), str(when["operator"]), answer))
    return tuple(found)


def _extensions(element: Json, url: str) -> Iterator[Json]:
    return (e for e in element.get("extension", []) if e.get("url") == url)


def _value(extension: Json) -> Any:
    return next((v for k, v in extension.items() if k.startswith("value")), None)


def _flag(element: Json, url: str) -> bool:
    return any(_value(e) is True for e in _extensions(element, url))


def _number(element: Json, url: str) -> float | None:
    value = next((_value(e) for e in _extensions(element, url)), None)
    return None if value is None else float(value)


def _parts(extension: Json, name: str) -> list[Any]:
    return [_value(e) for e in _extensions(extension, name)]


def _texts(element: Json, name: str, language: str) -> dict[str, str]:
    texts = {language: str(element.get(name, ""))}
    for extension in _extensions(element.get(f"_{name}", {}), TRANSLATION):
        texts[str(_parts(extension, "lang")[0])] = str(_parts(extension, "content")[0])
    return texts


def _help(raw: Json, language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for extension in _extensions(raw, OWN + "help"):
        texts[str((_parts(extension, "lang") or [language])[0])] = str(_parts(extension, "content")[0])
    return texts


def _joined(first: Texts, second: Texts) -> dict[str, str]:
    return {lang: f"{first[lang]} {text}" if first.get(lang) else text for lang, text in second.items()}


def _score_rule(extension: Json) -> ScoreRule:
    return ScoreRule(
        name=str(_parts(extension, "name")[0]),
        code=next((str(c) for c in _parts(extension, "code")), None),
        items=tuple(str(i) for i in _parts(extension, "item")),
        minimum=int(_parts(extension, "minimum")[0]),
        maximum=int(_parts(extension, "maximum")[0]),
    )


def _need_rule(extension: Json) -> NeedRule:
    threshold = next(iter(_parts(extension, "threshold")), None)
    return NeedRule(
        domain=str(_parts(extension, "domain")[0]),
        items=tuple(str(i) for i in _parts(extension, "item")),
        score=next((str(s) for s in _parts(extension, "score")), None),
        threshold=None if threshold is None else int(threshold),
        missing=str(next(iter(_parts(extension, "missing")), "unknown")),
    )


def _navigation_rule(extension: Json) -> NavigationRule:
    return NavigationRule(item=str(_parts(extension, "item")[0]), at_least=int(_parts(extension, "atLeast")[0]))


def _languages(items: list[Item], own: str) -> set[str]:
    """The languages in which every text of every item stands."""
    spoken = {own}
    for item in items:
        spoken |= set(item.text)
    for item in items:
        for texts in (item.text, *(o.label for o in item.options), *((item.intro,) if item.intro else ())):
            spoken &= set(texts) | {own}
    return spoken


def _check(instrument: Instrument) -> list[str]:
    known = [item.link_id for item in instrument.items]
    problems = [] if instrument.id else ["id: missing"]
    problems += [f"linkId {link_id}: stands twice" for link_id in sorted({i for i in known if known.count(i) > 1})]
    used = [(f"enableWhen of {i.link_id}", c.question) for i in instrument.items for c in i.enable_when]
    used += [(f"score {s.name}", link_id) for s in instrument.scores for link_id in s.items]
    used += [(f"need rule {n.domain}", link_id) for n in instrument.needs for link_id in n.items]
    used += [("navigation rule", instrument.navigation.item)] if instrument.navigation else []
    problems += [f"{place}: there is no item {link_id!r}" for place, link_id in used if link_id not in known]
    scores = {score.name for score in instrument.scores}
    problems += [
        f"need rule {n.domain}: there is no score {n.score!r}"
        for n in instrument.needs
        if n.score and n.score not in scores
    ]
    problems += [f"{i.link_id}: no text" for i in instrument.items if not worded(i.text, "en")]
    return problems
