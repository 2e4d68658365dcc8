"""Hours in which patients are texted: in every zone that they may be in, on allowed days, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.policy import load_policy
from bot.core.hours import HoursTable, Recipient, Week, next_allowed, why_not
from bot.recipients import place

POLICY = load_policy()
USUAL, WISH = POLICY.hours.usual, POLICY.hours.wish
EASTERN = Recipient(frozenset({"America/New_York"}))
ZONES = sorted(POLICY.hours.everywhere) + ["America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]
HALF_HOURS = [time(minutes // 60, minutes % 60) for minutes in range(0, 24 * 60, 30)]


@st.composite
def spans(draw: st.DrawFn) -> tuple[time, time] | None:
    """Hours of one day, or none."""
    start, end = draw(st.integers(0, 46)), draw(st.integers(1, 47))
    return (HALF_HOURS[start], HALF_HOURS[end]) if start < end else None


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Any week with at least one day."""
    days = draw(st.lists(spans(), min_size=7, max_size=7).filter(any))
    return Week(tuple(days))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
NEAR_CHANGES = st.sampled_from(
    [datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 4, 23, 20, tzinfo=UTC)]
).flatmap(lambda at: st.integers(-600, 600).map(lambda minutes: at + timedelta(minutes=minutes)))


@settings(max_examples=300, deadline=None)
@given(at=MOMENTS, zones=st.sets(st.sampled_from(ZONES), min_size=1, max_size=3), wish=st.booleans())
def test_what_is_given_is_allowed_not_earlier_and_stays(at: datetime, zones: set[str], wish: bool) -> None:
    """Never outside the hours of any zone; asked again of its own answer, it gives the same."""
    somebody, week = Recipient(frozenset(zones)), WISH if wish else USUAL
    found = next_allowed(at, somebody, week)
    if found is None:
        return
    assert found >= at
    assert why_not(found, somebody, week) is None
    assert next_allowed(found, somebody, week) == found
    for zone in zones:
        local = found.astimezone(ZoneInfo(zone))
        assert (8 if wish else 10) <= local.hour < (21 if wish else 18)
        assert wish or local.weekday() != 6


@settings(max_examples=150, deadline=None)
@given(at=st.one_of(MOMENTS, NEAR_CHANGES), zone=st.sampled_from(ZONES), week=weeks())
def test_nothing_earlier_is_allowed(at: datetime, zone: str, week: Week) -> None:
    """Minute by minute from the question to the answer, no minute is allowed: also where the clock is changed."""
    somebody = Recipient(frozenset({zone}))
    at = at.replace(second=0, microsecond=0)
    found = next_allowed(at, somebody, week)
    assert found is not None
    minutes = min(int((found - at).total_seconds() // 60), 3 * 24 * 60)
    earlier = (found - timedelta(minutes=back) for back in range(1, minutes + 1))
    assert all(why_not(each, somebody, week) is not None for each in earlier)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-03T09:59:59-05:00", "2026-03-03T10:00:00-05:00"),  # a minute early
        ("2026-03-03T10:00:00-05:00", "2026-03-03T10:00:00-05:00"),  # the first minute
        ("2026-03-03T18:00:00-05:00", "2026-03-04T10:00:00-05:00"),  # the end is not within
        ("2026-03-06T18:00:00-05:00", "2026-03-07T10:00:00-05:00"),  # Friday evening: Saturday
        ("2026-03-07T17:00:00-05:00", "2026-03-09T10:00:00-04:00"),  # over a Sunday on which clocks go forward
        ("2026-10-31T17:00:00-04:00", "2026-11-02T10:00:00-05:00"),  # over a Sunday on which they go back
    ],
)
def test_days_and_edges(at: str, expected: str) -> None:
    """Weekdays, the edges of a day, Sundays, and the two nights of the year."""
    assert next_allowed(datetime.fromisoformat(at), EASTERN, USUAL) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("day", ["2026-01-01", "2026-07-03", "2026-11-26", "2026-12-25"])
def test_holidays_are_days_without_texts(day: str) -> None:
    """New Year, the observed Fourth of July, Thanksgiving, Christmas; a patient's own wish is kept there too."""
    noon = datetime.fromisoformat(f"{day}T12:00:00-05:00")
    somebody = place("America/New_York", None, "+12025550123", POLICY)
    assert why_not(noon, somebody, USUAL) == "holiday"
    assert why_not(noon, somebody, WISH) is None


def test_a_state_has_its_own_holidays_and_hours() -> None:
    """The ZIP code says the state: Pennsylvania's Saturday ends at noon."""
    harrisburg = place(None, "17101", "+12025550123", POLICY)
    week = POLICY.hours.week(harrisburg.states)
    assert (harrisburg.states, harrisburg.zones) == (frozenset({"PA"}), frozenset({"America/New_York"}))
    saturday = datetime.fromisoformat("2026-03-07T12:30:00-05:00")
    assert why_not(saturday, harrisburg, week) == "quiet_hours"
    assert why_not(saturday, EASTERN, USUAL) is None


SATURDAY = "2026-03-07T15:00:00-05:00"
PATRIOTS_DAY = "2026-04-20T15:00:00-04:00"


@pytest.mark.parametrize(
    ("stored", "zip_code", "address", "at", "why"),
    [
        (None, None, "+12155550123", SATURDAY, "quiet_hours"),
        ("America/New_York", None, "+12155550123", SATURDAY, "quiet_hours"),
        ("America/Chicago", None, "+12155550123", SATURDAY, "quiet_hours"),  # moved, or only the number did
        ("America/New_York", None, "+18005550123", SATURDAY, "quiet_hours"),  # anywhere in the East
        ("America/New_York", None, "+12125550123", SATURDAY, None),
        ("America/New_York", "10001", "+12155550123", SATURDAY, None),  # the ZIP code outranks the number
        ("America/Chicago", "60601", "+18005550123", SATURDAY, None),
        (None, None, "+16175550123", PATRIOTS_DAY, "holiday"),
        ("America/New_York", None, "+18005550123", PATRIOTS_DAY, "holiday"),
        (None, "10001", "+16175550123", PATRIOTS_DAY, None),
        (None, None, "32665", PATRIOTS_DAY, "holiday"),
    ],
)
def test_the_strictest_of_the_states_where_somebody_may_be(
    stored: str | None, zip_code: str | None, address: str, at: str, why: str | None
) -> None:
    """Without a ZIP code the area code tells the state, else every state of the zone counts."""
    somebody = place(stored, zip_code, address, POLICY)
    week = POLICY.hours.week(somebody.states)
    assert why_not(datetime.fromisoformat(at), somebody, week) == why


def test_hours_that_several_states_share() -> None:
    """From the latest start to the earliest end; a day that one of them leaves out is out."""
    early, late = (time(9), time(12)), (time(11), time(19))
    states = {
        "AA": Week((early, early, *(None,) * 5)),
        "BB": Week((late, None, late, *(None,) * 4)),
        "CC": Week(((time(12), time(13)), *(None,) * 6)),
    }
    table = HoursTable(USUAL, WISH, states, frozenset())
    assert table.week({"AA", "BB"}).days == ((time(11), time(12)), *(None,) * 6)
    assert table.week({"AA", "CC"}).days == (None,) * 7
    assert table.week({"AA"}) == states["AA"]
    assert table.week(set()) == table.week({"ZZ"}) == USUAL
    assert table.week({"BB", "ZZ"}).days[0] == (time(11), time(18))


@pytest.mark.parametrize(
    ("stored", "zip_code", "address", "zones"),
    [
        ("America/Denver", "10001", "+12025550123", {"America/Denver"}),
        (None, "79901-1234", "+12025550123", {"America/Denver"}),
        (None, "00000", "+12025550123", {"America/New_York"}),
        (None, None, "+12085550123", {"America/Boise", "America/Los_Angeles"}),
        (None, None, "+18005550123", POLICY.hours.everywhere),
        (None, None, "32665", POLICY.hours.everywhere),
        (None, "09012", "+12025550123", {"America/New_York"}),  # an army post office has no zone
        (None, "96910", "+12025550123", {"Pacific/Guam"}),
    ],
)
def test_where_somebody_may_be(stored: str | None, zip_code: str | None, address: str, zones: set[str]) -> None:
    """The stored zone, else the ZIP code, else the prefix, else anywhere."""
    assert place(stored, zip_code, address, POLICY).zones == zones


def test_of_whom_nothing_is_known_gets_texts_when_it_is_day_everywhere() -> None:
    """From Puerto Rico to Hawaii, in winter and in summer, there is an hour for all."""
    anywhere = place(None, None, "32665", POLICY)
    for month in range(1, 13):
        found = next_allowed(datetime(2026, month, 10, 3, tzinfo=UTC), anywhere, USUAL)
        assert found is not None
        assert found.hour in (20, 21, 22)


def test_zones_that_share_no_hour() -> None:
    """Guam and New York never have the same working hours: nobody is texted, and nothing hangs."""
    somebody = Recipient(frozenset({"Pacific/Guam", "America/New_York"}))
    assert next_allowed(datetime(2026, 3, 3, tzinfo=UTC), somebody, USUAL) is None


def test_a_week_is_whole() -> None:
    """Seven days, and no hours that end before they start."""
    with pytest.raises(ValueError, match="seven"):
        Week((None,) * 6)
    with pytest.raises(ValueError, match="seven"):
        Week(((time(12), time(12)), *(None,) * 6))


def test_a_naive_time_is_refused() -> None:
    """Hours mean nothing without a zone."""
    with pytest.raises(ValueError, match="aware"):
        next_allowed(datetime(2026, 3, 3), EASTERN, USUAL)  # noqa: DTZ001


def test_a_day_of_a_holiday_is_told_from_the_day_after() -> None:
    """A holiday is a local day, not a UTC one."""
    somebody = Recipient(frozenset({"Pacific/Honolulu"}), frozenset(), lambda year: frozenset({date(2026, 3, 3)}))
    assert why_not(datetime(2026, 3, 4, 2, tzinfo=UTC), somebody, USUAL) == "holiday"
    assert why_not(datetime(2026, 3, 4, 20, tzinfo=UTC), somebody, USUAL) is None
