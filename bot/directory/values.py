"""Single values as directories write them: dates, times, weekdays, languages, numbers, marks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

import phonenumbers

from bot.core.directory.service import Phone

_TIME = re.compile(r"(\d{1,2})(?::?(\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?m?\.?", re.IGNORECASE)
_OFFSET = re.compile(r"(?<=[\d.m])\s*(z|utc|gmt|(?:utc|gmt)?[+-]\d{2}:?\d{2})$", re.IGNORECASE)
_DATE_FORMS = ("%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%d %B %Y", "%Y%m%d")
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_BYDAY = re.compile(r"([+-]?\d)?\s*(mo|tu|we|th|fr|sa|su)[a-z]*", re.IGNORECASE)
_AMERICAN = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
_SHORT_NUMBERS = re.compile(r"\d{3}|\d{5,6}")
# Codes by their English and own names; a code itself is taken as it is.
_LANGUAGES = {
    "english": "en", "spanish": "es", "espanol": "es", "español": "es", "chinese": "zh", "mandarin": "zh",
    "cantonese": "yue", "tagalog": "tl", "filipino": "tl", "vietnamese": "vi", "korean": "ko", "russian": "ru",
    "arabic": "ar", "french": "fr", "haitian creole": "ht", "creole": "ht", "portuguese": "pt", "polish": "pl",
    "hindi": "hi", "urdu": "ur", "bengali": "bn", "somali": "so", "nepali": "ne", "hmong": "hmn", "amharic": "am",
    "american sign language": "ase", "asl": "ase", "japanese": "ja", "german": "de", "italian": "it",
    "farsi": "fa", "persian": "fa", "punjabi": "pa", "ukrainian": "uk", "swahili": "sw", "burmese": "my",
    "eng": "en", "spa": "es",
}  # fmt: skip
_YES = {"true", "t", "yes", "y", "1", "private", "confidential", "hidden", "restricted", "internal"}


def text(value: Any) -> str:
    """One line of text without markup; empty for nothing. Lists are joined with commas."""
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(part for each in value if (part := text(each)))
    whole = str(value).encode("utf-8", "ignore").decode().replace("\x00", "")
    return " ".join(re.sub(r"<[^>]{1,200}>", " ", whole).split())


def listed(value: Any) -> list[str]:
    """Several values in one field: a list, or text with commas or semicolons."""
    parts = value if isinstance(value, list | tuple) else re.split(r"[,;|]", str(value or ""))
    return [part for each in parts if (part := text(each).strip(" []\"'"))]


def read_date(value: Any) -> date | None:
    """A day, in ISO form or as Americans write it; None for nothing. Raises ``ValueError``."""
    written = text(value)
    if not written:
        return None
    with suppress(ValueError):
        return datetime.fromisoformat(written.replace("Z", "+00:00")).date()
    for form in _DATE_FORMS:
        with suppress(ValueError):
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
    raise ValueError("not a date")


def read_time(value: Any) -> time | None:
    """A time of day: ``09:00:00``, ``9am``, ``4:00 PM``, ``noon``; None for nothing. Raises ``ValueError``.

    As it is written: what :func:`read_offset` finds behind it is left out.
    """
    written = _OFFSET.sub("", text(value).lower().strip())
    if not written:
        return None
    if written in ("noon", "midnight", "24:00", "24:00:00"):
        return time(12 if written == "noon" else 0)
    found = _TIME.fullmatch(written.rsplit("t", 1)[-1] if re.match(r"\d{4}-", written) else written)
    if not found:
        raise ValueError("not a time of day")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("not a time of day")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise ValueError("not a time of day")
    return time(hour, minute)


def read_offset(value: Any) -> timedelta | None:
    """How far a time of day is ahead of UTC by what stands behind it (``Z``, ``-05:00``); None where nothing does."""
    found = _OFFSET.search(text(value).lower().strip())
    if not found:
        return None
    digits = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{2}):?(\d{2})", found[1])
    if not digits:
        return timedelta()
    away = timedelta(hours=int(digits[2]), minutes=int(digits[3]))
    return -away if digits[1] == "-" else away


def read_days(value: Any) -> list[tuple[int, int]]:
    """Weekdays with their rank in the month (0: every one): ``TH,FR``, ``2TU``, ``Monday``, ``["MO"]``.

    A single digit is a weekday of HSDS 1.1, 1 is Monday. Raises ``ValueError`` for what names no day.
    """
    found = []
    for part in listed(value):
        if part.isdigit() and len(part) == 1 and part != "0":
            found.append((0, (int(part) - 1) % 7))
            continue
        match = _BYDAY.fullmatch(part)
        if not match:
            raise ValueError("not a day of the week")
        found.append((int(match[1] or 0), _DAYS.index(match[2].lower())))
    return found


def read_numbers(value: Any) -> list[int]:
    """Whole numbers in one field. Raises ``ValueError``."""
    return [int(part) for part in listed(value)]


def read_language(value: Any) -> str | None:
    """A language code for a name or code; None for what is neither."""
    written = text(value).lower().strip()
    if written in _LANGUAGES:
        return _LANGUAGES[written]
    code = written.split("-")[0].split("_")[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None


def read_phone(number: Any, extension: Any, kind: Any) -> Phone:
    """A number to call, in E.164 form or short (``211``). Raises ``ValueError`` for what cannot be dialled."""
    written, kinds = text(number).strip("\"'"), text(kind).lower()
    short = re.sub(r"[\s-]", "", written)
    if _SHORT_NUMBERS.fullmatch(short):
        return Phone(short, kind=kinds or "voice")
    try:
        parsed = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        raise ValueError("not a phone number") from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError("not a phone number that can be dialled")
    if parsed.country_code == 1 and not _AMERICAN.fullmatch(str(parsed.national_number)):
        raise ValueError("not a phone number that can be dialled")
    own = "".join(re.findall(r"\d", text(extension))) or parsed.extension
    parsed.extension = None
    dialled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(dialled, extension=own or None, kind=kinds or "voice")


def is_yes(value: Any) -> bool:
    """Whether a mark is set: true, yes, 1, or a word for private."""
    return value is True or text(value).lower() in _YES


def unique(values: Iterable[Any]) -> tuple[Any, ...]:
    """Each value once, in order."""
    return tuple(dict.fromkeys(values))
