"""Counts that stand in a sentence, and counts without a number: "i been 5 times", "mon wed fri", "i dont exercise".

The one number in a reply is the answer when it counts what the question asks for and nothing about it is in doubt.
Numbers of something else (weeks, a clock, somebody's age) are none.
"""

from __future__ import annotations

from bot.core import text
from bot.core.answer_item import AnswerItem
from bot.core.lexicon import Lexicon
from bot.core.numbers import digits_value

_LONGEST = 25
_TIME_UNITS = ("minutes", "hours", "days", "weeks", "months", "years")
_WEEK = 7
_WEEKEND = 5


def unit_of(item: AnswerItem) -> str:
    """What the item counts: its own unit, or the one that its words name."""
    return item.about.unit if item.unit == "count" else item.unit


def read_said(spelt: list[str], item: AnswerItem, lexicon: Lexicon) -> float | None:
    """A length of time or a share of the week in words: ``half an hour``, ``an hour and a half``, ``mon wed fri``."""
    unit = unit_of(item)
    if unit == "minutes":
        minutes = lexicon.table("numbers.minutes").get(" ".join(spelt))
        return _mixed(spelt, lexicon) if minutes is None else float(minutes)
    if unit == "weekly":
        days = lexicon.table("numbers.weekly").get(" ".join(spelt))
        return _weekdays(spelt, lexicon) if days is None else float(days)
    return None


def _mixed(spelt: list[str], lexicon: Lexicon) -> float | None:
    """``1 hour 15``, ``2 hours and 30 minutes``."""
    factors = lexicon.table("units")["minutes"]
    said = [word for word in spelt if word not in lexicon.words("answers.and")]
    numbers = [value for word in said if (value := _number(word, lexicon)) is not None]
    units = [factors[word] for word in said if word in factors]
    whole = len(numbers) == 2 and units[:1] == [60] and units[1:] in ([], [1]) and len(said) == 2 + len(units)
    fits = whole and said[1] in factors and numbers[1] < 60
    return numbers[0] * 60 + numbers[1] if fits else None


def _weekdays(spelt: list[str], lexicon: Lexicon) -> float | None:
    """How many days of the week are named, one by one or from one to another."""
    table = lexicon.table("times.weekdays")
    small = lexicon.words("answers.and") | lexicon.words("questions.each_day")
    days: list[int] = []
    through = False
    for word in spelt:
        if word in table and not (table[word] == _WEEKEND and "end" in word):
            days += _between(days, table[word]) if through and days else [table[word]]
            through = False
        elif days and not through and lexicon.whole("answers.range", [word]):
            through = True
        elif word not in small:
            return None
    return float(len(set(days))) if len(days) > 1 and not through else None


def _between(days: list[int], last: int) -> list[int]:
    """The days from the last one named to another, over the weekend if need be."""
    return [day % _WEEK for day in range(days[-1] + 1, days[-1] + 1 + (last - days[-1]) % _WEEK)]


def read_none(found: list[str], item: AnswerItem, lexicon: Lexicon) -> bool:
    """A reply that says none: a zero with its reason, or a "not" and nothing but words of the question."""
    spelt = _plain(found, lexicon, around=False)
    if not spelt or _turned(spelt, lexicon) or "?" in found:
        return False
    for core in lexicon.cores(spelt, front="answers.before"):
        if core[0] in lexicon.words("questions.none_at_all"):
            return core[1:2] != core[:1] and not _numbers(core[1:], lexicon) and core[1:2] not in _of(lexicon)
        end = lexicon.rule("questions.not_at_all").longest(core)
        if 0 < end < len(core) and _is_asked(core[end:], item, lexicon):
            return True
    return False


def _of(lexicon: Lexicon) -> list[list[str]]:
    return [[word] for word in lexicon.words("times.of")]


def _is_asked(rest: list[str], item: AnswerItem, lexicon: Lexicon) -> bool:
    """Nothing but words of the question, in the form in which one speaks of oneself."""
    known = (item.about.words - lexicon.words("questions.asking")) | lexicon.words("questions.anaphors")
    echoes = lexicon.table("questions.echoes")
    return all(echoes.get(word, word) in known for word in rest)


def read_counted(found: list[str], item: AnswerItem, lexicon: Lexicon) -> float | None:
    """The one number of a sentence that counts what is asked; ``None`` where there is none, or any doubt about it."""
    spelt = _plain(found, lexicon)
    if len(spelt) > _LONGEST or _turned(spelt, lexicon) or lexicon.words("answers.or").intersection(spelt):
        return None
    if any(token[0].isdigit() and digits_value(token) is None for token in spelt):
        return None
    at = [place for place, word in enumerate(spelt) if _number(word, lexicon) is not None]
    values = {_number(spelt[place], lexicon) for place in at}
    if len(values) != 1 or lexicon.words("answers.negation").intersection(spelt):
        return None
    if _strange_units(spelt, item, lexicon) or not all(_counts(spelt, place, item, lexicon) for place in at):
        return None
    return values.pop()


def _plain(found: list[str], lexicon: Lexicon, *, around: bool = True) -> list[str]:
    """The words without "this year" and, ``around`` numbers, without those that leave one as it is ("only")."""
    spelt: list[str] = []
    for part in text.clauses(found, at_commas=True):
        clause = lexicon.spell(part)
        if around:
            clause = lexicon.rule("answers.about").without(clause, ",")
        spelt += [*lexicon.rule("questions.period").without(clause, ","), ","]
    words = [word for word, before in zip(spelt, [",", *spelt], strict=False) if word != "," or before != ","]
    return words[:-1] if words[-1:] == [","] else words


def _turned(spelt: list[str], lexicon: Lexicon) -> bool:
    """Words that take back or put off what is said, or say it of somebody else."""
    places = ("answers.doubt", "answers.over", "answers.others", "questions.unsure")
    words = lexicon.words("answers.turns") | lexicon.words("questions.others")
    return bool(words.intersection(spelt)) or any(lexicon.rule(place).labels_in(spelt) for place in places)


def _number(word: str, lexicon: Lexicon) -> float | None:
    value = digits_value(word)
    return (
        lexicon.table("numbers.values").get(word, lexicon.table("numbers.times").get(word)) if value is None else value
    )


def _numbers(spelt: list[str], lexicon: Lexicon) -> bool:
    return any(_number(word, lexicon) is not None for word in spelt)


def _strange_units(spelt: list[str], item: AnswerItem, lexicon: Lexicon) -> bool:
    """A unit of time that the question does not name ("3 weeks", "twice a month")."""
    units = {word for unit in _TIME_UNITS for word in lexicon.table("units").get(unit, {})}
    return bool((units - item.about.words - _own_units(item, lexicon)).intersection(spelt))


def is_counted_here(unit: str, item: AnswerItem, lexicon: Lexicon) -> bool:
    """Whether a reply may count in ``unit``: where a question asks how many times, other things are not counted."""
    times = lexicon.words("questions.times")
    return not times & item.about.words or unit in times | item.about.words or unit_of(item) != "count"


def _own_units(item: AnswerItem, lexicon: Lexicon) -> set[str]:
    return set(lexicon.table("units").get(unit_of(item), {})) if unit_of(item) != "count" else set()


def _counts(spelt: list[str], at: int, item: AnswerItem, lexicon: Lexicon) -> bool:
    """The number at ``at`` stands alone or before what the question counts."""
    if at and spelt[at - 1] in lexicon.words("questions.not_counted_before"):
        return False
    after = spelt[at + 1 : at + 2]
    own = _own_units(item, lexicon) | lexicon.words("questions.times")
    if after and (after[0] in own or after[0] in item.about.words & set(lexicon.table("units")["count"])):
        after = spelt[at + 2 : at + 3]
    elif spelt[at] in lexicon.words("questions.articles"):
        return not after or after == [","] or after[0] in lexicon.words("questions.reasons")
    return not after or after == [","] or after[0] in lexicon.words("questions.counted_after")


def after_so(found: list[str], lexicon: Lexicon) -> list[str]:
    """What stands behind the last "so" of a reply ("once a month so 12"), spelt out; nothing without one."""
    spelt = lexicon.spell(text.spoken(found))
    cuts = [at for at, word in enumerate(spelt) if word in lexicon.words("questions.therefore")]
    return spelt[cuts[-1] + 1 :] if cuts else []
