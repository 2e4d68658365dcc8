"""The items of a JSON file one at a time: an array, an array inside an object, one object, or JSON lines."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.directory.folder import Folder, PackageError
from bot.directory.report import Report, Where

CHUNK = 1 << 16
# An item longer than this is no listing.
LONGEST_ITEM = 32 * 1024 * 1024
# What wraps the listings: a Page of the API, or a name for them.
WRAPPERS = ("contents", "services", "organizations", "items", "data", "results")
_SPACE = re.compile(r"[\s,]*")
_WRAPPED = re.compile(rf'"(?:{"|".join(WRAPPERS)})"\s*:\s*\[')


class _Text:
    """A window on a file that moves on."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.window = ""
        self.ended = False

    def more(self) -> bool:
        """Read on; False at the end."""
        chunk = self._file.read(CHUNK)
        self.ended = not chunk
        self.window += chunk
        if len(self.window) > LONGEST_ITEM:
            raise PackageError("An item of this file is longer than 32 MB; it is not a list of places.")
        return not self.ended

    def drop(self, end: int) -> None:
        """Go on after ``end``."""
        self.window = self.window[end:]


def items(path: Path, report: Report) -> Iterator[tuple[Where, Any]]:
    """The items of the file, or of the JSON files of a folder or zip archive, in order, with little in memory.

    Of JSON lines, one that is no JSON is refused and reported. Raises :class:`PackageError` naming the item at fault
    where the items behind it cannot be told, and where a file breaks off.
    """
    folder = Folder(path)
    for name in folder.json_names or folder.names:
        shown = path.name if path.is_file() and not zipfile.is_zipfile(path) else name
        try:
            with folder.open(name) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig") as file:
                text = _Text(file)
                text.more()
                yield from _items(text, shown, report)
        except UnicodeError:
            raise PackageError(f"{shown} is not in UTF-8.") from None


def _items(text: _Text, name: str, report: Report) -> Iterator[tuple[Where, Any]]:
    start = text.window.lstrip()[:1]
    if start == "[":
        text.drop(text.window.index("[") + 1)
        yield from _values(text, name, closes=True)
        return
    if start != "{":
        raise PackageError(f"{name} is not JSON.")
    wrapped = _find_wrapper(text)
    if wrapped is not None:
        text.drop(wrapped)
        yield from _values(text, name, closes=True)
    elif _is_lines(text, name):
        yield from _lines(text, name, report)
    else:
        yield from _values(text, name, closes=False)


def _is_lines(text: _Text, name: str) -> bool:
    """Whether each line is an item: the first is a whole one, or some are and the name of the file says so."""
    while "\n" not in text.window.lstrip() and text.more():
        pass
    whole = [line for line in text.window.lstrip().splitlines(keepends=True) if line.endswith(("\n", "\r"))]
    is_named = name.lower().endswith((".jsonl", ".ndjson"))
    return any(isinstance(_read(line), dict) for line in (whole if is_named else whole[:1]))


def _lines(text: _Text, name: str, report: Report) -> Iterator[tuple[Where, Any]]:
    number = 0
    while text.window or text.more():
        line, end, _ = text.window.partition("\n")
        if not end and text.more():
            continue
        text.drop(len(line) + len(end))
        if not line.strip():
            continue
        number += 1
        value = _read(line)
        if value is not None:
            yield Where(name, number), value
        elif end:
            report.refuse(Where(name, number), "", "the line is not JSON")
        else:
            raise PackageError(f"{name} is not JSON, at item {number}: it breaks off.")


def _read(line: str) -> Any:
    """The value of a line; None for what is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _find_wrapper(text: _Text) -> int | None:
    """Where the wrapped array begins, when the object is a wrapper: one of the names, at its outermost level."""
    found = _WRAPPED.search(text.window)
    if not found:
        return None
    before = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text.window[: found.start()])
    outermost = before.count("{") - before.count("}") == 1 and before.count("[") == before.count("]")
    own_name = re.search(r'"name"\s*:', text.window[: found.start()])
    return found.end() if outermost and not own_name else None


def _values(text: _Text, name: str, *, closes: bool) -> Iterator[tuple[Where, Any]]:
    """Values with white space or commas between them, up to the closing bracket or the end."""
    decoder, number = json.JSONDecoder(), 0
    while True:
        space = _SPACE.match(text.window)
        assert space is not None
        text.drop(space.end())
        if not text.window and not text.more():
            break
        if not text.window.strip():
            continue
        if closes and text.window.startswith("]"):
            break
        number += 1
        value, end = _decode(decoder, text, name, number)
        text.drop(end)
        yield Where(name, number), value


def _decode(decoder: json.JSONDecoder, text: _Text, name: str, number: int) -> tuple[Any, int]:
    while True:
        try:
            return decoder.raw_decode(text.window)
        except json.JSONDecodeError as error:
            if not text.more():
                raise PackageError(f"{name} is not JSON, at item {number}: {error.msg}.") from None
        except RecursionError:
            raise PackageError(f"{name} is no list of places, at item {number}: it is too deep.") from None
