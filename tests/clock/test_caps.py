"""How often somebody is texted unasked."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.caps import DAY, WEEK, Caps, capped, next_free
from tests.world import START

CAPS = Caps(per_day=1, per_week=3)
RECENT = st.lists(st.integers(0, 7 * 24 * 60).map(lambda minutes: START - timedelta(minutes=minutes)), max_size=12)


@given(recent=RECENT, caps=st.builds(Caps, st.integers(1, 3), st.integers(1, 6)))
def test_what_is_free_is_free_and_the_first(recent: list[datetime], caps: Caps) -> None:
    """At the time that is given no cap stands against it; a minute before one did, unless it is now."""
    free = next_free(START, recent, caps)
    assert free >= START
    assert capped(free, recent, caps) is None
    assert free == START or capped(free - timedelta(seconds=1), recent, caps) is not None
    assert next_free(free, recent, caps) == free


@given(st.lists(st.integers(0, 5 * 24 * 60), min_size=1, max_size=60))
def test_no_window_ever_holds_more(waits: list[int]) -> None:
    """Whoever asks each time before sending never has two texts in a day, nor four in a week."""
    sent: list[datetime] = []
    now = START
    for wait in waits:
        now = next_free(now + timedelta(minutes=wait), sent, CAPS)
        sent.append(now)
    assert all(later - earlier >= DAY for earlier, later in zip(sent, sent[1:], strict=False))
    assert all(later - earlier >= WEEK for earlier, later in zip(sent, sent[3:], strict=False))


def test_each_cap_has_its_reason() -> None:
    """One today, or three this week."""
    assert capped(START, [START - timedelta(hours=23)], CAPS) == "texted_today"
    assert capped(START, [START - timedelta(days=days) for days in (2, 4, 6)], CAPS) == "texted_often"
    assert capped(START, [START - timedelta(days=days) for days in (2, 4, 7)], CAPS) is None
