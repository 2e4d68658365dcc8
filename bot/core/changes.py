"""What is different between two screenings of one patient: needs by domain, answers by item. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One difference: the name of a domain or the link id of an item, and what it was and is (None: not there)."""

    name: str
    before: Any
    now: Any


def changed_needs(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """The domains of which it is now known otherwise whether there is a need. Both are results as they are kept."""
    return _changes(_needs(before), _needs(now))


def changed_answers(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """The items that are answered otherwise, by link id. The words of an answer do not count, its code does."""
    return tuple(change for change in _changes(before, now) if _compared(change.before) != _compared(change.now))


def _needs(result: Mapping[str, Any]) -> dict[str, Any]:
    return {need["domain"]: need["positive"] for need in result.get("needs", ())}


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    names = [*now, *(name for name in before if name not in now)]
    both = (Change(name, before.get(name), now.get(name)) for name in names)
    return tuple(change for change in both if change.before != change.now)


def _compared(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get("code") or value.get("absent")
    return sorted(map(str, map(_compared, value))) if isinstance(value, list) else value
