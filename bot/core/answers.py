"""The answer to an open question, read by code: number, letter, label, yes/no, amount, date.

Only what is certain is mapped. What may mean several things comes back as ``ambiguous`` and is asked; what is not
an answer of these kinds is ``None`` and goes on to the commands and to the language model. A wrong value in a record
is worse than a second question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.core import text
from bot.core.amounts import read_amount
from bot.core.answer_item import (
    AnswerItem,
    AnswerKind,
    AnswerReading,
    Option,
    sure,
    unclear,
)
from bot.core.choices import read_choice
from bot.core.dates import read_date
from bot.core.lexicon import Lexicon
from bot.core.negated import has_it, read_negated
from bot.core.several import read_several
from bot.core.yesno import read_explained, read_loose, read_yes_no

__all__ = ["AnswerItem", "AnswerReading", "Option", "read_answer"]

Reader = Callable[[list[str], AnswerItem, Lexicon], AnswerReading | None]

_LONGEST = 60
_OFFERS = {"questions.takes": True, "questions.declines": False}


def read_answer(body: str, item: AnswerItem, lexicons: Mapping[str, Lexicon], language: str) -> AnswerReading | None:
    """What ``body`` answers to ``item``; ``None`` when code cannot tell. Takes any string and never raises.

    The patient's language is tried first; another one only when it knows more of the words than this one does
    (``once`` is eleven in Spanish, but not to somebody who writes English; "ya comí" is no English yes).
    """
    if item.kind == "string":
        return sure(body.strip()) if body.strip() else None
    found = text.tokens(body)
    if not found or len(found) > _LONGEST:
        return None
    first = lexicons[language]
    reading = _READERS[item.kind](found, item, first)
    if reading or first.rule("answers.doubt").labels_in(first.spell(found)):
        return reading
    strange = first.unknown(found)
    better = (other for name, other in lexicons.items() if name != language and other.unknown(found) < strange)
    others = (_READERS[item.kind](found, item, other) for other in better)
    return next((other for other in others if other), None)


def _boolean(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """Yes or no, or the number or label under which it was shown."""
    numbered = bool(item.options) and found[0].isdigit()
    if (item.about.negated or item.about.inverted) and not numbered:
        return read_negated(found, item, lexicon)
    if item.about.offer and not item.strict:
        offered = _offered(found, lexicon)
        if offered is not None:
            return offered
    side = read_yes_no(found, lexicon, strict=item.strict)
    by_option = _by_option(found, item, lexicon) if side is None and item.options else None
    if by_option is not None:
        return by_option
    if side is None and not item.strict:
        side = read_loose(found, lexicon)
        side = read_explained(found, lexicon) if side is None else side
    if item.about.lacking and not item.strict:
        return _lacked(found, item, lexicon, side)
    return _sided(found, side)


def _sided(found: list[str], side: bool | None) -> AnswerReading | None:
    """A yes or no; one with a question mark is asked about."""
    if side is None:
        return None
    return unclear((side,)) if "?" in found else sure(side)


def _offered(found: list[str], lexicon: Lexicon) -> AnswerReading | None:
    """What a reply to an offer means that means nothing elsewhere: "please", "I'm good"; "no problem" may be either."""
    spelt = lexicon.spell(text.spoken(found))
    if lexicon.whole("questions.either_way", spelt):
        return unclear((True,), (False,))
    for core in lexicon.cores(spelt, front="answers.yes_no_fillers", end="answers.yes_no_fillers"):
        side = next((side for path, side in _OFFERS.items() if lexicon.whole(path, core)), None)
        if side is not None:
            return _sided(found, side)
    return None


def _lacked(found: list[str], item: AnswerItem, lexicon: Lexicon, side: bool | None) -> AnswerReading | None:
    """To "are you without it?", having it is a no, whatever the yes or no before it."""
    has = has_it(found, item, lexicon)
    if has is None:
        return _sided(found, side)
    if "?" in found or (has and side is True):
        return unclear((not has,))
    return sure(not has)


def _by_option(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """The options of a boolean: the first is yes, the second no."""
    reading = read_choice(found, item, lexicon)
    if reading is None or reading.problem:
        return reading
    if reading.is_sure:
        return sure(reading.values[0] == 1)
    return unclear(*((values[0] == 1,) for values in reading.ambiguous))


def _date(found: list[str], item: AnswerItem, lexicon: Lexicon) -> AnswerReading | None:
    """A date in full."""
    return read_date(found, lexicon)


_READERS: Mapping[AnswerKind, Reader] = {
    "boolean": _boolean,
    "choice": read_choice,
    "multi": read_several,
    "integer": read_amount,
    "decimal": read_amount,
    "quantity": read_amount,
    "date": _date,
}
