"""When to write again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.callbacks import read_callback
from bot.core.lexicon import Lexicon
from bot.core.times import Moment, read_moment
from tests.language.conftest import table
from tests.language.test_properties import at_ease

Lexicons = dict[str, Lexicon]
TIMES = table("times")
CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 4, 14, 5, tzinfo=CHICAGO)
WORDS = [word for replies in TIMES.values() for reply in replies for word in reply.split()]


def shown(moment: Moment | None) -> str | None:
    """A moment as the table writes it."""
    return None if moment is None else f"{'' if moment.exact else '~'}{moment.at:%d %H:%M}"


@pytest.mark.parametrize(
    ("language", "reply", "want"),
    [(language, reply, want) for language, replies in TIMES.items() for reply, want in replies.items()],
)
def test_times_are_read(language: str, reply: str, want: str | None, lexicons: Lexicons) -> None:
    """Each reply is the moment that the table says."""
    assert shown(read_moment(reply, NOW, lexicons, language)) == want


def test_a_wall_clock_stays_one_when_summer_time_begins(lexicons: Lexicons) -> None:
    """An hour named is that hour on the patient's clock; a delay is so much time."""
    evening = datetime(2026, 3, 7, 23, 30, tzinfo=CHICAGO)
    tomorrow, delay = (read_moment(said, evening, lexicons, "en") for said in ("tomorrow at 3 pm", "in 3 hours"))
    assert tomorrow is not None
    assert delay is not None
    assert tomorrow.at.astimezone(UTC) == datetime(2026, 3, 8, 20, 0, tzinfo=UTC)
    assert delay.at.astimezone(UTC) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)


@at_ease
@given(
    message=st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)),
    days=st.floats(0, 2000),
    language=st.sampled_from(["en", "es"]),
)
def test_a_moment_is_aware_and_to_come(message: str, days: float, language: str, lexicons: Lexicons) -> None:
    """Whatever is written, and whenever: never in the past, never more than a year ahead, never an error."""
    now = NOW + timedelta(days=days)
    moment = read_moment(message, now, lexicons, language)
    assert moment is None or (moment.at.tzinfo is not None and moment.at > now and (moment.at - now).days <= 366)


@pytest.mark.parametrize(
    ("language", "reply", "day"),
    [
        ("en", "can u text me on 12/24 at 9am", 24),
        ("en", "text me 12/24", 24),
        ("en", "text me on the 26th at noon", 26),
        ("en", "text me on the 21st at 5pm", 21),
        ("en", "text me 1/3 at 9", 3),
        ("en", "text me 12/20 at 9", None),
        ("en", "text me at 9 on christmas", None),
        ("es", "el 24 a las 9", 24),
        ("es", "el 24/12 a las 9", 24),
        ("es", "el 12/24 a las 9", 24),
        ("es", "el 3/1 a las 10", 3),
        ("es", "el 10/11 a las 10", None),
        ("es", "en navidad a las 9", None),
    ],
)
def test_never_another_day_than_the_one_that_was_named(
    language: str, reply: str, day: int | None, lexicons: Lexicons
) -> None:
    """At noon on 21 December: the day to come that was named, or none, so that it is asked for."""
    callback = read_callback(reply, datetime(2026, 12, 21, 18, tzinfo=UTC), CHICAGO.key, lexicons, language)
    assert (None if callback is None else callback.at.astimezone(CHICAGO).day) == day
