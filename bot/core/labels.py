"""Which option a reply names by its words: the whole label, a beginning of it, or words that only it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.core import text
from bot.core.answer_item import Option
from bot.core.lexicon import Lexicon
from bot.core.typos import Typos

_SHORTEST_PART = 3
_SHORTEST_STEM = 3


@dataclass(frozen=True)
class LabelMatch:
    """The options that a reply may name; ``certain`` when it names one and leaves nothing of weight out."""

    keys: tuple[int, ...]
    certain: bool


@dataclass(frozen=True)
class _Label:
    key: int
    forms: tuple[tuple[str, ...], ...]
    content: frozenset[str]
    degree: frozenset[str]


@dataclass(frozen=True)
class _Labels:
    """The labels of one item, the weighty words in them, and what is a slip of one of those."""

    labels: tuple[_Label, ...]
    known: frozenset[str]
    typos: Typos


@lru_cache(maxsize=512)
def _labels(options: tuple[Option, ...], lexicon: Lexicon) -> _Labels:
    """The options' labels and synonyms in the form in which replies are compared."""
    labels = tuple(_label(option, lexicon) for option in options)
    known = frozenset(word for label in labels for word in label.content)
    return _Labels(labels, known, Typos(known))


def _label(option: Option, lexicon: Lexicon) -> _Label:
    """One option's forms: label, label without what stands in brackets, synonyms."""
    wordings = (option.label, option.label.partition("(")[0], *option.synonyms)
    forms = tuple(dict.fromkeys(tuple(lexicon.spell(text.words(wording))) for wording in wordings))
    found = frozenset(lexicon.spell(text.words(option.label)))
    content = found - lexicon.words("answers.weak")
    return _Label(option.key, tuple(f for f in forms if f), content, found & lexicon.words("answers.degree"))


def match_label(spelt: list[str], options: tuple[Option, ...], lexicon: Lexicon) -> LabelMatch | None:
    """The option or options that ``spelt`` (spelt out words) names, or ``None``."""
    index = _labels(options, lexicon)
    for test in (_is_form, _begins_form, _is_inside_form):
        keys = tuple(label.key for label in index.labels if test(spelt, label, lexicon))
        if keys:
            return LabelMatch(keys, certain=len(keys) == 1)
    return _by_content(spelt, index, lexicon)


def is_label_word(word: str, options: tuple[Option, ...], lexicon: Lexicon) -> bool:
    """True for a weighty word of one of the labels."""
    return any(spelt in _labels(options, lexicon).known for spelt in lexicon.spelling.spell(word))


def _is_form(spelt: list[str], label: _Label, lexicon: Lexicon) -> bool:
    return tuple(spelt) in label.forms


def _begins_form(spelt: list[str], label: _Label, lexicon: Lexicon) -> bool:
    """A beginning of at least three words. Shorter ones are left to :func:`_by_content`."""
    return len(spelt) >= _SHORTEST_PART and any(form[: len(spelt)] == tuple(spelt) for form in label.forms)


def _is_inside_form(spelt: list[str], label: _Label, lexicon: Lexicon) -> bool:
    """Three words or more that stand together in the label, if the reply does not start after a "not" in it."""
    size = len(spelt)
    if size < _SHORTEST_PART:
        return False
    for form in label.forms:
        at = next((at for at in range(len(form) - size + 1) if form[at : at + size] == tuple(spelt)), None)
        if at is not None and not lexicon.words("answers.negation").intersection(form[:at]):
            return True
    return False


def _by_content(reply: list[str], index: _Labels, lexicon: Lexicon) -> LabelMatch | None:
    """The labels that have every weighty word of the reply."""
    labels = index.labels
    if lexicon.words("answers.negation").intersection(reply):
        return _by_negation(reply, labels, lexicon)
    wanted: set[str] = set()
    for word in reply:
        if word in lexicon.words("answers.weak"):
            continue
        known = _known_as(word, index, lexicon)
        if known is None:
            return None
        wanted.add(known)
    if not wanted:
        return None
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


def _known_as(word: str, index: _Labels, lexicon: Lexicon) -> str | None:
    """The label word that ``word`` is, give or take a plural or, if it is no word at all, one slip."""
    if word in index.known:
        return word
    if len(word) >= _SHORTEST_STEM and word + "s" in index.known:
        return word + "s"
    if len(word) > _SHORTEST_STEM and word[-1] == "s" and word[:-1] in index.known:
        return word[:-1]
    return None if word in lexicon.spelling.vocabulary else index.typos.find(word)
