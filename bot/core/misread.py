"""Tells names that were read in the wrong encoding: "JosŽ" and "JosÃ©" are José, and nobody is called so. Pure."""

from __future__ import annotations

import re

_LETTER = r"[^\W\d_]"
# Letters of UTF-8 taken for two letters of Windows each, and the mark for what could not be read.
_TWICE = re.compile("\ufffd|[ÃÂ][\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
# The accented letters of old Macintosh and DOS files, taken for those of Windows.
_NOT_WINDOWS = re.compile(
    rf"[\x80-\x9f]"
    rf"|{_LETTER}[ŽŠŒŸ](?=[a-zŽœ])|[a-zà-ÿ][ŽŠŒŸ]"
    rf"|{_LETTER}[‡†ƒ„‚ˆ‰‹›¡¢£¤¥]|[‡†ƒ„‚ˆ‰‹›¢£¤¥](?={_LETTER})"
    rf"|{_LETTER}[–—](?=[a-zàœ])|œ(?![ui])"
    rf"|\b[çîòê](?=[a-z])|µ(?={_LETTER})"
    r"|[bcdfghjklmnpqrstvwxz]’(?=[aeo]s?\b)|[a-z]’n\b|\bD’az\b|[a-z]’(?:nez|guez)\b|l’ni|L’nea"
)


def is_misread(text: str, is_guessed: bool) -> bool:
    """Whether the text has letters that nobody wrote. ``is_guessed``: it was taken for Windows-1252 for want of better.

    Only then are doubtful letters looked for, as a list in UTF-8 says which letters it means.
    """
    if text.isascii():
        return False
    return bool(_TWICE.search(text) or (is_guessed and _NOT_WINDOWS.search(text)))
