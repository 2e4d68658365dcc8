"""The instrument files, ours and the shared ones, and what their JSON says when it is read a second, simpler way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.content.load import lexicon_folders, read_lexicon_files
from bot.core.lexicon import Lexicon

DIALOGS = Path(__file__).resolve().parents[2] / "dialogs"
SHIPPED = sorted((DIALOGS / "questionnaires").glob("*/questionnaire.json"))
SHARED_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "instruments"
ALONE = {"LA30122-8", "LA15775-2", "LA30257-2"}


def read(path: Path) -> Any:
    """The JSON of a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def shared() -> list[Path]:
    """The shared questionnaires that hold questions; none where the folder is absent."""
    return [path for path in sorted(SHARED_FOLDER.rglob("*Questionnaire*.json")) + _others() if _has_questions(path)]


def _others() -> list[Path]:
    return sorted(set(SHARED_FOLDER.rglob("*questionnaire*.json")) - set(SHARED_FOLDER.rglob("*Questionnaire*.json")))


def _has_questions(path: Path) -> bool:
    resource = read(path)
    return resource.get("resourceType") == "Questionnaire" and bool(resource.get("item"))


@cache
def lexicons() -> Mapping[str, Lexicon]:
    """The real lexicons, without the rest of the content."""
    return {p.name: Lexicon.from_dict(p.name, read_lexicon_files(p)) for p in lexicon_folders(DIALOGS)}


@dataclass(frozen=True)
class Choice:
    """An option as the JSON has it. ``label`` by language; ``alone``: it cannot be chosen beside others."""

    code: str
    label: Mapping[str, str]
    alone: bool


@dataclass(frozen=True)
class Question:
    """An item as the JSON has it; ``when`` are its conditions: (question, answer code) of which any must hold."""

    link_id: str
    kind: str
    several: bool
    choices: tuple[Choice, ...]
    when: tuple[tuple[str, str], ...]

    @property
    def counts(self) -> bool:
        """Whether its options are amounts."""
        return len(self.choices) > 2 and all(c.label["en"].isdigit() for c in self.choices[:-1])


def questions(items: list[Any]) -> Iterator[Question]:
    """The questions that the file asks patients, in its order."""
    for raw in items:
        calculated = any("calculatedExpression" in e["url"] for e in raw.get("extension", []))
        if raw["type"] == "group":
            yield from questions(raw["item"])
        elif raw["type"] != "display" and not raw.get("readOnly") and not calculated:
            when = tuple((w["question"], w["answerCoding"]["code"]) for w in raw.get("enableWhen", []))
            choices = tuple(_choice(o) for o in raw.get("answerOption", []))
            yield Question(raw["linkId"], raw["type"], bool(raw.get("repeats")), choices, when)


def _choice(raw: Any) -> Choice:
    coding = raw["valueCoding"]
    label = {"en": coding["display"]}
    for extension in coding.get("_display", {}).get("extension", []):
        lang, content = (part for part in extension["extension"])
        label[lang["valueCode"]] = content["valueString"]
    marked = any(e["url"].endswith("optionExclusive") for e in raw.get("extension", []))
    return Choice(coding["code"], label, marked or coding["code"] in ALONE)
