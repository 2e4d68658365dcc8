"""Which option a reply names by its words: the whole label, a beginning of it, or words that only it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.core import text
from bot.core.answer_item import Option
from bot.core.lexicon import Lexicon
from bot.core.typos import edit_distance

_SHORTEST_PART = 3
_LONG_WORD = 8


@dataclass(frozen=True)
class LabelMatch:
    """The options that a reply may name; ``certain`` when it names one and leaves nothing of weight out."""

    keys: tuple[int, ...]
    certain: bool


@dataclass(frozen=True)
class _Label:
    key: int
    forms: tuple[str, ...]
    content: frozenset[str]
    degree: frozenset[str]


@lru_cache(maxsize=512)
def _labels(options: tuple[Option, ...], lexicon: Lexicon) -> tuple[_Label, ...]:
    """The options' labels and synonyms in the form in which replies are compared."""
    return tuple(_label(option, lexicon) for option in options)


def _label(option: Option, lexicon: Lexicon) -> _Label:
    """One option's forms: label, label without what stands in brackets, synonyms."""
    wordings = (option.label, option.label.partition("(")[0], *option.synonyms)
    forms = tuple(dict.fromkeys(lexicon.spell(text.words(wording)) for wording in wordings))
    found = frozenset(lexicon.spell(text.words(option.label)).split())
    content = found - lexicon.words("answers.weak")
    return _Label(option.key, tuple(f for f in forms if f), content, found & lexicon.words("answers.degree"))


def match_label(spelt: str, options: tuple[Option, ...], lexicon: Lexicon) -> LabelMatch | None:
    """The option or options that ``spelt`` (spelt out words) names, or ``None``."""
    labels = _labels(options, lexicon)
    for test in (_is_form, _begins_form, _is_inside_form):
        keys = tuple(label.key for label in labels if test(spelt, label, lexicon))
        if keys:
            return LabelMatch(keys, certain=len(keys) == 1)
    return _by_content(spelt.split(), labels, lexicon)


def _is_form(spelt: str, label: _Label, lexicon: Lexicon) -> bool:
    return spelt in label.forms


def _begins_form(spelt: str, label: _Label, lexicon: Lexicon) -> bool:
    """A beginning of at least three words. Shorter ones are left to :func:`_by_content`."""
    return spelt.count(" ") >= _SHORTEST_PART and any(form.startswith(spelt) for form in label.forms)


def _is_inside_form(spelt: str, label: _Label, lexicon: Lexicon) -> bool:
    """Three words or more that stand together in the label, if the reply does not start after a "not" in it."""
    if spelt.count(" ") < _SHORTEST_PART:
        return False
    for form in label.forms:
        before, found, _ = (" " + form).partition(" " + spelt)
        if found and not lexicon.words("answers.negation").intersection(before.split()):
            return True
    return False


def _by_content(reply: list[str], labels: tuple[_Label, ...], lexicon: Lexicon) -> LabelMatch | None:
    """The labels that have every weighty word of the reply."""
    if lexicon.words("answers.negation").intersection(reply):
        return _by_negation(reply, labels, lexicon)
    weighty = [word for word in reply if word not in lexicon.words("answers.weak")]
    known = frozenset().union(*(label.content for label in labels))
    named = [_known_as(word, known, lexicon) for word in weighty]
    if not named or None in named:
        return None
    wanted = frozenset(word for word in named if word)
    fits = [label for label in labels if wanted <= label.content]
    if len(fits) == 1:
        return LabelMatch((fits[0].key,), certain=fits[0].degree <= wanted | set(reply))
    return LabelMatch(tuple(label.key for label in fits), certain=False) if 1 < len(fits) <= 3 else None


def _by_negation(reply: list[str], labels: tuple[_Label, ...], lexicon: Lexicon) -> LabelMatch | None:
    """A reply with a "never" in it names a label only when it is the one word that the label turns on."""
    if len(reply) != 1 or reply[0] in lexicon.words("answers.weak"):
        return None
    keys = tuple(label.key for label in labels if reply[0] in label.degree | label.content)
    return LabelMatch(keys, certain=True) if len(keys) == 1 else None


def _known_as(word: str, known: frozenset[str], lexicon: Lexicon) -> str | None:
    """The label word that ``word`` is, give or take a plural or, if it is no word at all, one slip."""
    if word in known:
        return word
    plural = [
        other for other in known if len(word) > 2 and word + "s" == other or len(other) > 2 and other + "s" == word
    ]
    if plural:
        return plural[0]
    if len(word) < 4 or word in lexicon.spelling.vocabulary:
        return None
    near = [other for other in known if len(other) > 4 and _is_slip(word, other)]
    return near[0] if len(near) == 1 else None


def _is_slip(word: str, other: str) -> bool:
    """One letter wrong, or two in a long word."""
    limit = 2 if len(other) >= _LONG_WORD else 1
    return edit_distance(word, other, limit) <= limit
