"""Questions that ask the same as a known one under another code, told by their answers' labels.

An instrument of one's own may ask for the living situation in fewer words, or with no LOINC code at all. What patients
say of their situation (``dialogs/replies``) is read there as well, when the labels are those of the known question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from bot.core import text
from bot.core.instrument import Item, worded
from bot.core.lexicon import Lexicon

_FEWEST = 3
# Of so many options so many must be known: a list may have one that the known question has not.
_OF, _KNOWN = 4, 3


def known_as(item: Item, lexicons: Mapping[str, Lexicon], language: str) -> Item:
    """``item`` with the codes of the known question that it is, if it has none of its own there; else as it is."""
    if len(item.options) < _FEWEST or any(item.code in lexicon.replies for lexicon in lexicons.values()):
        return item
    labels = tuple(worded(option.label, language) for option in item.options)
    code, answers = _known(labels, lexicons[language])
    if code is None:
        return item
    options = tuple(replace(option, code=answer) for option, answer in zip(item.options, answers, strict=True))
    return replace(item, code=code, options=options)


@lru_cache(maxsize=512)
def _known(labels: tuple[str, ...], lexicon: Lexicon) -> tuple[str | None, tuple[str, ...]]:
    """The one known question that has these labels, and the code of each; no question when none or several have."""
    spelt = [lexicon.spell(text.words(label)) for label in labels]
    fits = []
    for code in lexicon.labels:
        answers = tuple(_answer(label, lexicon, code) for label in spelt)
        found = [answer for answer in answers if answer]
        if len(found) == len(set(found)) and len(found) >= _FEWEST and len(found) * _OF >= len(labels) * _KNOWN:
            fits.append((code, answers))
    return fits[0] if len(fits) == 1 else (None, ())


def _answer(label: list[str], lexicon: Lexicon, code: str) -> str:
    """The answer with which a label begins; an empty string for none."""
    rules = lexicon.labels[code]
    end = rules.longest(label)
    return rules.whole(label[:end]) or "" if end else ""
