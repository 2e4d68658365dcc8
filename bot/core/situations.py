"""What patients say of their situation instead of naming an answer: "we are behind on rent", "they cut us off".

The words are data: ``dialogs/replies/<language>.yml``, by the LOINC code of the question and of the answer. A clause
counts only when nothing around the words turns them, and words that fit several answers are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.core import text
from bot.core.answer_item import AnswerReading, Values, sure, unclear
from bot.core.instrument import Item, worded
from bot.core.lexicon import Lexicon
from bot.core.likeness import known_as
from bot.core.matcher import Matcher

# Under this key stand words that fit more than one answer, or none: the question is asked again.
ASK = "ask"
# Behind an answer: it counts only when no other is named.
WEAK = "~"
# Behind an answer: it is asked about, unless the reply says the same with its yes or no.
LEANING = "?"
# LOINC's answers that are a yes or a no; "already shut off" is a yes that says more.
TRUTH = {"LA33-6": True, "LA32-8": False, "LA32002-0": True}
_LONGEST = 40
# Stands for words that matched: no word of any rule.
_HOLE = "_"


def read_situation(reply: str, item: Item, lexicons: Mapping[str, Lexicon], language: str) -> AnswerReading | None:
    """The answer to ``item`` that the described situation is. ``None`` where the words say nothing about it.

    Certain with one answer (several where all that apply are wanted); unclear, with what it may be, otherwise. Never
    anything for a private item. Takes any string and never raises.
    """
    found = text.tokens(reply)
    item = known_as(item, lexicons, language)
    if item.private or not item.code or not found or len(found) > _LONGEST or not _is_asked_so(item, lexicons):
        return None
    first = lexicons[language]
    for lexicon in (first, *(other for name, other in lexicons.items() if name != language)):
        spelt = lexicon.spell(found)
        rules = lexicon.replies.get(item.code)
        if rules is not None and rules.labels_in(spelt):
            codes, certain = _codes(spelt, rules, lexicon, first)
            certain = certain and not _names_another(rules.without(spelt, _HOLE), codes, item, lexicon)
            return _reading((codes, certain), item) if ASK in codes or list(_values(codes, item)) else None
        if first.knows(found):
            return None
    return None


def _names_another(left: list[str], codes: list[str], item: Item, lexicon: Lexicon) -> bool:
    """Whether a word of the label of another option is left over: "moho y la estufa" is not mold alone."""
    shown = {option.code: worded(option.label, lexicon.language).partition("(")[0] for option in item.options}
    words = {code: set(lexicon.spell(text.words(label))) for code, label in shown.items()}
    own = {word for code in codes for word in words.get(code, ())}
    others = {word for code in words if code not in codes for word in words[code]} - own
    return bool((others - lexicon.words("answers.weak") - lexicon.words("answers.negation")).intersection(left))


def _is_asked_so(item: Item, lexicons: Mapping[str, Lexicon]) -> bool:
    """Whether the item has the answers that the words are given for; other forms ask the same with others."""
    rules = [found for lexicon in lexicons.values() if (found := lexicon.replies.get(item.code or ""))]
    return any(list(_values([label.removesuffix(WEAK)], item)) for found in rules for label in found.labels)


def reconciled(reading: AnswerReading | None, situation: AnswerReading | None) -> AnswerReading | None:
    """What a reply says, from its plain reading and from the situation in it; unclear where the two disagree."""
    if situation is None or reading is None or reading.problem:
        return situation if situation is not None else reading
    if reading.is_sure and (situation.is_sure or not situation.ambiguous):
        same = reading.values == situation.values
        return reading if same else unclear(*_possible(reading), *_possible(situation))
    if reading.is_sure:
        return reading
    return situation if situation.is_sure else unclear(*_possible(reading), *_possible(situation))


def _possible(reading: AnswerReading) -> tuple[Values, ...]:
    return (reading.values,) if reading.is_sure else reading.ambiguous


def _codes(spelt: list[str], rules: Matcher, lexicon: Lexicon, first: Lexicon) -> tuple[list[str], bool]:
    """The answers that the clauses name, and whether they are certain."""
    named: list[str] = []
    silent = False
    parts = _parts(spelt, lexicon)
    said = None if not parts or rules.longest(parts[0]) else _head(parts[0], lexicon)[1]
    for part in parts:
        codes = [_confirmed(rules.whole(part[start:end]) or ASK, said) for start, end in rules.spans(part)]
        clean = bool(codes) and _is_clean(part, rules.without(part, _HOLE), lexicon, first)
        named.extend(codes if clean else [ASK] if ASK in codes else [])
        silent = silent or not codes
    strong = [code for code in named if not code.endswith(WEAK)]
    codes = list(dict.fromkeys(code.removesuffix(WEAK) for code in strong or named))
    turned = bool(lexicon.words("answers.turns").intersection(spelt)) and silent and not strong
    # "sometimes or often": what stands on the other side of the or may be another answer.
    turned = turned or bool(lexicon.words("answers.or").intersection(spelt))
    answers = [code for code in codes if code != ASK]
    certain = (
        codes == answers and "?" not in spelt and not turned and not _is_contrary(parts[0], answers, rules, lexicon)
    )
    return codes, certain


def _confirmed(code: str, said: bool | None) -> str:
    """The answer that the words lean to, if a yes or no says the same."""
    if not code.endswith(LEANING):
        return code
    answer = code.removesuffix(LEANING)
    return answer if said is not None and TRUTH.get(answer) is said else ASK


def _is_contrary(part: list[str], codes: list[str], rules: Matcher, lexicon: Lexicon) -> bool:
    """A "no" before what is a yes ("no lights" is none), or a "yes" before what is a no."""
    said = None if rules.longest(part) else _head(part, lexicon)[1]
    return said is not None and any(TRUTH.get(code, said) is not said for code in codes)


def _head(part: list[str], lexicon: Lexicon) -> tuple[int, bool | None]:
    """Where a yes or no at the beginning ends, and which it is."""
    no, yes = (lexicon.rule(f"answers.{name}_head").longest(part) for name in ("no", "yes"))
    return (no, False) if no > yes else (yes, True if yes else None)


def _parts(spelt: list[str], lexicon: Lexicon) -> list[list[str]]:
    """The message cut at marks and before a "but"."""
    cuts = lexicon.words("answers.turns")
    parts: list[list[str]] = [[]]
    for word in spelt:
        if word in cuts or word in text.CLAUSE_END or word == ",":
            parts.append([])
        elif word[0].isalnum():
            parts[-1].append(word)
    return [part for part in parts if part]


def _is_clean(part: list[str], left: list[str], lexicon: Lexicon, first: Lexicon) -> bool:
    """Nothing around the words that matched denies them, doubts them, or says that they are over or another's."""
    end, said = _head(part, lexicon)
    explains = said is True or end == len(part) or part[end] in lexicon.words("answers.subjects")
    rest = left[end:] if explains and left[:end] == part[:end] else left
    for words in {lexicon.language: lexicon, first.language: first}.values():
        if words.words("answers.negation").intersection(rest):
            return False
        if any(words.rule(place).labels_in(rest) for place in ("answers.doubt", "answers.over", "answers.others")):
            return False
    return True


def _reading(found: tuple[list[str], bool], item: Item) -> AnswerReading:
    codes, certain = found
    values = list(_values(codes, item))
    if certain and len(values) == len(codes) and (len(values) == 1 or (values and item.kind == "multi")):
        return sure(*values)
    return unclear(*((value,) for value in values))


def _values(codes: Iterable[str], item: Item) -> Iterable[bool | int]:
    """The answers in the form of a reading: option numbers, or a truth value."""
    for code in codes:
        if item.kind == "boolean" and not item.options and code in TRUTH:
            yield TRUTH[code]
        yield from (number for number, option in enumerate(item.options, 1) if option.code == code)
