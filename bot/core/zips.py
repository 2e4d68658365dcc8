"""Reads the ZIP code in what somebody wrote or said."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core import text
from bot.core.lexicon import Lexicon

DIGITS = 5
# With four more behind it, or run together with them; no amount, no part of a longer number.
_ZIP = re.compile(r"(?<![\d$#.,-])(\d{5})(?:[ -]?\d{4})?(?![\d%-]|[.,]\d)")
# The letter for the figure: "O6405".
_LETTER_O = re.compile(r"\b[oO](?=\d{4}\b)|(?<=\d)[oO](?=\d)")


def read_zip(body: str, lexicons: Mapping[str, Lexicon], language: str) -> str | None:
    """The five digits of the ZIP code in ``body``, also of one with nine; None when there is none for certain.

    A ZIP code ends an address, so the last one counts. Five figures that are said one by one are one.
    """
    found = _ZIP.findall(_LETTER_O.sub("0", body))
    return found[-1] if found else _figure_by_figure(body, lexicons, language)


def _figure_by_figure(body: str, lexicons: Mapping[str, Lexicon], language: str) -> str | None:
    values = lexicons[language].table("numbers.values")
    said = [str(values.get(word, word)) for word in text.words(body)]
    digits = [each for each in said if len(each) == 1 and each.isdecimal()]
    return "".join(digits) if len(digits) == DIGITS else None
