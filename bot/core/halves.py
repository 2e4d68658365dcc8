"""Parts of a message that look like an answer of their own and are none."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.lexicon import Lexicon
from bot.core.text import tokens, words

Lexicons = Mapping[str, Lexicon]


def is_doubtful(lexicons: Lexicons, text: str, *, said: str) -> bool:
    """Whether the part ``said`` is no answer ("no se preocupe"), or only half of one ("every day but sunday")."""
    return any(
        lexicon.rule("answers.doubt").labels_in(lexicon.spell(tokens(said)))
        or lexicon.rule("answers.all_but").labels_in(lexicon.spell(tokens(text)))
        for lexicon in lexicons.values()
    )


def denies(lexicons: Lexicons, said: str) -> bool:
    """Whether the part is a word that denies."""
    return any(said.strip().lower() in each.words("answers.negation") for each in lexicons.values())


def is_contraction(said: str, lexicon: Lexicon) -> bool:
    """Whether the part is one word that stands for two: "im good thanks" does not begin with the answer "I am"."""
    found = words(said)
    return len(found) == 1 and len(lexicon.spell(found)) > 1


def only_begins(lexicons: Lexicons, said: str) -> bool:
    """Whether the part is one word such as "first": before a question that is put first, it names no option."""
    found = words(said)
    return len(found) == 1 and any(found[0] in each.table("numbers.ordinals") for each in lexicons.values())
