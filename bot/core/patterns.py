"""The small pattern language of the lexicon files: phrases a person without programming can read and change.

    stop (texting|messaging) me      one of several; alternatives may be several words
    please? stop (this|it)?          the word, or the bracket, may be missing
    do not <contact>                 any entry of the list named ``contact`` in ``sets``
    stop ... texting                 at most three words in between, within one sentence
    unsubscri*                       any word that begins so
    <any>                            any one word

Patterns meet text in which every word is followed by one space and every sentence ends in ``. ``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

Spell = Callable[[str], str]

_PIECE = re.compile(r"\.\.\.|<\w+>|[()|?]|[^\s()|<>?]+")
_GAP = r"(?:(?!\. )\S+ ){0,3}?"
ANY_WORD = r"(?!\. )\S+ "
_DEEPEST = 8


def one_of(branches: Iterable[str]) -> str:
    """One expression for any of several, the longest tried first, so that ``no way`` is not read as ``no``."""
    return "(?:" + "|".join(sorted(dict.fromkeys(branches), key=len, reverse=True)) + ")"


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why, the caller says where."""


class PatternCompiler:
    """Turns patterns into regular expressions, with the named lists and the spelling of one language."""

    def __init__(self, sets: Mapping[str, Sequence[str]], spell: Spell) -> None:
        self._sets = sets
        self._spell = spell
        self._known: dict[str, str] = {}

    def expression(self, pattern: str) -> str:
        """The regular expression of one pattern. Raises :class:`PatternError` for one that cannot be read."""
        pieces = _PIECE.findall(pattern)
        if "".join(pieces) != "".join(pattern.split()):
            raise PatternError(f"stray < or > in {pattern!r}")
        if not pieces:
            raise PatternError("the pattern is empty")
        found, rest = self._sequence(pieces, 0, 0)
        if rest != len(pieces):
            raise PatternError(f"{pieces[rest]!r} without its opening in {pattern!r}")
        return found

    def any_of(self, patterns: Iterable[str]) -> str:
        """One expression for any of ``patterns``; it matches nothing when there are none."""
        return one_of([self.expression(p) for p in patterns] or ["(?!)"])

    def _sequence(self, pieces: list[str], at: int, depth: int) -> tuple[str, int]:
        """Alternatives up to a closing bracket or the end."""
        branches = [""]
        while at < len(pieces) and pieces[at] != ")":
            if pieces[at] == "|":
                branches.append("")
                at += 1
                continue
            part, at = self._element(pieces, at, depth)
            branches[-1] += part
        if len(branches) > 1 and "" in branches:
            raise PatternError("an alternative is empty")
        return one_of(branches), at

    def _element(self, pieces: list[str], at: int, depth: int) -> tuple[str, int]:
        """One word, gap, list or bracket, and the question mark that may follow it."""
        if pieces[at] == "?":
            raise PatternError("a question mark must stand right behind a word or a bracket")
        found, at = self._bare_element(pieces, at, depth)
        if at < len(pieces) and pieces[at] == "?":
            return f"(?:{found})?", at + 1
        return found, at

    def _bare_element(self, pieces: list[str], at: int, depth: int) -> tuple[str, int]:
        """The element without its question mark."""
        piece = pieces[at]
        if piece == "(":
            inner, end = self._sequence(pieces, at + 1, depth)
            if end >= len(pieces):
                raise PatternError("a bracket is never closed")
            if not inner:
                raise PatternError("a bracket is empty")
            return f"(?:{inner})", end + 1
        if piece == "...":
            return _GAP, at + 1
        if piece == "<any>":
            return ANY_WORD, at + 1
        if piece.startswith("<"):
            return self._list(piece[1:-1], depth), at + 1
        return self._word(piece), at + 1

    def _list(self, name: str, depth: int) -> str:
        """Any entry of a named list; lists may name other lists, but not themselves."""
        if name not in self._sets:
            raise PatternError(f"there is no list named {name!r}")
        if name not in self._known:
            if depth >= _DEEPEST:
                raise PatternError(f"the list {name!r} refers to itself")
            entries = [self._entry(entry, depth + 1) for entry in self._sets[name]]
            self._known[name] = one_of(entries)
        return self._known[name]

    def _entry(self, entry: str, depth: int) -> str:
        """One entry of a list, itself a pattern."""
        pieces = _PIECE.findall(entry)
        found, rest = self._sequence(pieces, 0, depth)
        if not found or rest != len(pieces):
            raise PatternError(f"the list entry {entry!r} cannot be read")
        return found

    def _word(self, piece: str) -> str:
        """A literal word in its usual spelling, or the words that begin with it."""
        if piece.endswith("*"):
            return re.escape(self._spell(piece[:-1])) + r"\S* "
        spelt = self._spell(piece)
        if not spelt:
            raise PatternError(f"{piece!r} holds no letter, digit or emoji")
        return "".join(re.escape(word) + " " for word in spelt.split())
