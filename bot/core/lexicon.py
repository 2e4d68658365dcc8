"""The words of one language, ready to be matched: what ``dialogs/lexicon/<language>.yml`` becomes.

:mod:`bot.content` reads the files and calls :meth:`Lexicon.from_dict`; :mod:`bot.core.lexicon_lint` says what is
wrong with one, with the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core import text
from bot.core.lexicon_lint import LISTS, MAPS, alarm_kinds, command_intents, lint, look_up, pattern_paths
from bot.core.patterns import PatternCompiler
from bot.core.typos import Typos

_MOST_FILLERS = 12

WORD_START = r"(?<!\S)"
_PLACE = re.compile(r"<\w+>|\.\.\.|[()|?*]")


class LexiconError(ValueError):
    """A lexicon that cannot be used; ``problems`` names each place."""

    def __init__(self, language: str, problems: list[str]) -> None:
        super().__init__(f"lexicon {language}: " + "; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Spelling:
    """How the language's words are written out (``u`` -> ``you``) and which misspelt ones are mended."""

    forms: Mapping[str, str]
    vocabulary: frozenset[str]
    typos: Typos

    def spell(self, token: str) -> str:
        """One token in its usual spelling, which may be several words. Unknown tokens stay as they are."""
        if token in self.forms:
            return self.forms[token]
        if token in self.vocabulary or not token.isalpha():
            return token
        single = re.sub(r"(.)\1", r"\1", token)
        for form in (re.sub(r"(.)\1$", r"\1", token), single):
            if form in self.forms:
                return self.forms[form]
            if form in self.vocabulary:
                return form
        return self.typos.find(token) or token


@dataclass(frozen=True, eq=False)
class Lexicon:
    """One language's lists, compiled. Ask with the dotted place in the file: ``rule("safety.ignore")``."""

    language: str
    spelling: Spelling
    rules: Mapping[str, re.Pattern[str]]
    lists: Mapping[str, frozenset[str]]
    tables: Mapping[str, Mapping[str, Any]]
    commands: re.Pattern[str]
    alarms: tuple[str, ...]

    @classmethod
    def from_dict(cls, lang: str, data: Mapping[str, Any]) -> Lexicon:
        """Compile a parsed lexicon file. Raises :class:`LexiconError` naming every place that is wrong."""
        problems = lint(data)
        if problems:
            raise LexiconError(lang, problems)
        spelling = _spelling(data)
        compiler = PatternCompiler(data["sets"], lambda piece: _spell_out(spelling, text.words(piece)))
        rules = {path: _rule(compiler, look_up(data, path)) for path in pattern_paths(data)}
        return cls(
            language=lang,
            spelling=spelling,
            rules=rules,
            lists={path: _phrases(spelling, look_up(data, path)) for path in LISTS},
            tables={path: _table(spelling, look_up(data, path)) for path in MAPS},
            commands=re.compile("|".join(f"(?P<{i}>{rules[f'commands.{i}'].pattern})" for i in command_intents(data))),
            alarms=alarm_kinds(data),
        )

    def spell(self, found: Iterable[str]) -> str:
        """Tokens in their usual spelling, each followed by one space: the text that rules are matched with."""
        spell = self.spelling.spell
        return "".join([spell(token) + " " for token in found])

    def rule(self, path: str) -> re.Pattern[str]:
        """The patterns at ``path`` as one expression. Raises ``KeyError`` for an unknown place."""
        return self.rules[path]

    def words(self, path: str) -> frozenset[str]:
        """The list at ``path``. Raises ``KeyError`` for an unknown place."""
        return self.lists[path]

    def table(self, path: str) -> Mapping[str, Any]:
        """The table at ``path``. Raises ``KeyError`` for an unknown place."""
        return self.tables[path]

    def whole(self, path: str, spelt: str) -> bool:
        """True when the rule at ``path`` covers all of ``spelt``."""
        return self.rules[path].fullmatch(spelt) is not None

    def cores(self, spelt: str, *, front: str, end: str | None = None) -> Iterator[str]:
        """``spelt``, then what is left of it without the ``front`` words before it and the ``end`` words after it."""
        for _ in range(_MOST_FILLERS):
            yield spelt
            if end:
                yield from _shorter(spelt, self.rules[end])
            match = self.rules[front].match(spelt)
            if match is None or match.end() == len(spelt):
                return
            spelt = spelt[match.end() :]

    def knows(self, found: Iterable[str]) -> bool:
        """True when every token is a word of this language's file (or no word at all)."""
        return all(token in self.spelling.vocabulary or not token.isalpha() for token in found)


def _shorter(spelt: str, fillers: re.Pattern[str]) -> Iterator[str]:
    """``spelt`` without the filler at its end, then without the one before that …"""
    found = spelt.split()
    end = len(found)
    for _ in range(_MOST_FILLERS):
        for size in range(1, min(5, end)):
            if fillers.fullmatch(" ".join(found[end - size : end]) + " "):
                end -= size
                yield " ".join(found[:end]) + " "
                break
        else:
            return


def _rule(compiler: PatternCompiler, patterns: list[str]) -> re.Pattern[str]:
    """The patterns as one expression that begins at a word."""
    return re.compile(WORD_START + compiler.any_of(patterns))


def _spell_out(spelling: Spelling, found: list[str]) -> str:
    """Words of the lexicon itself: written out, never taken for typos."""
    return " ".join(spelling.forms.get(token, token) for token in found)


def _phrases(spelling: Spelling, entries: list[str]) -> frozenset[str]:
    """A list's entries as they will look in a reply."""
    return frozenset(_spell_out(spelling, text.words(entry)) for entry in entries)


def _table(spelling: Spelling, entries: Mapping[str, Any]) -> dict[str, Any]:
    """A table with its keys as they will look in a reply."""
    return {_spell_out(spelling, text.words(key)): value for key, value in entries.items()}


def _spelling(data: Mapping[str, Any]) -> Spelling:
    """The spelling of the language: its own table, and every word that the file uses as its vocabulary."""
    forms = {text.normalise(k): " ".join(text.words(v)) for k, v in data["spelling"].items()}
    used: set[str] = set(forms)
    for entry in _all_texts(data):
        used.update(word for word in text.words(_PLACE.sub(" ", entry)))
    used.update(word for value in forms.values() for word in value.split())
    return Spelling(forms, frozenset(used), Typos(text.normalise(word) for word in data["typos"]))


def _all_texts(data: Any) -> Iterable[str]:
    """Every text in the file, keys of tables included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield str(key)
            yield from _all_texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _all_texts(value)
