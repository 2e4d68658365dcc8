"""When somebody wants to be texted again: read from their words, kept out of the night, and said back to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import text
from bot.core.lexicon import Lexicon
from bot.core.times import read_moment

# The kind of follow-up that texts at the time which the patient named.
RESUME = "resume_screening"
# The kind that reminds of a screening which was left, and the kind that asks the questions again months later.
REMINDER = "screening_reminder"
RESCREENING = "rescreening"
# No texts from nine in the evening to eight in the morning where the patient is.
NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)
MORNING = time(9)


@dataclass(frozen=True)
class Callback:
    """A time to text again, aware UTC. ``shifted``: the time that was named lies in the night, this is the morning."""

    at: datetime
    shifted: bool = False

    def to_json(self) -> dict[str, Any]:
        """``{"at", "shifted"}``."""
        return {"at": self.at.isoformat(), "shifted": self.shifted}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Callback:
        """Read what :meth:`to_json` wrote. Raises ``KeyError`` or ``ValueError`` on anything else."""
        return cls(datetime.fromisoformat(body["at"]), bool(body["shifted"]))


def read_callback(
    body: str, now: datetime, zone: str, lexicons: Mapping[str, Lexicon], language: str
) -> Callback | None:
    """The time after ``now`` (aware) that ``body`` names, for somebody in ``zone`` (an IANA name), or None.

    A bare "later" names none. A time in the night becomes nine in the morning. Ask only about a message that puts
    something off.
    """
    there = now.astimezone(ZoneInfo(zone))
    moment = read_moment(body, there, lexicons, language)
    if moment is None or read_moment(_without_soon(body, lexicons), there, lexicons, language) is None:
        return None
    at = _by_day(moment.at.astimezone(ZoneInfo(zone)))
    return Callback(at.astimezone(UTC), shifted=at != moment.at)


def worded_callback(at: datetime, now: datetime, zone: str, messages: Mapping[str, str]) -> str:
    """``at`` in words, where the patient is: "tomorrow at 3 pm"."""
    there, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (there.date() - today).days
    if days in (0, 1):
        day = messages["day_tomorrow" if days else "day_today"]
    else:
        weekday = messages["weekdays"].split(", ")[there.weekday()]
        month = messages["months"].split(", ")[there.month - 1]
        key = "day_this_week" if days < 7 else "day_date"
        day = messages[key].format(weekday=weekday, month=month, date=there.day)
    hour = there.hour % 12 or 12
    clock = f"{hour}:{there.minute:02d}" if there.minute else str(hour)
    key = "at_one" if hour == 1 else "at_hour"
    return messages[key].format(day=day, clock=clock, half="pm" if there.hour >= 12 else "am")


def _without_soon(body: str, lexicons: Mapping[str, Lexicon]) -> str:
    """``body`` without the words that only say "not now"."""
    said = f" {' '.join(text.tokens(body))} "
    phrases = {phrase for lexicon in lexicons.values() for phrase in lexicon.table("times.soons")}
    for phrase in sorted(phrases, key=len, reverse=True):
        said = said.replace(f" {phrase} ", " ")
    return said


def _by_day(at: datetime) -> datetime:
    """The time itself, or nine in the morning after the night in which it lies."""
    if NIGHT_ENDS <= at.time() < NIGHT_BEGINS:
        return at
    day = at.date() + timedelta(days=1) if at.time() >= NIGHT_BEGINS else at.date()
    return datetime.combine(day, MORNING, at.tzinfo)
