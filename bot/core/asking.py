"""What the words of an open question tell about the replies to it: a "not" in it, an offer of help, what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.core import text
from bot.core.lexicon import Lexicon

_SENTENCE_ENDS = frozenset(".!?")
# What is counted -> the rule that knows a question about it; the names are tables under ``units`` in the lexicon.
_UNITS = {name: f"questions.{name}" for name in ("minutes", "hours", "weeks", "months", "years", "weekly")}


@dataclass(frozen=True)
class Question:
    """A question's words. One that was not given at all tells nothing.

    ``negated``: it holds a "not" ("You do not have a place?"), so that a bare no may mean either; ``inverted``: what
    is said may mean either, whatever it is ("Don't you have a place?"). ``confirmed``: it ends on "is that right?".
    ``lacking``: it asks for what is missing ("Are you without a stove?"). ``offer``: it offers something. ``unit``:
    what it counts, ``count`` when it does not say. ``words``: all of its words.
    """

    negated: bool = False
    inverted: bool = False
    confirmed: bool = False
    lacking: bool = False
    offer: bool = False
    unit: str = "count"
    words: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def read_question(asks: str, lexicon: Lexicon) -> Question:
    """What the question tells, in the language of the lexicon. Takes any string and never raises."""
    spelt = lexicon.spell(text.words(asks))
    clauses = _asking(asks, lexicon)
    return Question(
        negated=any(lexicon.rule("questions.negated").longest(clause) for clause in clauses),
        inverted=any(lexicon.rule("questions.inverted").longest(clause) for clause in clauses),
        confirmed=any(lexicon.whole("questions.confirmed", clause) for clause in clauses[-1:]),
        lacking=any(lexicon.rule("questions.lacking").labels_in(clause) for clause in clauses),
        offer=any(lexicon.rule("questions.offer").longest(clause) for clause in clauses),
        unit=next((unit for unit, rule in _UNITS.items() if lexicon.rule(rule).labels_in(spelt)), "count"),
        words=frozenset(spelt),
    )


def _asking(asks: str, lexicon: Lexicon) -> list[list[str]]:
    """The clauses of the sentence that asks: the last one with a question mark, or else the last one."""
    found = text.tokens(asks)
    while found and found[-1] in _SENTENCE_ENDS - {"?"} and "?" in found:
        found.pop()
    marks = [at for at, token in enumerate(found) if token == "?"]
    end = marks[-1] if marks else len(found)
    start = max((at + 1 for at in range(end) if found[at] in _SENTENCE_ENDS), default=0)
    return [lexicon.spell(part) for part in text.clauses(found[start:end], at_commas=True)]
