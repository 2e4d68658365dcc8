"""Looks at questionnaire files before they are used, and brings them into the content folder."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.instrument import Instrument, Item
from bot.core.questionnaire import QuestionnaireError, read_questionnaire

DOMAINS = frozenset(
    {"housing", "food", "transportation", "utilities", "safety", "financial", "employment", "support"}
    | {"education", "activity", "substance", "mental_health", "stress", "disability"}
)
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LINK_ID = re.compile(r"\(linkId (.+?)\)(?=[.:]|$)")


class ImportRefused(ValueError):
    """The file cannot be brought in; the message says why and what to do."""


@dataclass(frozen=True)
class Findings:
    """What there is to say of a file.

    ``problems``: why it cannot be run. ``notes``: what the file holds and the bot leaves aside. ``missing``: what it
    lacks before it can be used with patients. Each line begins with its place, then a colon.
    """

    instrument: Instrument | None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """``{runnable, id, version, title, items, problems, notes, missing}``; the last three as placed lines."""
        found = self.instrument
        return {
            "runnable": found is not None,
            "id": found.id if found else None,
            "version": found.version if found else None,
            "title": found.title if found else None,
            "items": len(found.items) if found else 0,
            "problems": [_placed(line) for line in self.problems],
            "notes": [_placed(line) for line in self.notes],
            "missing": [_placed(line) for line in self.missing],
        }


def examine(resource: Any, languages: tuple[str, ...]) -> Findings:
    """Whether the parsed file can be run, and what it lacks for use in ``languages``."""
    try:
        instrument = read_questionnaire(resource)
    except QuestionnaireError as error:
        return Findings(None, problems=tuple(error.problems))
    return Findings(instrument, notes=instrument.notes, missing=tuple(missing(instrument, languages)))


def missing(instrument: Instrument, languages: tuple[str, ...]) -> Iterator[str]:
    """What the instrument lacks before it can be used with patients who speak one of ``languages``."""
    for language in languages:
        yield from (
            f"item (linkId {item.link_id}): not every text is there in {language}"
            for item in instrument.items
            if not _is_worded(item, language)
        )
    yield from _missing_rules(instrument)
    if not instrument.copyright:
        yield "copyright: there is no notice"


def _missing_rules(instrument: Instrument) -> Iterator[str]:
    if not instrument.needs:
        yield "need-rule: there is none, so no need will be found"
    for need in instrument.needs:
        if need.domain not in DOMAINS:
            yield f"need rule {need.domain}: there is no such domain"
        if not need.missing:
            yield f"need rule {need.domain}: states no policy for missing answers (missing)"
    for score in instrument.scores:
        if not score.missing:
            yield f"score {score.name}: states no policy for missing answers (missing)"


def read_file(path: Path) -> Any:
    """The JSON in ``path``. Raises :class:`ImportRefused` when there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ImportRefused(f"{path} is not JSON: {error}") from None


def bring_in(path: Path, root: Path, *, as_id: str | None = None, replace: bool = False) -> Path:
    """Copy the questionnaire in ``path`` to ``questionnaires/<id>/questionnaire.json`` under ``root``.

    ``as_id`` is written into the copy. Raises :class:`ImportRefused` when the file cannot be run, when the id is not
    fit to name a folder, or when another questionnaire stands there and ``replace`` is not given.
    """
    resource = read_file(path)
    findings = examine({**resource, "id": as_id} if as_id and isinstance(resource, Mapping) else resource, ())
    if findings.instrument is None:
        raise ImportRefused("The file cannot be run:\n" + "\n".join(findings.problems))
    instrument = findings.instrument
    if not ID.fullmatch(instrument.id) or set(instrument.id) == {"."}:
        raise ImportRefused(f"The id {instrument.id!r} cannot name a folder; give another with --id.")
    target = root / "questionnaires" / instrument.id / "questionnaire.json"
    if target.exists() and not replace and read_file(target) != (resource if not as_id else {**resource, "id": as_id}):
        raise ImportRefused(
            f"{instrument.id} is there already, in version {read_file(target).get('version', '1')};"
            f" the file has version {instrument.version}. To put it in its place, add --replace."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if as_id and resource.get("id") != as_id:
        target.write_text(json.dumps({**resource, "id": as_id}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    else:
        shutil.copyfile(path, target)
    return target


def _is_worded(item: Item, language: str) -> bool:
    texts = [item.text, *(option.label for option in item.options), *([item.intro] if item.intro else [])]
    return all(each.get(language) for each in texts)


def _placed(line: str) -> dict[str, str | None]:
    place, _, what = line.partition(": ")
    found = _LINK_ID.findall(place)
    link_id = found[-1] if found else None
    return {"place": place, "link_id": link_id, "what": what}
