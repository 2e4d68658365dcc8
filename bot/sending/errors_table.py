"""Reads and checks ``dialogs/content/twilio_errors.yml``; the same check runs at start-up, in the CLI and in CI."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.core.send_policy import ErrorClass, ErrorRule, ErrorTable

FILE = Path("content", "twilio_errors.yml")

_HTTP_STATUS = re.compile(r"[1-5](\d\d|xx)")
_KNOWN = frozenset(item.value for item in ErrorClass)
_NARROW = "only_this_number"


class ErrorsTableInvalid(ValueError):
    """The table cannot be used. ``problems`` says why, one plain sentence each."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the problems and show them all."""
        super().__init__("; ".join(problems))
        self.problems = problems


class _OnceLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice, which YAML readers otherwise drop in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """As ever, but ``ErrorsTableInvalid`` for a key given twice."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise ErrorsTableInvalid([f"{key} is listed twice" for key in twice])
        return super().construct_mapping(node, deep)


@cache
def load_errors(root: Path) -> ErrorTable:
    """The table under the dialogs folder ``root``, read once. Raises :class:`ErrorsTableInvalid` when it is wrong."""
    content = _read(root / FILE)
    problems = list(_problems(content))
    if problems:
        raise ErrorsTableInvalid(problems)
    return ErrorTable(
        codes={code: _rule(str(code), entry) for code, entry in content["codes"].items()},
        http={str(status): _rule(f"http {status}", entry) for status, entry in content["http"].items()},
        default=_rule("default", content["default"]),
    )


def lint_errors(root: Path) -> list[str]:
    """What is wrong with the table, one plain sentence each; empty when it is fit for use."""
    try:
        return list(_problems(_read(root / FILE)))
    except ErrorsTableInvalid as error:
        return error.problems


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_OnceLoader)
    except (OSError, yaml.YAMLError) as error:
        raise ErrorsTableInvalid([f"{path.name} cannot be read ({type(error).__name__})"]) from error


def _rule(error: str, entry: Mapping[str, Any]) -> ErrorRule:
    return ErrorRule(error, ErrorClass(entry["class"]), entry["meaning"], bool(entry.get(_NARROW)))


def _problems(content: Any) -> Iterator[str]:
    if not isinstance(content, dict) or set(content) != {"default", "http", "codes"}:
        yield "the table has exactly default, http and codes"
        return
    yield from _entry_problems("default", content["default"])
    yield from _section_problems("http", content["http"], lambda key: bool(_HTTP_STATUS.fullmatch(str(key))))
    yield from _section_problems("codes", content["codes"], lambda key: type(key) is int and 10000 <= key <= 99999)


def _section_problems(name: str, section: Any, known_key: Any) -> Iterator[str]:
    if not isinstance(section, dict):
        yield f"{name} is not a mapping"
        return
    for key, entry in section.items():
        if not known_key(key):
            yield f"{key} is not a key that {name} can have"
        yield from _entry_problems(f"{name} {key}", entry)


def _entry_problems(where: str, entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict) or set(entry) - {_NARROW} != {"class", "meaning"}:
        yield f"{where} has not just class and meaning"
        return
    if entry["class"] not in _KNOWN:
        yield f"{where} has the unknown class {entry['class']}"
    if not isinstance(entry["meaning"], str) or not entry["meaning"].strip():
        yield f"{where} has no meaning in words"
    if _NARROW in entry and (entry["class"] != ErrorClass.ALERT_OPERATOR or entry[_NARROW] is not True):
        yield f"{where} has {_NARROW}, which is true and goes with alert_operator, or is left out"
