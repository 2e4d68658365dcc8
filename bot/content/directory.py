"""The content of the directory of places: needs and categories, how places are chosen, the words of listings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.content.load import ContentError, content_root, read_yaml
from bot.core.directory.needs import Crosswalk, CrosswalkError, read_crosswalk
from bot.core.directory.rules import Rules, RulesError, read_rules
from bot.core.directory.words import ListingWords, WordsError, read_words


@dataclass(frozen=True)
class DirectoryContent:
    """Which listing helps with which need, how the best are chosen, and by which words listings are read."""

    crosswalk: Crosswalk
    rules: Rules
    words: ListingWords


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
    needs, rules, words = (
        root / "content" / name for name in ("needs_to_categories.yml", "directory.yml", "listing_words.yml")
    )
    try:
        return DirectoryContent(
            read_crosswalk(read_yaml(needs)), read_rules(read_yaml(rules)), read_words(read_yaml(words))
        )
    except CrosswalkError as error:
        raise ContentError(f"{needs}: {error}") from None
    except RulesError as error:
        raise ContentError(f"{rules}: {error}") from None
    except WordsError as error:
        raise ContentError(f"{words}: {error}") from None
