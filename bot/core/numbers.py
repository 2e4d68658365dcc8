"""Numbers as people write them: digits, words, ordinals, dozens, in any language that has a lexicon."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.lexicon import Lexicon

LARGEST = 10**9

_DIGITS = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+")
_ORDINAL = re.compile(r"(\d{1,4})([a-z]+)")


def digits_value(token: str) -> int | float | None:
    """The value of a token of digits (``12``, ``2.5``, ``1,200``), or ``None``."""
    if not token[:1].isdigit() or not _DIGITS.fullmatch(token) or len(token) > 12:
        return None
    plain = token.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def is_signed(found: Sequence[str]) -> bool:
    """Whether a reply begins with a minus and a number ("-1"): a slip, a list, or a number below none."""
    return len(found) > 1 and found[0] == "-" and digits_value(found[1]) is not None


def is_starred(found: Sequence[str]) -> bool:
    """Whether a reply is a correction as people mark one: a star before it and none behind it ("*never")."""
    return len(found) > 1 and found[0] == "*" and "*" not in found[1:]


def is_marked(found: Sequence[str]) -> bool:
    """Whether a minus or a star stands before a reply: what is read behind it is asked about."""
    return is_signed(found) or is_starred(found)


def cardinal(found: Sequence[str], lexicon: Lexicon) -> int | float | None:
    """How many ``found`` says, when all of it is one number (``two dozen``, ``treinta y 3``); else ``None``."""
    if len(found) == 1:
        value = digits_value(found[0])
        return lexicon.table("numbers.values").get(found[0]) if value is None else value
    if len(found) == 2 and found[0] == found[1]:
        return None
    phrase: int | None = lexicon.table("numbers.values").get(" ".join(found))
    if phrase is not None:
        return phrase
    return _said_twice(found, lexicon) or _composed(found, lexicon)


def ordinal(found: Sequence[str], lexicon: Lexicon) -> int | None:
    """Which one ``found`` names, when all of it is one ordinal (``2nd``, ``twenty first``, ``2da``); else ``None``."""
    ordinals = lexicon.table("numbers.ordinals")
    if not found:
        return None
    last = ordinals.get(found[-1]) or _numeric_ordinal(found[-1], lexicon) or _joined_ordinal(found[-1], lexicon)
    if last is None or len(found) == 1:
        return last
    before = cardinal(found[:-1], lexicon)
    if before is None and len(found) == 2:
        before = ordinals.get(found[0])
    fits = isinstance(before, int) and before >= 10 and before % 10 == 0 and last < 10
    return int(before) + last if fits and before is not None else None


def _numeric_ordinal(token: str, lexicon: Lexicon) -> int | None:
    """``2nd``, ``111ro``."""
    match = _ORDINAL.fullmatch(token)
    if match and match[2] in lexicon.words("numbers.ordinal_suffixes"):
        return int(match[1])
    return None


def _joined_ordinal(token: str, lexicon: Lexicon) -> int | None:
    """``twentyfifth``: a ten and an ordinal written as one word."""
    ordinals, values = lexicon.table("numbers.ordinals"), lexicon.table("numbers.values")
    for cut in range(5, len(token) - 3):
        ten, unit = values.get(token[:cut]), ordinals.get(token[cut:])
        if ten is not None and unit is not None and ten >= 20 and unit < 10:
            return int(ten) + int(unit)
    return None


def _said_twice(found: Sequence[str], lexicon: Lexicon) -> int | float | None:
    """``45 (forty five)``: digits and the same in words."""
    for digits, rest in ((found[0], found[1:]), (found[-1], found[:-1])):
        value = digits_value(digits)
        if value is not None and len(rest) > 0 and not any(digits_value(t) is not None for t in rest):
            return value if _composed(rest, lexicon) == value else None
    return None


def _composed(found: Sequence[str], lexicon: Lexicon) -> int | None:
    """Words and digits added and multiplied in order; ``None`` as soon as the order makes no sense."""
    values, scales = lexicon.table("numbers.values"), lexicon.table("numbers.scales")
    joiners = lexicon.words("numbers.joiners")
    total, group, floor = 0, 0, LARGEST
    counted = False
    for token in found:
        value = values.get(token, int(token) if token.isdecimal() and len(token) < 10 else None)
        if token in joiners and value is None:
            continue
        if token in scales:
            total, group, floor = (total + max(group, 1) * scales[token], 0, scales[token])
        elif value is None or value >= floor or (value == 0 and counted and floor != LARGEST):
            return None
        else:
            group += value
            floor = _room(value)
        counted = True
    return total + group if counted else None


def _room(value: int) -> int:
    """The first number that may no longer follow ``value`` (after forty only units, after a unit nothing)."""
    if value == 0:
        return 10
    for step in (100, 10):
        if value >= step * (2 if step == 10 else 1) and value % step == 0:
            return step
    return 1 if value > 0 else LARGEST
