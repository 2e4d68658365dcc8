"""The content of the directory of places: needs and categories, and how places are chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.content.load import ContentError, content_root, read_yaml
from bot.core.directory.needs import Crosswalk, CrosswalkError, read_crosswalk
from bot.core.directory.rules import Rules, RulesError, read_rules


@dataclass(frozen=True)
class DirectoryContent:
    """Which listing helps with which need, and how the best are chosen."""

    crosswalk: Crosswalk
    rules: Rules


def load_directory(root: Path | None = None) -> DirectoryContent:
    """Read it, once a process. Raises :class:`ContentError` naming the file at fault."""
    return _load(root or content_root())


def lint_directory(root: Path) -> Iterator[str]:
    """What is wrong with it, each problem with its file."""
    try:
        load_directory(root)
    except ContentError as error:
        yield str(error)


@cache
def _load(root: Path) -> DirectoryContent:
    needs, rules = root / "content" / "needs_to_categories.yml", root / "content" / "directory.yml"
    try:
        return DirectoryContent(read_crosswalk(read_yaml(needs)), read_rules(read_yaml(rules)))
    except CrosswalkError as error:
        raise ContentError(f"{needs}: {error}") from None
    except RulesError as error:
        raise ContentError(f"{rules}: {error}") from None
