"""A place in a short text: what somebody needs to go there, in as few segments as may be.

Wording is in ``dialogs/messages``, under keys that begin with ``place_``. What matters least is left out first; the
name and the number never are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from bot.core.directory.opening import Hours
from bot.core.directory.service import Phone
from bot.core.directory.wish import Match
from bot.core.segments import GSM_7, segments

Messages = Mapping[str, str]
ONE_PLACE, THREE_PLACES = 2, 3
# What is left out when it does not fit, one after the other.
LEFT_OUT = ("bring", "distance", "until")
NAME_LENGTHS = (80, 50, 35, 25)
BRING_LENGTH = 60
OF_AGE = 18
_REPLACED = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "`": "'"}
)


def short_listing(match: Match, messages: Messages, now: datetime) -> str:
    """One place in at most two segments: name, distance, number, hours today or next, "call first", what to bring."""
    return _fitted([match], messages, now, ONE_PLACE, numbered=False)[0]


def short_list(matches: Sequence[Match], messages: Messages, now: datetime, limit: int = THREE_PLACES) -> str:
    """Up to three places, numbered, one a line, in at most three segments together."""
    return "\n".join(short_lines(matches, messages, now, limit))


def short_lines(matches: Sequence[Match], messages: Messages, now: datetime, limit: int = THREE_PLACES) -> list[str]:
    """The lines of :func:`short_list`, each with its number."""
    return _fitted(matches, messages, now, limit, numbered=True)


def phone_text(phone: Phone, messages: Messages) -> str:
    """The number so that phones make it a link: 614-555-0134, with the extension in words behind it."""
    digits = phone.number.removeprefix("+1")
    shown = phone.number
    if phone.number.startswith("+1") and len(digits) == 10:
        shown = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    return f"{shown} {messages['place_extension'].format(number=phone.extension)}" if phone.extension else shown


def time_text(at: time | datetime) -> str:
    """``9am``, ``4:30pm``."""
    hour, minute = at.hour, at.minute
    half = "am" if hour < 12 else "pm"
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''}{half}"


def span_text(opens: time | datetime, closes: time | datetime) -> str:
    """``9am-5pm``; the whole day is ``24h``."""
    if (opens.hour, opens.minute) == (closes.hour, closes.minute):
        return "24h"
    return f"{time_text(opens)}-{time_text(closes)}"


def weekday_name(weekday: int, messages: Messages) -> str:
    """The short name of a day, 0 for Monday."""
    return messages["place_weekdays"].split()[weekday]


def date_text(day: date, messages: Messages) -> str:
    """A day of the year that cannot be taken for another: ``Mar 17``, ``17 mar``."""
    return messages["place_date"].format(month=messages["place_months"].split()[day.month - 1], day=day.day)


def hours_text(hours: Hours, messages: Messages, now: datetime, *, brief: bool = False) -> str:
    """Whether it is open, or when it opens next; empty when that is not known."""
    if hours.is_open and hours.until is not None:
        if brief:
            return messages["place_open"]
        whole_day = (hours.until - now).total_seconds() > 20 * 3600
        return messages["place_open_always" if whole_day else "place_open_until"].format(time=time_text(hours.until))
    if hours.next_open is None or hours.next_close is None:
        return ""
    today = now.astimezone(hours.next_open.tzinfo).date()
    days = (hours.next_open.date() - today).days
    span = span_text(hours.next_open, hours.next_close)
    if days < 2:
        return messages["place_opens_tomorrow" if days else "place_opens_today"].format(hours=span)
    opens = hours.next_open
    day = weekday_name(opens.weekday(), messages) if days < 7 else date_text(opens, messages)
    return messages["place_opens"].format(day=day, hours=span)


def _fitted(matches: Sequence[Match], messages: Messages, now: datetime, limit: int, *, numbered: bool) -> list[str]:
    """The lines with as much in them as fits."""
    lines: list[str] = []
    for length in NAME_LENGTHS:
        for left_out in range(len(LEFT_OUT) + 1):
            lines = [
                (f"{number}. " if numbered else "")
                + _line(match, messages, now, frozenset(LEFT_OUT[:left_out]), length)
                for number, match in enumerate(matches, start=1)
            ]
            if segments("\n".join(lines)) <= limit:
                return lines
    return lines


def _line(match: Match, messages: Messages, now: datetime, left_out: frozenset[str], length: int) -> str:
    name = shortened(match.service.name, length)
    if match.distance_miles is not None and "distance" not in left_out:
        name += f" ({messages['place_distance'].format(miles=_miles(match.distance_miles))})"
    parts = [name, phone_text(match.phone, messages) if match.phone else ""]
    parts.append("" if match.phone or match.address else messages["place_call_211"])
    parts.append(_ages(match, messages))
    parts.append(hours_text(match.hours, messages, now, brief="until" in left_out))
    parts.append(messages["place_call_first"] if match.call_first and match.phone else "")
    if match.service.documents and "bring" not in left_out:
        parts.append(messages["place_bring"].format(documents=shortened(match.service.documents[0], BRING_LENGTH)))
    return in_gsm(". ".join(part.rstrip(". ") for part in parts if part) + ".")


def _ages(match: Match, messages: Messages) -> str:
    """For which ages it is, to somebody whose age is not known; that it is for grown-ups goes without saying."""
    low, high = match.service.min_age or 0, match.service.max_age
    low = low if low > OF_AGE else 0
    if not match.age_unknown or (not low and high is None):
        return ""
    key = "place_ages_from" if high is None else "place_ages" if match.service.min_age else "place_ages_to"
    return messages[key].format(low=match.service.min_age, high=high)


def shortened(text: str, length: int) -> str:
    """At most so long, cut between words."""
    if len(text) <= length:
        return text
    return text[: length - 2].rsplit(" ", 1)[0].rstrip(" ,;:-") + "..."


def in_gsm(text: str) -> str:
    """In letters that do not make a text cost double, when that only takes accents and quotes; else as it is."""
    plain = text.translate(_REPLACED)
    bare = "".join(c if c in GSM_7 else unicodedata.normalize("NFKD", c)[0] for c in plain)
    return bare if GSM_7.issuperset(bare) else text


def _miles(distance: float) -> str:
    return f"{distance:.1f}".removesuffix(".0") if distance < 10 else f"{distance:.0f}"
