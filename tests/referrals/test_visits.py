"""When a visit is spoken of to the patient: the last allowed day before it, or as soon as there is time."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.content import load_content
from bot.core.callbacks import worded_callback
from tests.referrals.test_navigation import has_a_visit
from tests.referrals.world import ReferralWorld

EASTERN = "America/New_York"


def at(local: str) -> datetime:
    """A time in New York, in winter unless its offset says otherwise."""
    return datetime.fromisoformat(local if local[-6] in "+-" else f"{local}-05:00")


@pytest.mark.parametrize(
    ("entered", "visit", "reminder"),
    [
        ("2026-03-03T10:00", "2026-03-06T14:30", "2026-03-05T10:00"),  # the day before
        ("2026-03-03T10:00", "2026-03-09T14:30-04:00", "2026-03-07T10:00"),  # a Monday: the Saturday
        ("2026-11-20T10:00", "2026-11-27T09:00", "2026-11-25T10:00"),  # after Thanksgiving: the Wednesday
        ("2026-12-18T10:00", "2026-12-28T09:00", "2026-12-26T10:00"),  # Christmas is a Friday, then a Saturday
        ("2026-03-05T11:00", "2026-03-06T14:30", "2026-03-05T11:00"),  # entered late: at once
        ("2026-03-05T22:00", "2026-03-06T14:30", "2026-03-06T10:00"),  # in the night: in the morning
        ("2026-11-26T12:00", "2026-11-27T14:30", "2026-11-27T10:00"),  # on the holiday: the day after it
        ("2026-03-05T22:00", "2026-03-06T12:00", "2026-03-06T10:00"),  # two hours are enough
        ("2026-03-05T22:00", "2026-03-06T11:30", None),
        ("2026-03-06T10:00", "2026-03-06T17:00", "2026-03-06T10:00"),  # the same day
        ("2026-03-06T10:00", "2026-03-06T11:00", None),
    ],
)
def test_a_visit_is_spoken_of_when_texts_are_allowed(
    world: ReferralWorld, entered: str, visit: str, reminder: str | None
) -> None:
    """Planned for a time at which the gate lets it pass, while it still helps."""
    world.clock.advance(seconds=(at(entered) - world.clock.now()).total_seconds())
    has_a_visit(world, at(visit))
    planned = [each.due_at for each in world.planned() if each.kind == "appointment_reminder"]
    assert planned == ([] if reminder is None else [at(reminder)])


@pytest.mark.parametrize(
    ("entered", "visit", "words"),
    [
        ("2026-11-20T10:00", "2026-11-27T09:00", "on Friday at 9 am"),
        ("2026-03-03T10:00", "2026-03-06T14:30", "tomorrow at 2:30 pm"),
        ("2026-03-05T22:00", "2026-03-06T14:30", "today at 2:30 pm"),
    ],
)
def test_the_words_are_those_of_the_day_on_which_it_is_sent(
    world: ReferralWorld, entered: str, visit: str, words: str
) -> None:
    """It passes the gate before the visit, and speaks of tomorrow only on the day before."""
    world.clock.advance(seconds=(at(entered) - world.clock.now()).total_seconds())
    has_a_visit(world, at(visit))
    (due,) = [each.due_at for each in world.planned() if each.kind == "appointment_reminder"]
    world.clock.advance(seconds=(due - world.clock.now()).total_seconds())
    world.pass_days(1 / 24, 1)
    (told,) = world.script.readings
    assert told.intent == "appointment_reminder"
    messages = load_content().messages["en"]
    assert words in worded_callback(datetime.fromisoformat(told.value["at"]), due, EASTERN, messages)
