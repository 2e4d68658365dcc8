"""The pure decisions: which step, who is in the line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import load_content
from bot.content.on_call import OnCallInvalid, read_on_call
from bot.core.on_call import Hours, case_code, line_up, pick
from tests.world import START

NOW = load_content().on_call.cadences["now"]


@dataclass(frozen=True)
class Someone:
    """Somebody on call, as far as the line goes."""

    name: str
    clinic: str | None = None
    reached: Hours | None = None


@given(st.integers(0, 60), st.integers(0, 60 * 24 * 3))
def test_a_step_is_never_taken_too_early_and_time_always_goes_on(number: int, minutes: int) -> None:
    """The latest step that is due was due; the one after it was not; steps follow each other in time."""
    waited = timedelta(minutes=minutes)
    step = NOW.latest(number, waited)
    assert step >= number
    assert NOW.due(step + 1) > waited
    assert step == number or NOW.due(step) <= waited
    assert NOW.due(step + 1) > NOW.due(step)


def test_the_last_step_repeats_for_ever_to_everybody() -> None:
    """Long after the opening everybody is told, at the low rate."""
    step = NOW.latest(0, timedelta(days=2))
    assert NOW.places(step) == ()
    assert NOW.due(step + 1) - NOW.due(step) == NOW.then_every
    assert not NOW.is_listed(step)


def test_the_clinics_own_people_come_first() -> None:
    """Then those of every clinic; people of another clinic are left out."""
    people = [Someone("all"), Someone("elm", "Elm Street"), Someone("oak", "Oak Clinic")]
    assert [p.name for p in line_up(people, " elm street", START)] == ["elm", "all"]
    assert [p.name for p in line_up(people, None, START)] == ["all"]


def test_whoever_is_off_duty_is_left_out_unless_all_are() -> None:
    """With nobody on duty the whole line is told."""
    nights = Hours.parse("mon-sun 20:00-06:00", "America/New_York")
    day, night = Someone("day"), Someone("night", reached=nights)
    assert [p.name for p in line_up([night, day], None, START)] == ["day"]
    assert [p.name for p in line_up([night], None, START)] == ["night"]


def test_a_line_that_is_too_short_is_told_whole() -> None:
    """The second of one is everybody."""
    ana, ben = Someone("ana"), Someone("ben")
    assert pick([ana], (2, 3)) == [ana]
    assert pick([ana, ben], (2,)) == [ben]
    assert pick([ana, ben], ()) == [ana, ben]


@pytest.mark.parametrize(
    ("written", "at", "covered"),
    [
        ("mon-fri 08:00-18:00", datetime(2026, 3, 3, 15, tzinfo=UTC), True),
        ("mon-fri 08:00-18:00", datetime(2026, 3, 3, 12, tzinfo=UTC), False),
        ("sat-sun 00:00-00:00", datetime(2026, 3, 8, 3, tzinfo=UTC), True),
        ("fri 20:00-06:00", datetime(2026, 3, 7, 10, tzinfo=UTC), True),
        ("fri 20:00-06:00", datetime(2026, 3, 8, 10, tzinfo=UTC), False),
        ("mon 08:00-09:00, tue 10:00-11:00", datetime(2026, 3, 3, 15, 30, tzinfo=UTC), True),
        ("fri-mon 08:00-18:00", datetime(2026, 3, 3, 15, tzinfo=UTC), False),
    ],
)
def test_hours_are_read_in_their_own_zone(written: str, at: datetime, covered: bool) -> None:
    """Spans of the week, past midnight too."""
    assert Hours.parse(written, "America/New_York").cover(at) is covered


@pytest.mark.parametrize("written", ["", "always", "mon 8-18", "xyz 08:00-18:00", "mon 25:00-26:00", "mon-fri"])
def test_hours_that_cannot_be_read_are_refused(written: str) -> None:
    """A duty that nobody could have meant is no duty."""
    with pytest.raises(ValueError, match="."):
        Hours.parse(written, "UTC")


def test_codes_of_cases_are_short_plain_and_differ() -> None:
    """Six signs that are not mistaken for each other, the same each time."""
    codes = {case_code(f"esc_{n:024x}") for n in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == 6 and not set(code) & set("01OIAEU") for code in codes)
    assert case_code("esc_1") == case_code("esc_1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"urgencies": {}}, "must be now and today"),
        ({"texts": {}}, "texts: must be"),
        ({"steps": [{"after": 5, "who": [1]}]}, "must begin after 0"),
        ({"steps": [{"after": 0, "who": [1]}, {"after": 0, "who": [2]}]}, "later than the one before"),
        ({"steps": [{"after": 0, "who": "anybody"}]}, "everybody, or places"),
        ({"steps": []}, "at least one"),
        ({"then_every": 0}, "then_every"),
        ({"claim_counts_for_hours": "long"}, "whole number of hours"),
        ({"words": {"claims": "claim"}}, "words: must be claims"),
        ({"words": dict.fromkeys(("claims", "beside", "refuses"), "Claim")}, "small letters"),
        ({"text": "{patient} {code} {number}"}, "no placeholder {patient}"),
        ({"mail": "{code}"}, "no two alerts"),
    ],
)
def test_content_that_would_keep_somebody_from_hearing_is_refused(change: dict[str, object], said: str) -> None:
    """Each slip is named with its place."""
    step = {"after": 0, "who": [1]}
    cadence = {"steps": change.get("steps", [step]), "then_every": change.get("then_every", 15)}
    texts = {name: "{code} {number}" for name in ("text", "subject", "mail", "claimed", "taken", "which", "none_open")}
    texts |= {name: str(change[name]) for name in ("text", "mail") if name in change}
    data: dict[str, object] = {"urgencies": {"now": cadence, "today": cadence}, "texts": texts}
    words = dict.fromkeys(("claims", "beside", "refuses"), "claim")
    data |= {"claim_counts_for_hours": 12, "words": words}
    data |= {name: change[name] for name in ("urgencies", "texts", "words", "claim_counts_for_hours") if name in change}
    with pytest.raises(OnCallInvalid, match=said):
        read_on_call(data)
