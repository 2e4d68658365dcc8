"""Yes and no to a question that holds a "not" or a "without": what the reply says of itself counts, not the bare word.

"No" to "You do not have a car?" may mean either, in English and in Spanish; "no tengo" and "that's right" may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core import text
from bot.core.answer_item import AnswerItem, AnswerReading, sure, unclear
from bot.core.lexicon import Lexicon
from bot.core.patterns import SENTENCE_END

_AGREEING = {"questions.agree": True, "questions.disagree": False}
_HAVING = {"questions.has_not": True, "questions.has": False}
_DOING = {"questions.does_not": True, "questions.does": False}
_EITHER = unclear((True,), (False,))


@dataclass
class _Said:
    """What the clauses of a reply say: yes and no alone, that the question is right, that the thing is missing."""

    plain: set[bool] = field(default_factory=set)
    agreed: set[bool] = field(default_factory=set)
    echoed: set[bool] = field(default_factory=set)
    murky: bool = False


def read_negated(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """The answer to a negated question; unclear where it may be either, ``None`` where nothing says yes or no."""
    said = _said(found, item, lexicon, {**_HAVING, **_DOING})
    sides = said.agreed | said.echoed
    if not (sides or said.plain):
        return None
    if item.about.inverted or (said.murky and not said.agreed) or len(sides) > 1 or _is_doubtful(found, lexicon):
        return _EITHER
    if not sides:
        return sure(True) if said.plain == {True} and item.about.confirmed else _EITHER
    contradicted = (said.agreed and said.plain - sides) or (item.about.confirmed and said.plain == {True} != sides)
    return _EITHER if contradicted else sure(sides.pop())


def has_it(found: list[str], item: AnswerItem, lexicon: Lexicon) -> bool | None:
    """Whether a reply to "are you without it?" says that it is there ("i have one"); ``None`` when it does not say."""
    said = _said(found, item, lexicon, _HAVING)
    return None if len(said.echoed) != 1 or said.murky else not said.echoed.pop()


def _said(found: list[str], item: AnswerItem, lexicon: Lexicon, echoes: dict[str, bool]) -> _Said:
    said = _Said()
    for part in text.clauses(found, at_commas=True):
        _hear([*lexicon.spell(part), SENTENCE_END], item, lexicon, echoes, said)
    return said


def _hear(part: list[str], item: AnswerItem, lexicon: Lexicon, echoes: dict[str, bool], said: _Said) -> None:
    """What one clause says, from its beginning."""
    at = 0
    while at < len(part) - 1:
        end, side = _longest(part, at, _AGREEING, lexicon)
        if end > at:
            said.agreed.add(side)
        else:
            end, side = _longest(part, at, echoes, lexicon)
            if end > at:
                same = _is_about_it(part[end:], item, lexicon)
                said.echoed.update({side} if same else ())
                said.murky = said.murky or not same
                return
        if end == at:
            end = lexicon.rule("answers.yes_no_fillers").longest(part, at)
            word = next((side for path, side in _WORDS.items() if lexicon.whole(path, part[at : at + 1])), None)
            if word is not None:
                said.plain.add(word)
                end = at + 1
            elif end == at:
                return
        at = end


_WORDS = {"answers.yes_head": True, "answers.no_head": False}


def _longest(part: list[str], at: int, rules: dict[str, bool], lexicon: Lexicon) -> tuple[int, bool]:
    """The end of the longest match at ``at``, and the side of its rule."""
    return max((lexicon.rule(path).longest(part, at), side) for path, side in rules.items())


def _is_about_it(rest: list[str], item: AnswerItem, lexicon: Lexicon) -> bool:
    """Nothing follows the echoed verb but what the question asks about, or a word that stands for it."""
    known = item.about.words | lexicon.words("questions.anaphors") | {SENTENCE_END}
    echoes = lexicon.table("questions.echoes")
    return all(word in known or echoes.get(word) in item.about.words for word in rest)


def _is_doubtful(found: list[str], lexicon: Lexicon) -> bool:
    spelt = lexicon.spell(text.spoken(found))
    turned = lexicon.words("answers.contrast").intersection(spelt)
    rules = ("answers.doubt", "answers.over", "answers.others")
    return "?" in found or bool(turned) or any(lexicon.rule(place).labels_in(spelt) for place in rules)
