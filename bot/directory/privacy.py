"""The marks by which directories keep a listing or a place from the public."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.directory.values import is_yes, text

# Fields that, when set, keep the whole object private; and those that do so when they are not.
MARKS = ("private", "is_private", "confidential", "is_confidential", "confidential_address", "address_confidential")
HIDING_MARKS = ("hidden", "internal_only", "do_not_publish", "exclude_from_public")
PUBLIC_MARKS = ("public", "is_public", "published", "is_published", "show_publicly")
LEVELS = ("visibility", "access", "privacy", "access_level", "address_type", "location_type")
KEPT_FROM_PUBLIC = frozenset(
    {"private", "confidential", "hidden", "internal", "restricted", "not public", "staff", "none"}
)
_KEPT = r"confidential|undisclosed|withheld|private|not (?:disclosed|published|public)"
_WORDS = re.compile(
    rf"\b(?:(?:confidential|undisclosed|private) (?:location|address|site)"
    rf"|(?:location|address|site) (?:is |kept )?(?:{_KEPT})"
    rf"|call for (?:the )?(?:address|location))\b|^\W*(?:{_KEPT})\W*$",
    re.IGNORECASE,
)


def is_private(raw: Mapping[str, Any]) -> bool:
    """Whether the object is marked as not for the public."""
    if any(is_yes(raw.get(name)) for name in (*MARKS, *HIDING_MARKS)):
        return True
    if any(raw.get(name) is False or text(raw.get(name)).lower() in ("false", "no", "0") for name in PUBLIC_MARKS):
        return True
    if any(text(raw.get(name)).lower() in KEPT_FROM_PUBLIC for name in LEVELS):
        return True
    return any(_is_mark(each) for each in raw.get("attributes") or () if isinstance(each, Mapping))


def hides_place(*words: Any) -> bool:
    """Whether the words of a place or an address say that it is not to be told."""
    return any(_WORDS.search(text(each)) for each in words)


def _is_mark(attribute: Mapping[str, Any]) -> bool:
    term = attribute.get("taxonomy_term") or {}
    name = text(term.get("name") if isinstance(term, Mapping) else term).lower()
    value = attribute.get("value")
    return name in ("private", "confidential", "private listing", "confidential location") and (
        value in (None, "") or is_yes(value)
    )
