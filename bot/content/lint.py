"""Says what is missing or wrong in the content folder: the same check at start, in the CLI and in CI."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.content.directory import lint_directory
from bot.content.instruments import examine
from bot.content.load import ContentError, content_root, lexicon_folders, read_lexicon_files, read_yaml
from bot.content.on_call import lint_on_call
from bot.content.policy import lint_policy
from bot.content.referral import lint_referral
from bot.core.lexicon_lint import lint as lint_lexicon
from bot.core.segments import segments
from bot.core.text import words

PLACEHOLDER = re.compile(r"\{(\w*)\}")
# What stands in the placeholders when messages are counted: long rather than short. Some are filled from other
# messages or from an instrument.
EXAMPLE = {
    "programme": "Followthrough",
    "clinic": "Elm Street Clinic",
    "help_contact": "555-555-0123",
    "number": "10",
    "total": "26",
    "when": "Wednesday, September 30, at 10:30 am",
    "weekday": "Wednesday",
    "month": "September",
    "date": "10/12/2026",
    "day": "Wednesday, September 30,",
    "clock": "10:30",
    "half": "am",
    "miles": "12",
    "low": "60",
    "high": "65",
    "address": "1200 North Sample Maple Street, Columbus",
    "time": "4:30pm",
    "hours": "9:30am-4:30pm",
    "documents": "photo ID, proof of address",
    "option": "2. Sometimes true",
    "place": "Maple Street Food Pantry",
    "text": "Maple Street Food Pantry (0.4 mi). 614-555-0100. Open now until 2pm. Bring: photo ID.",
    "page": "https://texts.example.org/r/UOUMrL5YNabBp5ILebAUvEuaSok",
    "need": "bills for power, water or gas",
    "chw": "Maria Lopez",
    "last": "3",
    "options": "1. Often true\n2. Sometimes true\n3. Never true",
}
KNOWN_PLACEHOLDERS = frozenset(EXAMPLE)
# A text over this many segments is cut by some carriers and dear on all of them.
MOST_SEGMENTS = 3


def lint(root: Path | None = None) -> list[str]:
    """Every problem in the content under ``root``, each with its file and place; an empty list when all is well."""
    root = root or content_root()
    return [
        *_messages(root / "messages"),
        *_tone(root),
        *_lexicons(root),
        *_telltales(root),
        *_on_call(root),
        *_questionnaires(root),
        *lint_policy(root),
        *lint_directory(root),
        *lint_referral(root),
    ]


def costs(root: Path | None = None) -> list[tuple[str, str, int]]:
    """What each message costs: language, key, segments, with example names in the placeholders."""
    folder = (root or content_root()) / "messages"
    found = []
    for path in sorted(folder.glob("*.yml")):
        for key, text in read_yaml(path).items():
            found.append((path.stem, str(key), segments(str(text).format(**EXAMPLE))))
    return found


def _messages(folder: Path) -> Iterator[str]:
    files = sorted(folder.glob("*.yml"))
    try:
        languages = {path.stem: read_yaml(path) for path in files}
    except ContentError as error:
        yield str(error)
        return
    if "en" not in languages:
        yield f"{folder}: en.yml is missing"
        return
    for language, texts in languages.items():
        yield from _language(f"{folder.name}/{language}.yml", texts, languages["en"])


def _language(place: str, texts: Any, english: dict[str, str]) -> Iterator[str]:
    if not isinstance(texts, dict):
        yield f"{place}: must be a list of 'key: text'"
        return
    yield from (f"{place}: {key} is missing" for key in sorted(english.keys() - texts.keys()))
    yield from (f"{place}: {key} is not a message of en.yml" for key in sorted(texts.keys() - english.keys()))
    for key in sorted(texts.keys() & english.keys()):
        yield from _message(f"{place}: {key}", texts[key], english[key])


def _message(place: str, text: Any, english: str) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield f"{place} has no text (a yes or no must stand in quotes)"
        return
    names = set(PLACEHOLDER.findall(text))
    unknown = names - KNOWN_PLACEHOLDERS
    if unknown:
        yield f"{place}: there is no placeholder {{{', '.join(sorted(unknown))}}}"
        return
    if names != set(PLACEHOLDER.findall(english)):
        yield f"{place} does not have the placeholders of the English text"
    count = segments(text.format(**EXAMPLE))
    if count > MOST_SEGMENTS:
        yield f"{place} takes {count} segments, more than {MOST_SEGMENTS}"


def _tone(root: Path) -> Iterator[str]:
    """None of our messages is cheerful or blames somebody: the words of tone.yml stand in none."""
    try:
        unwanted = read_yaml(root / "content" / "tone.yml")
        languages = {path.stem: read_yaml(path) for path in sorted((root / "messages").glob("*.yml"))}
    except ContentError as error:
        yield str(error)
        return
    for language, messages in languages.items():
        for key, message in messages.items() if isinstance(messages, dict) else ():
            said = f" {' '.join(words(str(message)))} "
            found = [word for word in unwanted.get(language, ()) if f" {' '.join(words(str(word)))} " in said]
            found += ["!"] if "!" in str(message) else []
            if found:
                yield f"messages/{language}.yml: {key} says {', '.join(found)}, which content/tone.yml rules out"


def _lexicons(root: Path) -> Iterator[str]:
    languages = {path.stem for path in (root / "messages").glob("*.yml")}
    folders = {path.name: path for path in lexicon_folders(root)}
    yield from (f"lexicon/{language}/ is missing" for language in sorted(languages - folders.keys()))
    for language, path in sorted(folders.items()):
        try:
            yield from (f"lexicon/{language}: {problem}" for problem in lint_lexicon(read_lexicon_files(path)))
        except ContentError as error:
            yield str(error)


def _telltales(root: Path) -> Iterator[str]:
    """Every language has its words, and no word is a telltale of two."""
    place = "content/languages.yml"
    try:
        words = read_yaml(root / place)
    except ContentError as error:
        yield str(error)
        return
    languages = {path.stem for path in (root / "messages").glob("*.yml")}
    yield from (f"{place}: {language} has no words" for language in sorted(languages - words.keys()))
    seen: dict[str, str] = {}
    for language, entries in words.items():
        for entry in entries:
            if seen.setdefault(str(entry), language) != language:
                yield f"{place}: {entry} stands under {seen[str(entry)]} and {language}"


def _on_call(root: Path) -> Iterator[str]:
    place = "content/on_call.yml"
    try:
        yield from (f"{place}: {problem}" for problem in lint_on_call(read_yaml(root / place)))
    except ContentError as error:
        yield str(error)


def _questionnaires(root: Path) -> Iterator[str]:
    languages = tuple(sorted(path.stem for path in (root / "messages").glob("*.yml")))
    for path in sorted((root / "questionnaires").iterdir()):
        place = f"questionnaires/{path.name}"
        try:
            yield from (f"{place}: {problem}" for problem in _questionnaire(path, languages))
        except (OSError, json.JSONDecodeError, yaml.YAMLError) as error:
            yield f"{place}: {error}"


def _questionnaire(path: Path, languages: tuple[str, ...]) -> Iterator[str]:
    findings = examine(json.loads((path / "questionnaire.json").read_text(encoding="utf-8")), languages)
    yield from (*findings.problems, *findings.missing)
    if findings.instrument is not None and findings.instrument.id != path.name:
        yield f"the id is {findings.instrument.id!r}, the folder has another name"
    if not list(path.glob("cases/*.yml")):
        yield "has no cases/*.yml to be tested with"
