"""The marks by which directories keep a listing or a place from the public, or say that it is closed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.content.load import content_root, read_yaml
from bot.core.directory.needs import plain
from bot.directory.values import is_yes, listed, text

FILE = Path("content", "private_listings.yml")
# Fields that, when set, keep the whole object private; and those that do so when they are not.
MARKS = ("private", "is_private", "confidential", "is_confidential", "confidential_address", "address_confidential")
HIDING_MARKS = ("hidden", "internal_only", "do_not_publish", "exclude_from_public")
PUBLIC_MARKS = ("public", "is_public", "published", "is_published", "show_publicly")
LEVELS = ("visibility", "access", "privacy", "access_level", "address_type", "location_type")
_LEVELS_OF_ATTRIBUTES = ("visibility", "privacy", "access_level")
_NO = ("false", "no", "0")
_SAID_IN = ("alert", "alerts", "description")
_PLACE_SAID_IN = ("name", "alternate_name", "description", "alert", "alerts", "attention", "address_1", "address_2")
_KEYWORDS = ("keywords", "categories", "service_type", "service_types", "service_category")
# Marks stand at the beginning or at the end. No listing that is one is longer than that.
_ENDS_READ = 4000
_SENTENCE = re.compile(r"[.!?;\n]+")


@dataclass(frozen=True)
class Words:
    """The words of the content file, as patterns over plain text."""

    levels: frozenset[str]
    marks: frozenset[str]
    says: re.Pattern[str]
    labels: frozenset[str]
    address: re.Pattern[str]
    closed: re.Pattern[str]
    closed_whole: frozenset[str]
    closed_in_part: re.Pattern[str]


def is_private(raw: Mapping[str, Any]) -> bool:
    """Whether the object is marked as not for the public: by a field, an attribute, or in its own words."""
    words = _words(content_root())
    if _is_marked(raw, LEVELS, words) or any(_is_mark(each, words) for each in _attributes(raw)):
        return True
    keywords = (plain(each) for name in _KEYWORDS for each in listed(raw.get(name)))
    # One word alone is a category like others: "confidential" stands at tests for HIV.
    if any(" " in each and each in words.marks for each in keywords):
        return True
    alerts = (text(raw.get(name)) for name in ("alert", "alerts"))
    if any(_label(alert) in words.labels for alert in alerts):
        return True
    return any(words.says.search(_ends(raw.get(name))) for name in _SAID_IN)


def hides_place(*said: Any) -> bool:
    """Whether the words of a place or an address say that it is not to be told."""
    words = _words(content_root())
    return any(words.address.search(_ends(each).strip(" .")) for each in said)


def place_is_private(location: Mapping[str, Any], service: Mapping[str, Any]) -> bool:
    """Whether a location must not be told, by its own marks and words or by what its service says of the address."""
    return is_private(location) or hides_place(
        *(location.get(name) for name in _PLACE_SAID_IN), *(service.get(name) for name in _SAID_IN)
    )


def is_closed(raw: Mapping[str, Any]) -> bool:
    """Whether an alert says that all of it is closed, for good or for now."""
    words = _words(content_root())
    whole = words.closed_whole | set(plain(text(raw.get("name"))).split())
    for alert in (text(raw.get(name)) for name in ("alert", "alerts")):
        if words.closed_in_part.search(plain(alert)):
            continue
        for said in map(plain, _SENTENCE.split(alert)):
            found = words.closed.search(said)
            if found and all(word in whole or word.isdigit() for word in said[: found.start()].split()):
                return True
    return False


def _is_marked(raw: Mapping[str, Any], levels: Iterable[str], words: Words) -> bool:
    if any(is_yes(raw.get(name)) for name in (*MARKS, *HIDING_MARKS)):
        return True
    if any(raw.get(name) is False or text(raw.get(name)).lower() in _NO for name in PUBLIC_MARKS):
        return True
    return any(plain(text(raw.get(name))) in words.levels for name in levels)


def _attributes(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    rows = raw.get("attributes")
    return (each for each in (rows if isinstance(rows, list) else [rows]) if isinstance(each, Mapping))


def _is_mark(attribute: Mapping[str, Any], words: Words) -> bool:
    """An attribute is a mark by its name, or a field of that name with its value."""
    term = attribute.get("taxonomy_term") or {}
    named = (term.get("name") if isinstance(term, Mapping) else term, attribute.get("label"), attribute.get("name"))
    names = [name for each in named if (name := plain(text(each)))]
    value = attribute.get("value")
    if any(name in words.marks for name in names) and (value in (None, "") or is_yes(value)):
        return True
    as_fields = {name.replace(" ", "_"): value for name in names}
    return value not in (None, "") and _is_marked(as_fields, _LEVELS_OF_ATTRIBUTES, words)


def _ends(value: Any) -> str:
    """The words of a field; of a very long one its beginning and its end."""
    said = text(value)
    return plain(said if len(said) <= 2 * _ENDS_READ else f"{said[:_ENDS_READ]} . {said[-_ENDS_READ:]}")


def _label(alert: str) -> str:
    """What stands before the first colon, dash or full stop."""
    return plain(re.split(r"[.:!;,*()\u2013\u2014]+|-\s|\s-", alert.strip(" *!()[]-"), maxsplit=1)[0]).strip(" .")


@cache
def _words(root: Path) -> Words:
    """Read once a process. ``LookupError`` for a part that is missing."""
    data = read_yaml(root / FILE)
    address = data["address"]
    nouns, kept, orders = (_any(address[part]) for part in ("nouns", "kept", "orders"))
    is_kept = r"(?:is|are|es|esta)(?: kept)?"
    # "On-site confidential tests" say nothing of the address: without a verb it must be the end, or a reason follow.
    end = r"(?=$| (?:call|please|for|to|due|para|por|llame)\b| \.)"
    return Words(
        levels=frozenset(map(plain, data["kept_from_public"])),
        marks=frozenset(map(plain, data["marks"])),
        says=re.compile(rf"\b{_any(data['says'])}\b"),
        labels=frozenset(map(plain, data["labels"])),
        address=re.compile(
            rf"\b{kept} {nouns}\b|\b{nouns} {is_kept} {kept}\b|(?<!\bon )\b{nouns} {kept}{end}"
            rf"|\b{orders} (?:the |this |our |its |la |el )?{nouns}\b|\b{_any(address['says'])}\b|^{kept}$"
        ),
        closed=re.compile(rf"\b{_any(data['closed'])}\b"),
        closed_whole=frozenset(word for each in data["closed_whole"] for word in plain(each).split()),
        closed_in_part=re.compile(rf"\b{_any(data['closed_in_part'])}s?\b"),
    )


def _any(phrases: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(plain(each)) for each in sorted(phrases, key=len, reverse=True)) + ")"
