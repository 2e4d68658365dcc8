"""A year of a few people with the real dialog: answering, late, silent, opting out, moving, two on a phone.

Places are offered and chosen, partners answer or do not, reminders and check-ins and the questions again follow.
Nothing goes outside the hours, over a cap, after an opt-out, or twice; every promise is kept, every referral ends with
a reason; the same seed is the same year. ``python -m tests.clock.year --people 300`` lives one of three hundred.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clock import rules
from tests.clock.crowd import HOMES, Home, Household
from tests.clock.rules import Unasked
from tests.clock.year import BEGINS, Sent, Year, world

# One of each kind, and two who share a phone.
PEOPLE, SEED = 8, 11
KINDS = {"campaign_invitation", "screening_reminder", "resume_screening", "rescreening", "check_in"}
OHIO, _, _, PENNSYLVANIA, HAWAII = HOMES
MONTH = timedelta(days=30)

Lived = Callable[..., Year]


@pytest.fixture
def lived(tmp_path: Path, dialog_url: str) -> Lived:
    """Lives in a world of its own, to the end or until a time."""

    def live(name: str, **until: datetime) -> Year:
        year = world(tmp_path / name, dialog_url, PEOPLE, SEED)
        year.live(**until)
        year.deps.db.engine.dispose()
        return year

    return live


@pytest.mark.timeout(600)
def test_a_year_keeps_every_rule(lived: Lived) -> None:
    """What is usual was sent, and no rule was broken; the first month again is the same month."""
    year = lived("year")
    found = rules.look_at(year)
    assert not found.broken
    assert set(found.figures["unasked"]) >= KINDS
    assert found.figures["opt_outs"] >= 1
    assert found.figures["promises"]["kept"] >= 1
    assert len(found.figures["referrals"]) >= 2
    again = lived("again", until=BEGINS + MONTH)
    assert rules.digest(again) == rules.digest(year, until=BEGINS + MONTH)


@pytest.mark.parametrize(
    ("home", "at", "kind", "allowed"),
    [
        (OHIO, "2026-03-09T14:00Z", "check_in", True),  # ten o'clock, on the first Monday of summer time
        (OHIO, "2026-03-09T13:59Z", "check_in", False),
        (OHIO, "2026-03-08T16:00Z", "check_in", False),  # a Sunday
        (OHIO, "2026-03-08T16:00Z", "resume_screening", True),
        (OHIO, "2026-03-09T01:01Z", "resume_screening", False),  # a minute past nine in the evening
        (OHIO, "2026-11-02T14:30Z", "check_in", False),  # the Monday after summer time: half past nine
        (OHIO, "2026-05-25T15:00Z", "check_in", False),  # Memorial Day
        (OHIO, "2026-03-14T19:30Z", "check_in", True),
        (PENNSYLVANIA, "2026-03-14T19:30Z", "check_in", False),  # a Saturday afternoon
        (HAWAII, "2026-03-09T19:00Z", "check_in", False),  # nine in the morning
    ],
)
def test_the_hours_of_the_check_are_those_of_the_clocks_there(home: Home, at: str, kind: str, allowed: bool) -> None:
    """What the year is measured with, by hand."""
    broken = list(rules.out_of_hours([_text(at, kind, home)]))
    assert bool(broken) is not allowed


@pytest.mark.parametrize(
    ("times", "over"),
    [
        (("09T14:00", "10T14:00", "11T14:00"), 0),
        (("09T14:00", "10T13:59"), 1),
        (("09T14:00", "10T14:00", "11T14:00", "12T14:00"), 1),
        (("09T14:00", "10T14:00", "11T14:00", "16T14:00"), 0),
    ],
)
def test_the_caps_of_the_check(times: tuple[str, ...], over: int) -> None:
    """One in any 24 hours, three in any seven days; counted for the person and for the phone."""
    texts = [_text(f"2026-03-{at}Z", "check_in", OHIO, turn=at) for at in times]
    assert len(list(rules.over_caps(texts))) == 2 * over


def test_the_check_finds_what_is_doubled() -> None:
    """The same follow-up in two turns, and the same words twice in a day."""
    texts = [_text(f"2026-03-09T{hour}:00Z", "check_in", OHIO, turn=hour) for hour in ("14", "15")]
    assert len(list(rules.doubled(texts))) == 2


@pytest.mark.parametrize(("made", "doubled"), [("09T14:30", 0), ("09T15:00", 1), ("08T14:00", 1)])
def test_who_puts_it_off_once_more_hears_the_same_words(made: str, doubled: int) -> None:
    """At the time that was asked for since the last one; no other text has such leave."""
    texts = [
        replace(_text(f"2026-03-09T{hour}:00Z", "resume_screening", OHIO, turn=hour), followup=hour)
        for hour in ("14", "15")
    ]
    texts[1].household.promises.append((datetime.fromisoformat(f"2026-03-{made}Z"), texts[1].text.at))
    assert len(list(rules.doubled(texts))) == doubled


def test_the_answer_to_start_is_not_after_the_opt_out() -> None:
    """It goes out in the instant of START; what goes out in the instant of STOP answers that."""
    household = _text("2026-03-09T14:00Z", "check_in", OHIO).household
    stop, start = datetime(2026, 3, 9, 14, tzinfo=UTC), datetime(2026, 3, 10, 14, tzinfo=UTC)
    household.stops += [(stop, True), (start, False)]
    moments = (stop, stop + timedelta(seconds=1), start - timedelta(seconds=1), start)
    assert [household.opted_out(at) for at in moments] == [False, True, True, False]


def _text(at: str, kind: str, home: Home, turn: str = "") -> Unasked:
    moment = datetime.fromisoformat(at)
    household = Household(
        "+12024560000", ("y-0",), "answers", [(datetime.min.replace(tzinfo=UTC), home)], random.Random(1)
    )
    return Unasked(Sent(moment, household.number, "How did it go?", False, ""), household, "y-0", kind, turn, "fu_1")
