"""What somebody on call texts about a case: that they claim it, or something that only seems so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

CODE_LENGTH = 6
# No letter or digit that looks like another, no vowel that makes a word.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}", re.IGNORECASE)
# A code as people also type it: "K7M 2QX", "K7M-2QX".
_HALVES = re.compile(f"\\b([{ALPHABET}]{{3}})[ -]([{ALPHABET}]{{3}})\\b", re.IGNORECASE)


@dataclass(frozen=True)
class ClaimWords:
    """The words of every language, in small letters. ``claims`` say that a case is taken.

    With ``beside`` there a text still says nothing else; with ``refuses`` it may say that the case is not taken.
    """

    claims: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Claim:
    """What a text from somebody on call says of cases.

    ``codes`` are what may be codes, in capitals. ``plain``: it takes what it names, or the only one there is; else it
    may mean something else, and nothing is claimed. ``vague``: it does not say the word, but a code alone, or an "ok".
    """

    codes: tuple[str, ...] = ()
    plain: bool = False
    vague: bool = False


def read_claim(body: str, known: ClaimWords) -> Claim | None:
    """What a text says of cases; None for one that speaks of something else. A doubt is no claim."""
    words = re.findall(r"\w+", _HALVES.sub(_joined, re.sub("['\u2019]", "", body)).casefold())
    at = next((place for place, word in enumerate(words) if word in known.claims), None)
    codes = {place: word.upper() for place, word in enumerate(words) if _is_code(words, place, at)}
    others = [word for place, word in enumerate(words) if place not in codes and word not in known.claims]
    if at is None and not codes:
        return Claim(vague=True) if all(word in known.beside | known.refuses for word in others) else None
    if at is not None and not codes and not _may_follow(words[at + 1 :], known):
        return None
    before = words[: max(at, min(codes))] if at is not None and codes else words
    doubted = "?" in body or any(word in known.refuses for word in others)
    plain = not doubted and all(word in known.beside for word in before if word in others)
    return Claim(tuple(codes.values()), plain, vague=at is None)


def _joined(halves: re.Match[str]) -> str:
    return "".join(halves.groups()) if any(sign.isdigit() for sign in halves.group()) else halves.group()


def _is_code(words: Sequence[str], place: int, claim: int | None) -> bool:
    """Whether a word may be a code: it looks like one or, behind CLAIM, like one that was mistyped."""
    word = words[place]
    alone = claim is not None or len(words) == 1
    if _CODE.fullmatch(word):
        return alone or not word.isdigit()
    has_digit = any(sign.isdigit() for sign in word)
    if claim is None:
        return alone and has_digit and not word.isdigit() and abs(len(word) - CODE_LENGTH) < 2
    return place > claim and has_digit and len(word) > 2


def _may_follow(words: Sequence[str], known: ClaimWords) -> bool:
    """Whether these words may stand behind a CLAIM without a code ("claim my case", not "claim benefits")."""
    return not words or words[0] in known.beside | known.refuses
