"""The small pattern language of the lexicon files: phrases a person without programming can read and change.

    stop (texting|messaging) me      one of several; alternatives may be several words
    please? stop (this|it)?          the word, or the bracket, may be missing
    do not <contact>                 any entry of the list named ``contact`` in ``sets``
    stop ... texting                 at most three words in between, within one sentence
    unsubscri*                       any word that begins so
    <any>                            any one word
    <end>                            the end of a sentence

Patterns are read here into trees; :mod:`bot.core.matcher` matches them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Spell = Callable[[str], Sequence[str]]

_PIECE = re.compile(r"\.\.\.|<\w+>|[()|?]|[^\s()|<>?]+")
_DEEPEST = 8
_GAP_WORDS = 3


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why, the caller says where."""


@dataclass(frozen=True)
class Word:
    """One word as it stands, or (``begins``) any word that begins with it."""

    text: str
    begins: bool = False


@dataclass(frozen=True)
class AnyWord:
    """Any one word, but not the end of a sentence."""


@dataclass(frozen=True)
class InOrder:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class OneOf:
    """Any one of several."""

    branches: tuple[Node, ...]


@dataclass(frozen=True)
class Maybe:
    """There or not."""

    inner: Node


Node: TypeAlias = Word | AnyWord | InOrder | OneOf | Maybe
SENTENCE_END = "."
_BUILT_IN: Mapping[str, Node] = {
    "...": InOrder((Maybe(AnyWord()),) * _GAP_WORDS),
    "<any>": AnyWord(),
    "<end>": Word(SENTENCE_END),
}


class PatternReader:
    """Reads patterns with the named lists and the spelling of one language."""

    def __init__(self, sets: Mapping[str, Sequence[str]], spell: Spell) -> None:
        self._sets = sets
        self._spell = spell
        self._known: dict[str, Node] = {}
        self._words: dict[str, Node] = {}

    def read(self, pattern: str, depth: int = 0) -> Node:
        """The tree of one pattern. Raises :class:`PatternError` for one that cannot be read."""
        pieces = _PIECE.findall(pattern)
        if "".join(pieces) != "".join(pattern.split()):
            raise PatternError(f"stray < or > in {pattern!r}")
        node, rest = self._branches(pieces, 0, depth)
        if rest != len(pieces):
            raise PatternError(f"a bracket closes that was never opened in {pattern!r}")
        return node

    def _branches(self, pieces: list[str], at: int, depth: int) -> tuple[Node, int]:
        """Alternatives up to a closing bracket or the end."""
        branches: list[list[Node]] = [[]]
        while at < len(pieces) and pieces[at] != ")":
            if pieces[at] == "|":
                branches.append([])
                at += 1
                continue
            known = self._words.get(pieces[at])
            if known and pieces[at + 1 : at + 2] != ["?"]:
                node, at = known, at + 1
            else:
                node, at = self._element(pieces, at, depth)
            branches[-1].append(node)
        if not all(branches):
            raise PatternError("a pattern, a bracket or an alternative is empty")
        nodes = tuple(parts[0] if len(parts) == 1 else InOrder(tuple(parts)) for parts in branches)
        return (nodes[0] if len(nodes) == 1 else OneOf(nodes)), at

    def _element(self, pieces: list[str], at: int, depth: int) -> tuple[Node, int]:
        """One word, gap, list or bracket, and the question mark that may follow it."""
        if pieces[at] == "?":
            raise PatternError("a question mark must stand right behind a word or a bracket")
        node, at = self._bare_element(pieces, at, depth)
        if at < len(pieces) and pieces[at] == "?":
            return Maybe(node), at + 1
        return node, at

    def _bare_element(self, pieces: list[str], at: int, depth: int) -> tuple[Node, int]:
        """The element without its question mark."""
        piece = pieces[at]
        if piece in self._words:
            return self._words[piece], at + 1
        if piece == "(":
            inner, end = self._branches(pieces, at + 1, depth)
            if end >= len(pieces):
                raise PatternError("a bracket is never closed")
            return inner, end + 1
        if piece in _BUILT_IN:
            return _BUILT_IN[piece], at + 1
        if piece.startswith("<"):
            return self._list(piece[1:-1], depth), at + 1
        self._words[piece] = self._word(piece)
        return self._words[piece], at + 1

    def _list(self, name: str, depth: int) -> Node:
        """Any entry of a named list; lists may name other lists, but not themselves."""
        if name not in self._sets:
            raise PatternError(f"there is no list named {name!r}")
        if name not in self._known:
            if depth >= _DEEPEST:
                raise PatternError(f"the list {name!r} refers to itself")
            self._known[name] = OneOf(tuple(self.read(entry, depth + 1) for entry in self._sets[name]))
        return self._known[name]

    def _word(self, piece: str) -> Node:
        """A literal word in its usual spelling, or the words that begin with it."""
        spelt = self._spell(piece.removesuffix("*"))
        if not spelt:
            raise PatternError(f"{piece!r} holds no letter, digit or emoji")
        nodes = tuple(Word(word, piece.endswith("*")) for word in spelt)
        return nodes[0] if len(nodes) == 1 else InOrder(nodes)
