"""The items of a JSON file one at a time: an array, an array inside an object, one object, or JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.directory.folder import PackageError

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


def items(path: Path) -> Iterator[Any]:
    """The items of the file, in order, with little in memory. Raises :class:`PackageError` naming the item at fault."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = _Text(file)
            text.more()
            yield from _items(text, path)
    except UnicodeError:
        raise PackageError(f"{path.name} is not in UTF-8.") from None


def _items(text: _Text, path: Path) -> Iterator[Any]:
    start = text.window.lstrip()[:1]
    if start == "[":
        text.drop(text.window.index("[") + 1)
        yield from _values(text, path, closes=True)
        return
    if start != "{":
        raise PackageError(f"{path.name} is not JSON.")
    wrapped = _find_wrapper(text)
    if wrapped is None:
        yield from _values(text, path, closes=False)
    else:
        text.drop(wrapped)
        yield from _values(text, path, closes=True)


def _find_wrapper(text: _Text) -> int | None:
    """Where the wrapped array begins, when the object is a wrapper: one of the names, at its outermost level."""
    found = _WRAPPED.search(text.window)
    if not found:
        return None
    before = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text.window[: found.start()])
    outermost = before.count("{") - before.count("}") == 1 and before.count("[") == before.count("]")
    own_name = re.search(r'"name"\s*:', text.window[: found.start()])
    return found.end() if outermost and not own_name else None


def _values(text: _Text, path: Path, *, closes: bool) -> Iterator[Any]:
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
        value, end = _decode(decoder, text, path, number)
        text.drop(end)
        yield value


def _decode(decoder: json.JSONDecoder, text: _Text, path: Path, number: int) -> tuple[Any, int]:
    while True:
        try:
            return decoder.raw_decode(text.window)
        except json.JSONDecodeError as error:
            if not text.more():
                raise PackageError(f"{path.name} is not JSON, at item {number}: {error.msg}.") from None
