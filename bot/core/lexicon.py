"""The words of one language, ready to be matched: what ``dialogs/lexicon/<language>/`` becomes.

:mod:`bot.content` reads the files and calls :meth:`Lexicon.from_dict`; :mod:`bot.core.lexicon_lint` says what is
wrong with one, with the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.core import text
from bot.core.lexicon_lint import (
    LISTS,
    MAPS,
    PATTERNS,
    TOPICS,
    alarm_kinds,
    command_intents,
    label_answers,
    lint_shape,
    look_up,
    read_patterns,
    reply_answers,
    topic_values,
)
from bot.core.matcher import Matcher
from bot.core.typos import Typos

_MOST_FILLERS = 12
_LONGEST_FILLER = 5
_DOUBLED = re.compile(r"(.)\1")
_DOUBLED_END = re.compile(r"(.)\1$")
_PLACE = re.compile(r"<\w+>|\.\.\.|[()|?*]")


class LexiconError(ValueError):
    """A lexicon that cannot be used; ``problems`` names each place."""

    def __init__(self, language: str, problems: list[str]) -> None:
        super().__init__(f"lexicon {language}: " + "; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, eq=False, repr=False)
class Spelling:
    """How the language's words are written out (``u`` -> ``you``) and which misspelt ones are mended."""

    forms: Mapping[str, tuple[str, ...]]
    vocabulary: frozenset[str]
    typos: Typos

    @lru_cache(maxsize=8192)  # noqa: B019 - one per language, kept for as long as the process
    def spell(self, token: str) -> tuple[str, ...]:
        """One token in its usual spelling, which may be several words. Unknown tokens stay as they are."""
        if token in self.forms:
            return self.forms[token]
        if token in self.vocabulary or not token.isalpha():
            return (token,)
        for form in (_DOUBLED_END.sub(r"\1", token), _DOUBLED.sub(r"\1", token)):
            if form in self.forms:
                return self.forms[form]
            if form in self.vocabulary:
                return (form,)
        mended = self.typos.find(token) or token
        return self.forms.get(mended, (mended,))


@dataclass(frozen=True, eq=False, repr=False)
class Lexicon:
    """One language's lists, compiled. Ask with the dotted place in the file: ``rule("safety.ignore")``."""

    language: str
    spelling: Spelling
    rules: Mapping[str, Matcher]
    lists: Mapping[str, frozenset[str]]
    tables: Mapping[str, Mapping[str, Any]]
    commands: Matcher
    certain_alarms: Matcher
    doubtful_alarms: Matcher
    topics: Mapping[str, Matcher]
    scales: Mapping[str, Matcher]
    replies: Mapping[str, Matcher]
    labels: Mapping[str, Matcher]

    @classmethod
    def from_dict(cls, lang: str, data: Mapping[str, Any]) -> Lexicon:
        """Compile a parsed lexicon file. Raises :class:`LexiconError` naming every place that is wrong."""
        problems = lint_shape(data)
        if problems:
            raise LexiconError(lang, problems)
        spelling = _spelling(data)
        nodes, problems = read_patterns(data, lambda piece: _spell_out(spelling, text.words(piece)))
        if problems:
            raise LexiconError(lang, problems)
        return cls(
            language=lang,
            spelling=spelling,
            rules={path: Matcher({path: nodes[path]}) for path in PATTERNS},
            lists={path: _phrases(spelling, look_up(data, path)) for path in LISTS},
            tables={path: _table(spelling, look_up(data, path)) for path in MAPS},
            commands=Matcher({intent: nodes[f"commands.{intent}"] for intent in command_intents(data)}),
            certain_alarms=Matcher({kind: nodes[f"safety.{kind}.certain"] for kind in alarm_kinds(data)}),
            doubtful_alarms=Matcher({kind: nodes[f"safety.{kind}.doubtful"] for kind in alarm_kinds(data)}),
            scales={
                scale: Matcher({level: nodes[f"answers.scales.{scale}.{level}"] for level in levels})
                for scale, levels in data["answers"]["scales"].items()
            },
            replies={
                item: Matcher({answer: nodes[f"replies.{item}.{answer}"] for answer in answers})
                for item, answers in reply_answers(data).items()
            },
            labels={
                item: Matcher({answer: nodes[f"replies.labels.{item}.{answer}"] for answer in answers})
                for item, answers in label_answers(data).items()
            },
            topics={
                topic: Matcher({value: nodes[f"topics.{topic}.{value}"] for value in topic_values(data, topic)})
                for topic in TOPICS
            },
        )

    def spell(self, found: Iterable[str]) -> list[str]:
        """Tokens in their usual spelling: what rules are matched with."""
        spell = self.spelling.spell
        return [word for token in found for word in spell(token)]

    def rule(self, path: str) -> Matcher:
        """The patterns at ``path``. Raises ``KeyError`` for an unknown place."""
        return self.rules[path]

    def words(self, path: str) -> frozenset[str]:
        """The list at ``path``. Raises ``KeyError`` for an unknown place."""
        return self.lists[path]

    def table(self, path: str) -> Mapping[str, Any]:
        """The table at ``path``. Raises ``KeyError`` for an unknown place."""
        return self.tables[path]

    def whole(self, path: str, spelt: Sequence[str]) -> bool:
        """True when the rule at ``path`` covers all of ``spelt``."""
        return self.rules[path].whole(spelt) is not None

    def cores(self, spelt: list[str], *, front: str, end: str | None = None) -> Iterator[list[str]]:
        """``spelt``, then what is left of it without the ``front`` words before it and the ``end`` words after it."""
        for _ in range(_MOST_FILLERS):
            yield spelt
            if end:
                yield from _shorter(spelt, self.rules[end])
            cut = self.rules[front].longest(spelt)
            if cut in (0, len(spelt)):
                return
            spelt = spelt[cut:]

    def knows(self, found: Iterable[str]) -> bool:
        """True when every token is a word of this language's file (or no word at all)."""
        return not self.unknown(found)

    def unknown(self, found: Iterable[str]) -> int:
        """How many tokens are words, but none of this language's file."""
        return sum(token.isalpha() and token not in self.spelling.vocabulary for token in found)


def _shorter(spelt: list[str], fillers: Matcher) -> Iterator[list[str]]:
    """``spelt`` without the filler at its end, then without the one before that …"""
    for _ in range(_MOST_FILLERS):
        sizes = range(min(_LONGEST_FILLER, len(spelt) - 1), 0, -1)
        size = next((size for size in sizes if fillers.whole(spelt[-size:])), None)
        if size is None:
            return
        spelt = spelt[:-size]
        yield spelt


def _spell_out(spelling: Spelling, found: list[str]) -> list[str]:
    """Words of the lexicon itself: written out, never taken for typos."""
    return [word for token in found for word in spelling.forms.get(token, (token,))]


def _phrases(spelling: Spelling, entries: list[str]) -> frozenset[str]:
    """A list's entries as they will look in a reply."""
    return frozenset(" ".join(_spell_out(spelling, text.words(entry))) for entry in entries)


def _table(spelling: Spelling, entries: Mapping[str, Any]) -> dict[str, Any]:
    """A table with its keys as they will look in a reply."""
    return {" ".join(_spell_out(spelling, text.words(key))): value for key, value in entries.items()}


def _spelling(data: Mapping[str, Any]) -> Spelling:
    """The spelling of the language: its own table, and every word that the file uses as its vocabulary."""
    forms = {text.normalise(k): tuple(text.words(v)) for k, v in data["spelling"].items()}
    # Every piece once, and as one text: cutting thousands of small ones into words would be most of the start.
    pieces = set(_PLACE.sub(" ", "\n".join(_all_texts(data))).split())
    used = {*forms, *text.words("\n".join(filter(str.isascii, pieces)))}
    used.update(word for piece in pieces if not piece.isascii() for word in text.words(piece))
    used.update(word for value in forms.values() for word in value)
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
