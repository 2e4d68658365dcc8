"""How many parts a text is billed and sent as, the way Twilio's own calculator counts.

Called when replies are put into the outbox (to join them, and to cost them) and by the content lint.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_7 = GSM_BASIC | GSM_EXTENSION

# Units in a text of one part, in the first of several parts, and in each later part. The calculator lets
# the first of several UCS-2 parts hold one unit less than the 67 that would fit.
_CAPACITY: dict[Encoding, tuple[int, int, int]] = {"GSM-7": (160, 153, 153), "UCS-2": (70, 66, 67)}

_JOINER = "\u200d"
_PART_SEPARATOR = "\n\n"


def encoding(text: str) -> Encoding:
    """The encoding that carries ``text``: GSM-7 when every character has a place in it, else UCS-2."""
    return "GSM-7" if GSM_7.issuperset(text) else "UCS-2"


def segments(text: str) -> int:
    """The number of parts of ``text``, at least 1 (an empty text is 1).

    An extension character (two septets), a surrogate pair and an emoji sequence are never cut in two.
    """
    name = encoding(text)
    whole, first, later = _CAPACITY[name]
    sizes = list(_gsm_sizes(text) if name == "GSM-7" else _ucs_sizes(text))
    return 1 if sum(sizes) <= whole else _parts(sizes, first, later)


def pack(texts: Sequence[tuple[str, str]], max_segments: int = 3) -> list[tuple[str, str]]:
    """Join consecutive ``(text, purpose)`` replies of one turn into as few messages as may be.

    Carriers do not promise the order of separate texts, so neighbours are joined by a blank line while the
    joined text has at most ``max_segments`` parts. A text that is longer by itself stays as it is. A joined
    message takes the purpose of its last text: that is what the person is asked to answer.
    """
    packed: list[tuple[str, str]] = []
    for text, purpose in texts:
        joined = f"{packed[-1][0]}{_PART_SEPARATOR}{text}" if packed else text
        if packed and segments(joined) <= max_segments:
            packed[-1] = (joined, purpose)
        else:
            packed.append((text, purpose))
    return packed


def _parts(sizes: Sequence[int], first: int, later: int) -> int:
    parts, used, capacity = 1, 0, first
    for size in sizes:
        if used + size > capacity:
            parts, used, capacity = parts + 1, 0, later
        used += size
    return parts


def _gsm_sizes(text: str) -> Iterator[int]:
    return (2 if character in GSM_EXTENSION else 1 for character in text)


def _ucs_sizes(text: str) -> Iterator[int]:
    return (len(cluster.encode("utf-16-be", "surrogatepass")) // 2 for cluster in _clusters(text))


def _clusters(text: str) -> Iterator[str]:
    """What a reader sees as one character: base with its marks, flags, emoji joined by U+200D."""
    cluster = ""
    for character in text:
        if cluster and not _continues(cluster, character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _continues(cluster: str, character: str) -> bool:
    if cluster[-1] in "\r\n":
        return False
    if character == _JOINER or unicodedata.category(character).startswith("M") or _is_skin_tone(character):
        return True
    if cluster[-1] == _JOINER:
        return unicodedata.category(character) == "So"
    return _is_flag_half(character) and _is_flag_half(cluster[-1]) and len(cluster) % 2 == 1


def _is_skin_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
