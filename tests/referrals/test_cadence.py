"""When the next step is, and what becomes of needs and cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.load import content_root, read_yaml
from bot.content.referral import FILE, lint_referral, load_referral, read_referral
from bot.core.check_ins import business_days_later, deadline, is_unreachable, next_check_in, partner_step
from bot.core.referral_case import STATUSES, End, case_status, need_status

CONTENT = load_referral()
TIMES = CONTENT.check_ins
BEGAN = datetime(2026, 3, 3, 15, tzinfo=UTC)
ZONE = "America/New_York"


def days_of_check_ins(calm: bool) -> list[int]:
    """The days after the beginning on which a patient who never stops waiting is asked."""
    found: list[int] = []
    now = BEGAN
    while (due := next_check_in(TIMES, BEGAN, now, len(found), ZONE, calm=calm)) <= deadline(TIMES, BEGAN):
        found.append((due.astimezone(ZoneInfo(ZONE)).date() - BEGAN.date()).days)
        now = due
    return found


def test_the_default_cadence() -> None:
    """Days 3, 10, 24, then monthly for a year; fewer when things go well."""
    usual, calm = days_of_check_ins(False), days_of_check_ins(True)
    assert usual[:5] == [3, 10, 24, 54, 84]
    assert usual[-1] == 354
    assert calm[:3] == [24, 84, 144]
    assert len(calm) < len(usual) / 2


def test_the_hours_vary() -> None:
    """Somebody who is busy at one hour is reached at another."""
    now, hours = BEGAN, []
    for number in range(3):
        now = next_check_in(TIMES, BEGAN, now, number, ZONE, calm=False)
        hours.append(now.astimezone(ZoneInfo(ZONE)).hour)
    assert len(set(hours)) == 3


@given(st.integers(0, 400 * 24), st.integers(0, 20), st.booleans())
def test_a_check_in_is_always_to_come(hours: int, number: int, calm: bool) -> None:
    """Never in the past, also over the changes of the clocks."""
    now = BEGAN + timedelta(hours=hours)
    assert next_check_in(TIMES, BEGAN, now, number, ZONE, calm=calm) > now - timedelta(hours=1)


def test_silence_becomes_unreachable_only_over_the_whole_window() -> None:
    """Three tries in a row, and two weeks."""
    assert not is_unreachable(TIMES, 2, BEGAN, BEGAN + timedelta(days=30))
    assert not is_unreachable(TIMES, 3, BEGAN, BEGAN + timedelta(days=13))
    assert is_unreachable(TIMES, 3, BEGAN, BEGAN + timedelta(days=14))


def test_a_partner_is_reminded_and_then_given_up() -> None:
    """After two and five days, and after ten days it is over."""
    steps = [partner_step(CONTENT.partner, BEGAN, reminders) for reminders in range(3)]
    days = [(step, (due - BEGAN).days) for step, due in steps]
    assert days == [("remind", 2), ("remind", 5), ("give_up", 10)]


def test_two_business_days_leave_out_weekends_and_holidays() -> None:
    """From a Thursday before a Monday holiday it is Tuesday."""
    due = business_days_later(datetime(2026, 1, 15, 20, tzinfo=UTC), 2, ZONE, lambda day: day == date(2026, 1, 19))
    assert date(2026, 1, 20) == due.astimezone(ZoneInfo(ZONE)).date()


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        pytest.param([End("requested", False, None, None)], None, id="goes on"),
        pytest.param([End("failed", True, "no_response", "programme")], None, id="next place"),
        pytest.param([End("failed", True, "unresolvable", "chw")], ("unresolvable", "chw"), id="unresolvable"),
        pytest.param([End("declined", True, "patient_declined", "patient")], ("declined", "patient"), id="declined"),
        pytest.param(
            [End("completed", True, "partner_helped", "partner"), End("failed", True, "no_response", "programme")],
            ("resolved", "partner"),
            id="one helped",
        ),
        pytest.param(
            [End("failed", True, "lost_to_follow_up", "programme")], ("lost_to_follow_up", "programme"), id="lost"
        ),
        pytest.param([End("failed", True, "time_reached", "programme")], ("time_reached", "programme"), id="time"),
        pytest.param([], None, id="nothing yet"),
    ],
)
def test_what_became_of_a_need(ends: list[End], status: tuple[str, str] | None) -> None:
    """With who said so."""
    assert status == need_status(CONTENT.case, ends)


def test_a_case_is_closed_when_every_need_is() -> None:
    """It is worth the least of its needs."""
    assert case_status(CONTENT.case, ["resolved", None]) is None
    assert case_status(CONTENT.case, []) is None
    assert case_status(CONTENT.case, ["resolved", "unresolvable", "declined"]) == "unresolvable"
    assert all(status == case_status(CONTENT.case, [status, "resolved"]) for status in STATUSES)


def test_the_content_is_fit_for_use() -> None:
    """The file that is shipped."""
    assert lint_referral(content_root()) == []


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("transitions", {"offered": ["accepted"]}),
        ("reports", {"patient": {}}),
        ("case_order", ["resolved"]),
        ("texts", {"request": "no link"}),
        ("most_places", 0),
    ],
)
def test_a_wrong_part_is_refused(part: str, value: object) -> None:
    """With a word about the place."""
    data = {**read_yaml(content_root() / FILE), part: value}
    with pytest.raises(ValueError, match=r"\w"):
        read_referral(data)
