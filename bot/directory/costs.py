"""What a listing costs: its words, and whether it is free."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.directory.words import CostWords, plain_words
from bot.directory.values import text

_SUM = re.compile(r"\$ ?(\d[\d,]*(?:\.\d+)?)|(?<![\d.])(\d[\d,]*(?:\.\d+)?) ?(?:usd|dollars?|dolares)\b")
_NOTHING = re.compile(r"(?:usd )?\$? ?0*\.?0+(?: ?usd| ?dollars?)?|no")


def read_cost(raw: Mapping[str, Any], options: Sequence[Mapping[str, Any]]) -> str:
    """What is said of the cost, in words."""
    said = text(raw.get("fees_description") or raw.get("fees"))
    told = [" ".join(text(row.get(key)) for key in ("option", "amount", "currency")).strip() for row in options]
    return said or ", ".join(option for option in told if option)


def is_free(said: str, options: Sequence[Mapping[str, Any]], words: CostWords) -> bool | None:
    """Whether nobody pays anything, or somebody something; None when that is not said."""
    amounts = [amount for row in options if (amount := text(row.get("amount")))]
    if any(not _NOTHING.fullmatch(plain_words(amount)) for amount in amounts):
        return False
    plain = words.harmless.sub(" ", plain_words(said).replace("-", " ").strip(" .;,"))
    if any(float((a or b).replace(",", "")) for a, b in _SUM.findall(plain)):
        return False
    if _NOTHING.fullmatch(plain.strip()):
        return True
    told = " ".join(_SUM.sub(" free ", plain).split())
    left = words.free.sub(" ", told)
    if words.costs.search(left) or re.search(r"\bnot(?: a| always)? free\b", plain):
        return False
    if amounts:
        return True
    return True if words.free.search(told) and not words.unless.search(left) else None
