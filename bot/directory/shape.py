"""The shape of a listing: what must be an object or a list of them. What is not is no listing that can be trusted.

Checked once, where a listing comes in, so that nothing behind it meets a number where an object belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class _Objects:
    """A list of objects with parts of their own, or one alone instead; ``or_words``: words may stand there as well.

    ``is_one``: never a list. ``is_list``: never one alone.
    """

    parts: Mapping[str, _Objects] = field(default_factory=dict)
    or_words: bool = False
    is_one: bool = False
    is_list: bool = False


_PLAIN = _Objects()
_WORDS = _Objects(or_words=True)
_TERMS = _Objects({"taxonomy_term": _Objects(or_words=True, is_one=True)}, is_list=True)
_HOURS = {"schedules": _PLAIN, "schedule": _PLAIN, "holiday_schedules": _PLAIN}
_PHONES = {"phones": _PLAIN, "phone": _WORDS}
_CONTACTS = _Objects(_PHONES)
_ADDRESSES = _Objects({"attributes": _TERMS}, is_list=True)
_LOCATION = _Objects(
    {**_HOURS, **_PHONES, "languages": _WORDS, "addresses": _ADDRESSES, "attributes": _TERMS}, is_one=True
)
_LISTING = _Objects(
    {
        **_HOURS,
        **_PHONES,
        "organization": _Objects({**_PHONES, "contacts": _CONTACTS, "attributes": _TERMS}, is_one=True),
        "contacts": _CONTACTS,
        "service_at_locations": _Objects({**_HOURS, **_PHONES, "location": _LOCATION}, is_list=True),
        "languages": _WORDS,
        "required_documents": _WORDS,
        "service_areas": _WORDS,
        "attributes": _TERMS,
        "cost_options": _PLAIN,
        "metadata": _PLAIN,
    },
    is_one=True,
)


def fault(listing: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first part of a listing that is not shaped like one, and what it should be; None for a good one."""
    return next(_faults(listing, _LISTING, ""), None)


def _faults(value: Mapping[str, Any], shape: _Objects, path: str) -> Iterator[tuple[str, str]]:
    for name, part in shape.parts.items():
        given, at = value.get(name), f"{path}{name}"
        if given in (None, "", [], {}, ()):
            continue
        several = isinstance(given, list | tuple) and not part.is_one
        for each in given if several else [given]:
            if isinstance(each, Mapping) and (several or not part.is_list):
                yield from _faults(each, part, f"{at}.")
            elif not (part.or_words and isinstance(each, str)):
                yield at, "is not an object" if part.is_one else "is not a list of objects"
