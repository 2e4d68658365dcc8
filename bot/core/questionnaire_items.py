"""Reads the items of a questionnaire, groups and all, into a flat list in the order of asking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core import sensitive
from bot.core.fhir_json import Json, codes, extensions, first, flag, number, part, texts
from bot.core.instrument import Enabling, Item, Texts
from bot.core.questionnaire_options import OWN, enabling, option

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
CORE = "http://hl7.org/fhir/StructureDefinition/"
MINIMUM = CORE + "minValue"
MAXIMUM = CORE + "maxValue"
HIDDEN = CORE + "questionnaire-hidden"
ITEM_CONTROL = CORE + "questionnaire-itemControl"
CALCULATED = (SDC + "sdc-questionnaire-calculatedExpression",)
EXPRESSIONS = (SDC + "sdc-questionnaire-enableWhenExpression", SDC + "sdc-questionnaire-answerExpression")
QUESTION_TYPES = frozenset(
    {"choice", "open-choice", "boolean", "integer", "decimal", "quantity", "string", "text", "date"}
)
UNIT = CORE + "questionnaire-unit"
# The first part of a UCUM unit ("min/d") and the table of the lexicon that reads it.
UNITS = {"min": "minutes", "h": "hours", "wk": "weeks", "mo": "months"}
SENTENCE_ENDS = (".", "?", ":")


@dataclass
class Reading:
    """What has been read so far. ``problems`` stop the file from being run, ``notes`` do not; both name the place."""

    language: str
    contained: Mapping[str, Json] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unasked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Group:
    link_id: str = ""
    before: Texts = field(default_factory=dict)
    private: bool = False
    not_by_proxy: bool = False
    enabled_by: tuple[Enabling, ...] = ()


def read_items(raws: Any, reading: Reading) -> None:
    """Read the items at the top of the file, and theirs, into ``reading``."""
    _read_list(raws, _Group(), "item", reading)


def _read_list(raws: Any, group: _Group, place: str, reading: Reading) -> None:
    """An introduction stands before the next question, or (marked so) before every question of the group."""
    once, always = dict(group.before), dict[str, str]()
    for index, raw in enumerate(raws if isinstance(raws, list) else [raws]):
        path = f"{place}[{index}]"
        where = _place(raw, path)
        if not isinstance(raw, Mapping):
            reading.problems.append(f"{where}: must be an item")
        elif raw.get("type") == "display":
            if _is_help(raw):
                reading.notes.append(f"{where}: help text of a whole group is not shown")
            elif flag(raw, OWN + "every-item"):
                always = _joined(always, texts(raw, "text", reading.language))
            else:
                once = _joined(once, texts(raw, "text", reading.language))
        elif raw.get("type") == "group":
            _read_group(raw, replace(group, before=once), path, reading)
            once = {}
        else:
            before = len(reading.items)
            _read_question(raw, group, _joined(once, always), path, reading)
            once = {} if len(reading.items) > before else once


def _read_group(raw: Json, outer: _Group, path: str, reading: Reading) -> None:
    where = _place(raw, path)
    own = texts(raw, "text", reading.language)
    is_said = own.get(reading.language, "").strip().endswith(SENTENCE_ENDS)
    group = _Group(
        link_id=str(raw.get("linkId", where)),
        before=_joined(outer.before, own) if is_said else outer.before,
        private=outer.private or flag(raw, OWN + "private"),
        not_by_proxy=outer.not_by_proxy or flag(raw, OWN + "not-by-proxy"),
        enabled_by=outer.enabled_by + enabling(raw, where, reading.problems),
    )
    if raw.get("repeats"):
        reading.notes.append(f"{where}: a group that repeats is asked once")
    _note_expressions(raw, where, reading)
    _read_list(raw.get("item", []), group, f"{path}.item", reading)


def _read_question(raw: Json, group: _Group, intro: Texts, path: str, reading: Reading) -> None:
    """One question and those under it, which are asked after it."""
    where = _place(raw, path)
    reason = _why_not_asked(raw)
    if reason:
        reading.notes.append(f"{where}: not asked: {reason}")
        reading.unasked.add(str(raw.get("linkId")))
        return
    kind, link_id = raw.get("type"), raw.get("linkId")
    if kind not in QUESTION_TYPES:
        reading.problems.append(f"{where}.type: {kind!r} is not supported")
    elif not link_id or not raw.get("text"):
        reading.problems.append(f"{where}: an item needs linkId and text")
    else:
        item = _item(raw, group, intro, where, reading)
        reading.items.append(item)
        inner = replace(group, before={}, enabled_by=item.enabled_by)
        _read_list([i for i in raw.get("item", []) if not _is_display(i)], inner, f"{path}.item", reading)


def _item(raw: Json, group: _Group, intro: Texts, where: str, reading: Reading) -> Item:
    kind = str(raw["type"])
    is_choice = kind in ("choice", "open-choice")
    code = next(iter(codes(raw)), None)
    options = tuple(option(o, code, p, reading.language, reading.problems) for o, p in _options(raw, where, reading))
    if is_choice and not options:
        reading.problems.append(
            f"{where}.answerOption: a choice needs options (in the file: answerOption, or a contained value set)"
        )
    if raw.get("repeats") and not is_choice:
        reading.notes.append(f"{where}: repeats: one answer is taken")
    if code in sensitive.RESULTS or "total score" in str(raw["text"]).lower():
        reading.notes.append(f"{where}: looks like a result but is not readOnly: patients will be asked for it")
    _note_expressions(raw, where, reading)
    age = number(raw, OWN + "minimum-age")
    return Item(
        link_id=str(raw["linkId"]),
        code=code,
        kind=("multi" if raw.get("repeats") else "choice") if is_choice else kind,
        text=texts(raw, "text", reading.language),
        group=group.link_id,
        intro=intro,
        help=_help(raw, reading.language),
        options=options if is_choice else (),
        enabled_by=group.enabled_by + enabling(raw, where, reading.problems),
        private=group.private or flag(raw, OWN + "private") or sensitive.is_private(code),
        not_by_proxy=group.not_by_proxy or flag(raw, OWN + "not-by-proxy") or sensitive.is_not_by_proxy(code),
        open=kind == "open-choice",
        alarm=first(raw, OWN + "alarm"),
        minimum=number(raw, MINIMUM),
        maximum=number(raw, MAXIMUM),
        minimum_age=None if age is None else int(age),
        unit=UNITS.get(str((first(raw, UNIT) or {}).get("code", "")).partition("/")[0], "count"),
    )


def _options(raw: Json, where: str, reading: Reading) -> Iterator[tuple[Json, str]]:
    """The options of the item, else those of the value set that the file itself contains; each with its place."""
    for index, given in enumerate(raw.get("answerOption", [])):
        yield given, f"{where}.answerOption[{index}]"
    address = raw.get("answerValueSet")
    if address is None or raw.get("answerOption"):
        return
    held = reading.contained.get(str(address).removeprefix("#")) if str(address).startswith("#") else None
    if held is None:
        reading.problems.append(f"{where}.answerValueSet: {address} is not contained in the file")
        return
    for index, coding in enumerate(_concepts(held)):
        yield {"valueCoding": coding}, f"{where}.answerValueSet[{index}]"


def _concepts(value_set: Json) -> Iterator[Json]:
    expanded = value_set.get("expansion", {}).get("contains")
    if expanded:
        yield from expanded
        return
    for include in value_set.get("compose", {}).get("include", []):
        for concept in include.get("concept", []):
            yield {"system": include.get("system", ""), **concept}


def _why_not_asked(raw: Json) -> str | None:
    if raw.get("readOnly"):
        return "it is read-only"
    if any(extensions(raw, *CALCULATED)):
        return "its value is calculated"
    return "it is hidden" if flag(raw, HIDDEN) else None


def _note_expressions(raw: Json, where: str, reading: Reading) -> None:
    for extension in extensions(raw, *EXPRESSIONS):
        name = str(extension["url"]).rpartition("sdc-questionnaire-")[2]
        reading.notes.append(f"{where}: the expression {name} is left aside")


def _help(raw: Json, language: str) -> dict[str, str]:
    """Our own help texts, else the help that the file shows beside the item."""
    found: dict[str, str] = {}
    for extension in extensions(raw, OWN + "help"):
        found[str(part(extension, "lang") or language)] = str(part(extension, "content"))
    if found:
        return found
    for inner in raw.get("item", []):
        if _is_display(inner):
            found = _joined(found, texts(inner, "text", language))
    return found


def _is_display(raw: Any) -> bool:
    return isinstance(raw, Mapping) and raw.get("type") == "display"


def _is_help(raw: Json) -> bool:
    control = first(raw, ITEM_CONTROL) or {}
    return any(coding.get("code") == "help" for coding in control.get("coding", []))


def _joined(start: Texts, end: Texts) -> dict[str, str]:
    """Both texts one after the other, in every language that has either."""
    return {lang: " ".join(t for t in (start.get(lang), end.get(lang)) if t) for lang in {**start, **end}}


def _place(raw: Any, place: str) -> str:
    link_id = raw.get("linkId") if isinstance(raw, Mapping) else None
    return f"{place} (linkId {link_id})" if link_id else place
