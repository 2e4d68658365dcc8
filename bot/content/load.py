"""Reads the content folder once, at start, and refuses to start on content that is missing or wrong."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.content.on_call import OnCallInvalid, read_on_call
from bot.core.asides import Asides
from bot.core.instrument import Instrument
from bot.core.lexicon import Lexicon
from bot.core.on_call import OnCall
from bot.core.picking import PlaceWords
from bot.core.questionnaire import QuestionnaireError, read_questionnaire
from bot.core.second_opinion import SecondOpinion, from_file
from bot.core.text import words
from bot.core.topics import Topics

# The C loader is ten times faster and as safe.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MODELS = Path(__file__).resolve().parents[2] / "dialogs" / "models"
SECOND_OPINION = "second_opinion.bin"


class ContentError(ValueError):
    """A content file cannot be used; the message names the file and the place."""


@dataclass(frozen=True)
class Content:
    """All that a clinician or translator can edit: messages and lexicons by language, instruments by id."""

    messages: Mapping[str, Mapping[str, str]]
    lexicons: Mapping[str, Lexicon]
    instruments: Mapping[str, Instrument]
    telltales: Mapping[str, frozenset[str]] = field(default_factory=dict)
    privacy: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    topics: Mapping[str, Topics] = field(default_factory=dict)
    asides: Mapping[str, Asides] = field(default_factory=dict)
    about_places: Mapping[str, PlaceWords] = field(default_factory=dict)
    on_call: OnCall = field(default_factory=lambda: OnCall({}, {}))
    second_opinion: SecondOpinion | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the bot speaks, in alphabetical order."""
        return tuple(sorted(self.messages))

    def say(self, key: str, language: str, **values: object) -> str:
        """The message ``key`` in ``language`` (English where there is none) with its placeholders filled.

        Raises ``KeyError`` for an unknown key or a placeholder without a value.
        """
        texts = self.messages.get(language) or self.messages["en"]
        return (texts.get(key) or self.messages["en"][key]).format(**values)

    def version(self, key: str, language: str) -> str:
        """Which wording of ``key`` this is, e.g. ``consent_ask/en/3f2a9c81d0b4``: changes whenever a letter does."""
        digest = hashlib.sha256(self.messages[language][key].encode()).hexdigest()[:12]
        return f"{key}/{language}/{digest}"


def content_root() -> Path:
    """The content folder: ``BOT_CONTENT_DIR``, else ``dialogs/`` beside this package."""
    return Path(os.environ.get("BOT_CONTENT_DIR") or Path(__file__).resolve().parents[2] / "dialogs")


def load_content(root: Path | None = None, models: Path | None = None) -> Content:
    """Read everything under ``root``, once a process. Raises :class:`ContentError` naming the file at fault.

    ``models`` is where trained models lie: else ``BOT_MODEL_DIR``, else ``dialogs/models`` beside this package.
    """
    return _load(root or content_root(), models or Path(os.environ.get("BOT_MODEL_DIR") or MODELS))


@cache
def _load(root: Path, models: Path) -> Content:
    messages = {path.stem: _read_messages(path) for path in sorted((root / "messages").glob("*.yml"))}
    if "en" not in messages:
        raise ContentError(f"{root / 'messages'}: en.yml is missing")
    lexicons = {path.name: _read_lexicon(path) for path in lexicon_folders(root)}
    instruments = [_read_instrument(path) for path in sorted((root / "questionnaires").glob("*/questionnaire.json"))]
    told = read_yaml(root / "content" / "languages.yml")
    telltales = {str(name): frozenset(w for entry in said for w in words(str(entry))) for name, said in told.items()}
    return Content(
        messages,
        lexicons,
        {i.id: i for i in instruments},
        telltales,
        _read_privacy(root),
        on_call=_read_on_call(root),
        second_opinion=_read_second_opinion(models / SECOND_OPINION),
        **_compiled(root, lexicons),
    )


def _compiled(root: Path, lexicons: Mapping[str, Lexicon]) -> dict[str, Any]:
    """What is compiled with the spelling of a language: the topics of answers, asides, and words about places."""
    topics, asides, places = (root / "content" / f"{name}.yml" for name in ("topics", "asides", "places"))
    named, beside, about = read_yaml(topics), read_yaml(asides), read_yaml(places)
    try:
        return {
            "topics": {n: Topics.from_dict(named, lexicon) for n, lexicon in lexicons.items() if n in named["frames"]},
            "asides": {n: Asides.from_dict(beside[n], lexicon) for n, lexicon in lexicons.items() if n in beside},
            "about_places": {n: PlaceWords.from_dict(about[n], lex) for n, lex in lexicons.items() if n in about},
        }
    except (KeyError, TypeError, ValueError) as error:
        raise ContentError(f"{topics}, {asides.name} or {places.name}: {error}") from error


def read_yaml(path: Path) -> Any:
    """A YAML file. Raises :class:`ContentError` with file and line when it is not one."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (OSError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: {error}") from error


def _read_messages(path: Path) -> dict[str, str]:
    data = read_yaml(path)
    if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
        raise ContentError(f"{path}: must be a list of 'key: text'")
    return {str(key): str(text).strip() for key, text in data.items()}


def _read_privacy(root: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Phrases in the form in which replies are compared."""
    data = read_yaml(root / "content" / "privacy_check.yml")
    return {
        str(language): {
            str(side): tuple(" ".join(words(phrase)) for phrase in phrases) for side, phrases in sides.items()
        }
        for language, sides in data.items()
    }


def _read_second_opinion(path: Path) -> SecondOpinion | None:
    """None where it was never trained: the bot then goes by the rules alone, and ``bot doctor`` says so."""
    if not path.exists():
        return None
    try:
        return from_file(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ContentError(f"{path}: {error}; run: bot train --force") from error


def _read_on_call(root: Path) -> OnCall:
    path = root / "content" / "on_call.yml"
    try:
        return read_on_call(read_yaml(path))
    except OnCallInvalid as error:
        raise ContentError(f"{path}: {error}") from None


def lexicon_folders(root: Path) -> list[Path]:
    """The folders of the lexicons under ``root``, one a language, named after it."""
    return sorted(path for path in (root / "lexicon").iterdir() if path.is_dir())


def read_lexicon_files(folder: Path) -> dict[str, Any]:
    """The sections of one language's lexicon, from all its files, and its words for situations as ``replies``.

    Raises :class:`ContentError` naming the file that is no table of sections, or holds one that another file has.
    """
    sections: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yml")):
        data = read_yaml(path)
        if not isinstance(data, dict):
            raise ContentError(f"{path}: the file is not a table of sections")
        twice = sections.keys() & data.keys()
        if twice:
            raise ContentError(f"{path}: {', '.join(sorted(twice))} stands in another file of {folder.name}/ too")
        sections |= data
    replies = folder.parent.parent / "replies" / f"{folder.name}.yml"
    return {**sections, "replies": read_yaml(replies)} if replies.exists() else sections


def _read_lexicon(path: Path) -> Lexicon:
    try:
        return Lexicon.from_dict(path.name, read_lexicon_files(path))
    except ValueError as error:
        raise ContentError(f"{path}: {error}") from error


def _read_instrument(path: Path) -> Instrument:
    try:
        return read_questionnaire(json.loads(path.read_text(encoding="utf-8")))
    except QuestionnaireError as error:
        raise ContentError(f"{path}: {error}") from error
    except (OSError, json.JSONDecodeError) as error:
        raise ContentError(f"{path}: {error}") from error
