"""Text made comparable: what a person typed, without the accidents of how they typed it.

Every reader of replies (keywords, safety, commands, answers) starts here, and word lists pass through the same
functions when they are loaded, so the two always meet in the same form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

CLAUSE_END = frozenset(".!?;:")

_QUOTES = str.maketrans(dict.fromkeys("’‘ʼ`´′‛＇", "'") | dict.fromkeys("“”„«»‟＂", '"') | dict.fromkeys("—–‒―−", "-"))
_EDGES = str.maketrans(dict.fromkeys("\n\r\v\f\u0085\u2028\u2029", " . "))
_CONTROLS = str.maketrans(dict.fromkeys((chr(code) for code in (*range(32), 127)), " "))
_TOKEN = re.compile(
    r"\d{1,3}(?:,\d{3})+(?![\d,])"  # 1,200
    r"|(?<![\d.])\d+\.\d+(?!\.?\d)"  # 2.5, but not the list 1.3.5
    r"|[^\W_]+(?:'[^\W_]+)*"  # words, don't, 2nd
    r"|\S"
)
_NUMBER_SIGN = "#"
_NUMBER_WORD = "num"
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
_PUNCTUATION = frozenset(".,?!;:()#-/%$&+*")


def _is_noise(char: str) -> bool:
    """True for accents, joiners, variation selectors and skin tones: marks that change looks, not meaning."""
    return unicodedata.category(char) in {"Mn", "Me", "Cf"} or "\U0001f3fb" <= char <= "\U0001f3ff"


def _plain_char(char: str) -> str:
    """A character without its noise; any script's digit as ASCII; control characters as a space."""
    if char.isascii():
        return char if char.isprintable() else " "
    if _is_noise(char):
        return ""
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


def _fold(text: str) -> str:
    """Case, accents, look-alikes and digits made one. Folding twice changes nothing more for real-world text."""
    text = text.translate(_EDGES).translate(_QUOTES)
    if text.isascii():
        return text.lower().translate(_CONTROLS)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(map(_plain_char, text)).casefold()


def _is_kept(token: str) -> bool:
    """Words, numbers, emoji and the punctuation that carries meaning stay; all else goes."""
    return token[0].isalnum() or token in _PUNCTUATION or unicodedata.category(token[0]) == "So"


def tokens(text: str) -> list[str]:
    """The words, numbers, emoji and meaningful punctuation of ``text``, each made comparable, in order.

    Apostrophes vanish (``don't`` -> ``dont``), letters repeated three times or more become two, and a run of the
    same mark or emoji becomes one. Takes any string and never raises.
    """
    if text.isascii() and text.isalpha():
        return [_LONG_RUN.sub(r"\1\1", text.lower())]
    found: list[str] = []
    for token in _TOKEN.findall(_LONG_RUN.sub(r"\1\1", _fold(text))):
        if not _is_kept(token):
            continue
        word = token.replace("'", "")
        if found and word == found[-1] and not word[0].isalnum():
            continue
        found.append(word)
    return _spoken_signs(found) if _NUMBER_SIGN in found else found


def _spoken_signs(found: list[str]) -> list[str]:
    """``wrong #``: behind a word and before no number the sign is a word, which every lexicon spells out."""
    after = [*found[1:], ""]
    before = ["", *found]
    return [
        _NUMBER_WORD if token == _NUMBER_SIGN and last[-1:].isalpha() and not following[:1].isdigit() else token
        for token, last, following in zip(found, before, after, strict=False)
    ]


def normalise(text: str) -> str:
    """The tokens of ``text`` joined by single spaces. Normalising twice changes nothing."""
    return " ".join(tokens(text))


def spoken(found: Iterable[str]) -> list[str]:
    """Tokens without the punctuation: words, numbers and emoji."""
    return [token for token in found if token not in _PUNCTUATION]


def words(text: str) -> list[str]:
    """The tokens of ``text`` that are not punctuation: words, numbers and emoji."""
    return spoken(tokens(text))


def clauses(found: list[str], *, at_commas: bool = False) -> list[list[str]]:
    """Tokens cut into clauses at ``. ! ? ; :`` (and commas if asked), the punctuation left out, no clause empty."""
    ends = CLAUSE_END | {","} if at_commas else CLAUSE_END
    parts: list[list[str]] = [[]]
    for token in found:
        if token in ends:
            parts.append([])
        elif token not in _PUNCTUATION:
            parts[-1].append(token)
    return [part for part in parts if part]
