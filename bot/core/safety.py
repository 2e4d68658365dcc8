"""Danger in a reply: looked for before anything else can answer, in every state and in both languages.

Nothing here decides what is said or done; :mod:`bot.safety_turn` does. The words are in ``dialogs/lexicon``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, cast

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.patterns import SENTENCE_END
from bot.core.typos import Swaps, Typos

AlarmKind = Literal["crisis", "danger", "emergency", "abuse_report", "no_food", "no_shelter", "shut_off"]
Urgency = Literal["now", "today"]

KINDS: tuple[AlarmKind, ...] = (
    "crisis",
    "emergency",
    "danger",
    "abuse_report",
    "no_food",
    "no_shelter",
    "shut_off",
)
NEEDS = frozenset({"no_food", "no_shelter", "shut_off"})
_LONGEST = 400
_SHORTEST_MENDED = 6
_HARMLESS = "~"


@dataclass(frozen=True)
class Alarm:
    """What is feared. Not ``certain``: the person is asked, and a human being is told all the same.

    ``language`` is the one in which it was said.
    """

    kind: AlarmKind
    urgency: Urgency
    certain: bool
    language: str = field(default="", compare=False)


def read_alarm(
    body: str, lexicons: Mapping[str, Lexicon], language: str, option_labels: Iterable[str] = ()
) -> Alarm | None:
    """The gravest alarm in ``body``; ``None`` when there is none. Never raises.

    ``option_labels`` are the labels of the open question: a reply that is one of them, word for word, is an answer
    ("Already shut off") and no alarm. All languages are always tried.
    """
    return next(iter(read_alarms(body, lexicons, language, option_labels)), None)


def read_alarms(
    body: str, lexicons: Mapping[str, Lexicon], language: str, option_labels: Iterable[str] = ()
) -> list[Alarm]:
    """As :func:`read_alarm`, all of them, the gravest first: a doubt must not hide a need that is certain."""
    found = text.tokens(body)[:_LONGEST]
    if not found or _is_label(found, option_labels):
        return []
    languages = sorted(lexicons, key=lambda name: name != language)
    alarms = [alarm for name in languages for alarm in _read_in(found, lexicons[name])]
    if not alarms:
        mended = [(name, _mended(found, lexicons[name], lexicons)) for name in languages]
        alarms = [alarm for name, tokens in mended if tokens for alarm in _read_in(tokens, lexicons[name])]
    if not alarms:
        alarms = [replace(alarm, certain=False) for name in languages for alarm in _behind_swaps(found, name, lexicons)]
    return sorted(alarms, key=_rank)


def _behind_swaps(found: list[str], name: str, lexicons: Mapping[str, Lexicon]) -> list[Alarm]:
    """What is said with the swapped letters of short words put right ("i wnat to die"): never more than a doubt."""
    short = _short_grave_words(lexicons[name])
    known = [any(lexicon.knows([token]) for lexicon in lexicons.values()) for token in found]
    mended = [token if is_known else short.find(token) or token for token, is_known in zip(found, known, strict=True)]
    return [] if mended == found else _read_in(mended, lexicons[name])


def _mended(found: list[str], lexicon: Lexicon, lexicons: Mapping[str, Lexicon]) -> list[str] | None:
    """The message with words that nobody knows taken for the grave word one slip away; ``None`` without such a word."""
    grave = _grave_words(lexicon)
    mended = [token if _is_known(token, lexicons) else _meant(token, grave) for token in found]
    return None if mended == found else mended


def _meant(token: str, grave: Typos) -> str:
    """The grave word meant by an unknown one, or the word itself. A word with one letter more at its end is another."""
    return next((word for word in grave.near(token) if not token.startswith(word)), token)


def _is_known(token: str, lexicons: Mapping[str, Lexicon]) -> bool:
    """Short words are left alone: too many real ones lie one letter apart."""
    return len(token) < _SHORTEST_MENDED or any(lexicon.knows([token]) for lexicon in lexicons.values())


@lru_cache(maxsize=8)
def _grave_words(lexicon: Lexicon) -> Typos:
    """The longer words of the language's alarms: what a slip of the thumb must not hide."""
    return Typos(word for rule in (lexicon.certain_alarms, lexicon.doubtful_alarms) for word in rule.words)


@lru_cache(maxsize=8)
def _short_grave_words(lexicon: Lexicon) -> Swaps:
    """The short words of the language's alarms."""
    return Swaps(word for rule in (lexicon.certain_alarms, lexicon.doubtful_alarms) for word in rule.words)


def _rank(alarm: Alarm) -> tuple[bool, bool, int]:
    """What is feared now comes before what is needed today, certain before doubtful, then by gravity."""
    return alarm.urgency != "now", not alarm.certain, KINDS.index(alarm.kind)


def is_label(body: str, option_labels: Iterable[str]) -> bool:
    """The reply is a label of the open question, word for word."""
    return _is_label(text.tokens(body)[:_LONGEST], option_labels)


def sounds_harmless(body: str, lexicons: Mapping[str, Lexicon]) -> bool:
    """Something in ``body`` is known for a figure of speech, a denial, laughter or an old story, in any language."""
    found = text.words(body)[:_LONGEST]
    for lexicon in lexicons.values():
        spelt = [SENTENCE_END, *lexicon.spell(found), SENTENCE_END]
        known = (lexicon.rule(f"safety.{name}").labels_in(spelt) for name in ("ignore", "past"))
        if lexicon.words("safety.laughter").intersection(spelt) or any(known):
            return True
    return False


def without_losing_home(body: str, lexicons: Mapping[str, Lexicon]) -> str:
    """``body`` without the fear of losing the home, in any language: it sounds like the fear of a person.

    Beside a home that is lost, not to know what to do is no more than that, and is left out, too.
    """
    for lexicon in lexicons.values():
        clauses = text.clauses(text.tokens(body)[:_LONGEST])
        spelt = [word for clause in clauses for word in (*lexicon.spell(clause), SENTENCE_END)]
        left = lexicon.rule("safety.losing_home").without(spelt, _HARMLESS)
        if lexicon.rule("safety.home_lost").labels_in(spelt):
            left = lexicon.rule("safety.at_a_loss").without(left, _HARMLESS)
        body = body if left == spelt else " ".join(word for word in left if word != _HARMLESS)
    return body


def _is_label(found: list[str], option_labels: Iterable[str]) -> bool:
    """The reply is a label of the open question, capitals and punctuation aside."""
    said = [token for part in text.clauses(found, at_commas=True) for token in part]
    return any(said == text.words(label) for label in option_labels)


def _after_first_word(found: list[str]) -> list[str]:
    """A comma after the first word ends a sentence: "no, chest pain" answers no, and then tells of chest pain."""
    return [found[0], ".", *found[2:]] if found[1:2] == [","] else found


def _read_in(found: list[str], lexicon: Lexicon) -> list[Alarm]:
    """The alarms of one language, what is harmless (hyperbole, denials, old stories) taken out before."""
    # Each clause stands between two marks, so that a pattern may ask for its beginning, too.
    spelt: list[str] = [SENTENCE_END]
    left: list[str] = [SENTENCE_END]
    for part in text.clauses(_after_first_word(found)):
        clause = [*lexicon.spell(part), SENTENCE_END]
        spelt.extend(clause)
        left.extend(_without_harmless([word for word in clause if word[0].isalnum() or word == SENTENCE_END], lexicon))
    milder = lexicon.rule("safety.milder").without(left, _HARMLESS)
    certain = _certain(milder, lexicon)
    doubtful = lexicon.doubtful_alarms.labels_in(left) - certain
    if milder != left and not certain:
        doubtful |= lexicon.certain_alarms.labels_in(left)
    laughing = bool(lexicon.words("safety.laughter").intersection(spelt))
    found_here = [(kind, not laughing) for kind in certain] + [(kind, False) for kind in doubtful]
    return [_alarm(kind, sure, lexicon.language) for kind, sure in found_here]


def _without_harmless(clause: list[str], lexicon: Lexicon) -> list[str]:
    """A clause without what only sounds grave. Of an old story with nothing of today in it, only suicide is left.

    Nothing is left of one that is told to be over.
    """
    left = lexicon.rule("safety.losing_home").without([SENTENCE_END, *clause], _HARMLESS)
    left = lexicon.rule("safety.ignore").without(left, _HARMLESS)[1:]
    if _is_over(clause, lexicon):
        return [_HARMLESS, SENTENCE_END]
    if not lexicon.rule("safety.past").labels_in(left) or lexicon.rule("safety.present").labels_in(left):
        return left
    told = lexicon.certain_alarms.labels_in(left) | lexicon.doubtful_alarms.labels_in(left)
    return left if "crisis" in told else [_HARMLESS, SENTENCE_END]


def _is_over(clause: list[str], lexicon: Lexicon) -> bool:
    """The clause tells of a time long past that has ended, and of nothing afresh."""
    if not lexicon.rule("safety.past").labels_in(clause) or not lexicon.rule("safety.ended").labels_in(clause):
        return False
    return not lexicon.rule("safety.afresh").labels_in(lexicon.rule("safety.ended").without(clause, _HARMLESS))


def _certain(spelt: list[str], lexicon: Lexicon) -> frozenset[str]:
    """The alarms that leave no doubt. A call for help beside violence is about the violence, and no second alarm."""
    kinds = lexicon.certain_alarms.labels_in(spelt)
    if "danger" not in kinds or "emergency" not in kinds:
        return kinds
    return lexicon.certain_alarms.labels_in(lexicon.rule("safety.calls").without(spelt, _HARMLESS)) | {"danger"}


def _alarm(kind: str, certain: bool, language: str) -> Alarm:
    """An alarm of that kind."""
    return Alarm(cast(AlarmKind, kind), "today" if kind in NEEDS else "now", certain, language)
