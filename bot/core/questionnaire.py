"""Reads a FHIR R4 ``Questionnaire`` (as parsed JSON) into an :class:`~bot.core.instrument.Instrument`.

Extensions in use, declared here and nowhere else:

====================================================================  =================  ==========================
address                                                               where              meaning
====================================================================  =================  ==========================
http://hl7.org/fhir/StructureDefinition/translation                   _text, _display    wording in another language
http://hl7.org/fhir/StructureDefinition/ordinalValue, itemWeight      answerOption       the score of the option
http://hl7.org/fhir/StructureDefinition/minValue, maxValue            item               bounds of a number
http://hl7.org/fhir/StructureDefinition/questionnaire-hidden          item               not asked
http://hl7.org/fhir/uv/sdc/…/sdc-questionnaire-calculatedExpression   item               not asked
http://hl7.org/fhir/uv/sdc/…/sdc-questionnaire-optionExclusive        answerOption       rules out all the others
urn:followthrough:need                                                answerOption       marks a possible need
urn:followthrough:no-answer                                           answerOption       counts as missing
urn:followthrough:alarm                                               answerOption,      raises this alarm (crisis),
                                                                      boolean item       for a boolean: its yes
urn:followthrough:private                                             group or item      asked after a privacy check
urn:followthrough:not-by-proxy                                        group or item      for the patient in person
urn:followthrough:minimum-age                                         item               years; younger: not counted
urn:followthrough:every-item                                          display            said before every question
urn:followthrough:help                                                item               plain words beside the item
urn:followthrough:score                                               Questionnaire      name, code, item…, operation
                                                                                         (sum, product), missing
urn:followthrough:need-rule                                           Questionnaire      domain, missing, and item…
                                                                                         with answer…, or score with
                                                                                         threshold or cut…
urn:followthrough:navigation-rule                                     Questionnaire      item, atLeast
urn:followthrough:unofficial-translation                              Questionnaire      language whose text is a draft
====================================================================  =================  ==========================

What is known of well-known LOINC items (:mod:`bot.core.sensitive`) is added to the marks of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from bot.core.fhir_json import Json, extensions, value
from bot.core.instrument import Instrument, Item
from bot.core.questionnaire_items import SDC, Reading, read_items
from bot.core.questionnaire_options import OWN
from bot.core.questionnaire_rules import RuleError, navigation_rule, need_rule, score_rule

VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
TARGET_MAP = SDC + "sdc-questionnaire-targetStructureMap"
POINTED = frozenset({"choice"})
COUNTED = frozenset({"choice", "integer", "decimal", "quantity"})

Rule = TypeVar("Rule")


class QuestionnaireError(ValueError):
    """The file cannot be run. ``problems`` names each place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the list; the message is its lines."""
        super().__init__("; ".join(problems))
        self.problems = problems


def read_questionnaire(resource: Any) -> Instrument:
    """Make an instrument of a Questionnaire.

    Raises :class:`QuestionnaireError` naming every place that is missing or not supported: the resource type,
    an item without link id or text, an unknown type, a choice without options, ``enableWhen`` or a rule that
    points at no item, a repeated link id, a file without questions.
    """
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "Questionnaire":
        raise QuestionnaireError(["resourceType: must be Questionnaire"])
    try:
        return _read(resource)
    except (AttributeError, KeyError, TypeError) as error:
        raise QuestionnaireError([f"the file does not have the form of a FHIR Questionnaire: {error!r}"]) from error


def _read(resource: Json) -> Instrument:
    contained = {str(c.get("id")): c for c in resource.get("contained", []) if c.get("resourceType") == "ValueSet"}
    reading = Reading(language=str(resource.get("language", "en"))[:2], contained=contained)
    if any(extensions(resource, VARIABLE, TARGET_MAP)):
        reading.notes.append("extension: expressions and structure maps are left aside")
    read_items(resource.get("item", []), reading)
    instrument = Instrument(
        id=str(resource.get("id") or resource.get("name") or ""),
        version=str(resource.get("version", "1")),
        title=str(resource.get("title") or resource.get("name") or resource.get("id") or ""),
        languages=tuple(sorted(_languages(reading.items, reading.language))),
        items=tuple(reading.items),
        scores=tuple(_rules(resource, "score", score_rule, reading)),
        needs=tuple(_rules(resource, "need-rule", need_rule, reading)),
        navigation=next(_rules(resource, "navigation-rule", navigation_rule, reading), None),
        unofficial=tuple(str(value(e)) for e in extensions(resource, OWN + "unofficial-translation")),
        copyright=str(resource.get("copyright", "")),
        notes=tuple(reading.notes),
    )
    problems = reading.problems + list(_check(instrument, reading.unasked))
    if problems:
        raise QuestionnaireError(problems)
    return instrument


def _rules(resource: Json, name: str, read: Callable[[Json], Rule], reading: Reading) -> Iterator[Rule]:
    for extension in extensions(resource, OWN + name):
        try:
            yield read(extension)
        except RuleError as error:
            reading.problems.append(str(error))


def _languages(items: list[Item], own: str) -> set[str]:
    """The languages in which every text of every item stands."""
    spoken = {own}
    for item in items:
        spoken |= set(item.text)
    for item in items:
        for texts in (item.text, *(o.label for o in item.options), *((item.intro,) if item.intro else ())):
            spoken &= set(texts) | {own}
    return spoken


def _check(instrument: Instrument, unasked: set[str]) -> Iterator[str]:
    known = [item.link_id for item in instrument.items]
    if not instrument.id:
        yield "id: missing"
    if not known:
        yield "item: there is no question to ask"
    yield from (f"linkId {link_id}: stands twice" for link_id in sorted({i for i in known if known.count(i) > 1}))
    for place, link_id in _used(instrument):
        if link_id in unasked:
            yield f"{place}: the item {link_id!r} is never asked"
        elif link_id not in known:
            yield f"{place}: there is no item {link_id!r}"
        else:
            yield from _unfit(instrument, place, link_id)
    scores = {score.name for score in instrument.scores}
    for need in instrument.needs:
        if need.score and need.score not in scores:
            yield f"need rule {need.domain}: there is no score {need.score!r}"


def _used(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for item in instrument.items:
        for enabling in item.enabled_by:
            yield from ((f"enableWhen of {item.link_id}", c.question) for c in enabling.conditions)
    yield from ((f"score {s.name}", link_id) for s in instrument.scores for link_id in s.items)
    yield from ((f"need rule {n.domain}", link_id) for n in instrument.needs for link_id in n.items)
    if instrument.navigation:
        yield "navigation rule", instrument.navigation.item


def _unfit(instrument: Instrument, place: str, link_id: str) -> Iterator[str]:
    """A score needs points from every answer, and bounds for a missing one; a visit count needs a number."""
    item = instrument.item(link_id)
    if place == "navigation rule" and item.kind not in COUNTED - POINTED:
        yield f"{place}: the item {link_id!r} takes no number"
    if not place.startswith("score "):
        return
    if item.kind not in COUNTED:
        yield f"{place}: the item {link_id!r} gives no points"
    elif item.kind in POINTED and any(o.score is None and not o.no_answer for o in item.options):
        yield f"{place}: the item {link_id!r} has an option without ordinalValue"
    elif item.kind not in POINTED and (item.minimum is None or item.maximum is None):
        yield f"{place}: the item {link_id!r} needs minValue and maxValue"
