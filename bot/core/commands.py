"""What people say about the conversation itself: skip, back, later, who is this, can I talk to somebody …

Only messages that are nothing else are read here; the rest is left to the language model. Ask for an answer to the
open question first: an option may be worded like a command ("I don't know").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.numbers import cardinal, is_starred
from bot.core.patterns import SENTENCE_END
from bot.core.yesno import read_yes_no

_LANGUAGE = "change_language_"
_LONGEST = 40
_LONGEST_STARRED = 5
_SWAPPED = 3
_GONE = "~"
# In touch without help: how it went is still to be asked.
_UNSETTLED = "no_help"
# The topic of the lexicon that an intent is about.
_ABOUT = {"change_language": "language", "state_need": "need", "report_status": "status"}


@dataclass(frozen=True)
class Command:
    """An intent and, for ``correct`` the corrected words, for ``change_language`` en, es, other or ``None``."""

    intent: str
    value: str | None = None


def read_command(body: str, lexicons: Mapping[str, Lexicon], language: str) -> Command | None:
    """The one thing that the message says, whole or among other words, or ``None``. The patient's language is first."""
    return read_whole_command(body, lexicons, language) or _request(body, lexicons, language)


def read_whole_command(body: str, lexicons: Mapping[str, Lexicon], language: str) -> Command | None:
    """The one thing that the whole message says and nothing else, or ``None``."""
    found = text.tokens(body)
    if not found or len(found) > _LONGEST:
        return None
    for name in sorted(lexicons, key=lambda other: other != language):
        command = _read_in(found, lexicons[name])
        if command:
            return command
    return None


def _request(body: str, lexicons: Mapping[str, Lexicon], language: str) -> Command | None:
    """A request that stands for itself among other words ("this is no use, let me talk to a person").

    Told by words that ask, not by the topic alone; two different ones in one message are left to be asked about.
    """
    asked = {intent for name in lexicons for intent in _topics(body, "request", lexicons[name])}
    if len(asked) != 1:
        return None
    intent = asked.pop()
    return Command(intent, named_value(body, intent, lexicons, language))


def named_value(body: str, intent: str, lexicons: Mapping[str, Lexicon], language: str) -> str | None:
    """What a message with this intent names: the language wanted, the need, or what became of a referral.

    None when it names none, when the intent is about no such thing, or when somebody was in touch and help is denied.
    The patient's language is tried first.
    """
    topic = _ABOUT.get(intent)
    if topic is None:
        return None
    for name in sorted(lexicons, key=lambda other: other != language):
        said = _topics(body, topic, lexicons[name])
        if said:
            first = min(said, key=lexicons[name].topics[topic].order_of)
            return None if first == _UNSETTLED else first
    return None


def _topics(body: str, topic: str, lexicon: Lexicon) -> frozenset[str]:
    """The values of a topic that the message names, sentence by sentence."""
    spelt: list[str] = []
    for clause in text.clauses(text.tokens(body)[:_LONGEST]):
        spelt += [*lexicon.spell(clause), SENTENCE_END]
    return lexicon.topics[topic].labels_in(lexicon.rule("topics.ignore").without(spelt, _GONE))


def _read_in(found: list[str], lexicon: Lexicon) -> Command | None:
    """The command in one language."""
    words = [token for part in text.clauses(found, at_commas=True) for token in part]
    if not words:
        return Command("ask_meaning") if "?" in found else None
    if is_starred(found) and len(words) <= _LONGEST_STARRED:
        return Command("correct", " ".join(words))
    spelt = lexicon.spell(words)
    for core in lexicon.cores(spelt, front="commands.fillers", end="commands.fillers"):
        intent = lexicon.commands.whole(core)
        if intent:
            return _named(intent)
    side = read_yes_no(found, lexicon)
    if side is not None:
        return Command("affirm" if side else "deny")
    return _correction(spelt, lexicon)


def _named(intent: str) -> Command:
    """The command of a place in the lexicon; the language wanted is part of the place's name."""
    if intent.startswith(_LANGUAGE):
        return Command("change_language", intent.removeprefix(_LANGUAGE))
    return Command(intent)


def _correction(spelt: list[str], lexicon: Lexicon) -> Command | None:
    """``i meant never`` -> ``never``; ``not 3, 2`` and ``2 not 3`` -> ``2``."""
    for core in lexicon.cores(spelt, front="commands.fillers", end="commands.fillers"):
        said = [word for word in core if word not in lexicon.words("answers.negation")]
        numbers = all(cardinal([word], lexicon) is not None for word in said)
        if len(core) == _SWAPPED and len(said) == _SWAPPED - 1 and numbers and core[2] in said:
            return Command("correct", said[1] if core[0] not in said else said[0])
    rule = lexicon.rule("commands.correct")
    for core in lexicon.cores(spelt, front="commands.fillers"):
        rest = core
        while 0 < (end := rule.longest(rest)) < len(rest):
            rest = rest[end:]
        if rest is not core and not lexicon.whole("commands.correct_but", rest):
            return Command("correct", " ".join(rest))
    return None
