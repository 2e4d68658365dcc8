"""Places that nobody answered: spoken of once more, then the need is closed and a person sees it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.content import load_content
from bot.referrals import offers
from bot.store import escalations, needs
from tests.referrals.world import FIRST, PAT, SECOND, ReferralWorld

OFFERED = {"type": "places_offered", "ids": [FIRST], "domain": "food"}
CHOSEN = {"type": "place_chosen", "service_id": FIRST, "domain": "food"}


def statuses(world: ReferralWorld) -> list[tuple[str, str | None]]:
    """Domain and status of every need."""
    with world.db.read() as tx:
        return [(need.domain, need.status) for need in needs.of_patient(tx, PAT)]


def waiting(world: ReferralWorld) -> list[dict[str, Any]]:
    """What the conversation was told of places that wait."""
    return [each.value for each in world.script.readings if each.intent == "places_found" and "waiting" in each.value]


def note(world: ReferralWorld) -> str:
    """What the case says."""
    with world.db.read() as tx:
        case = escalations.unresolved(tx, PAT, offers.CASE)
    assert case is not None
    return case.note or ""


@pytest.mark.parametrize("events", [[OFFERED], [OFFERED, CHOSEN]], ids=["shown", "chosen"])
def test_one_reminder_and_then_it_ends(world: ReferralWorld, events: list[dict[str, Any]]) -> None:
    """Some days later the place is named once more; a week after that the need is lost, and a person is told."""
    world.texts_in(*events)
    world.script.events += [[OFFERED]]
    world.pass_days(6, 12)
    (again,) = waiting(world)
    assert FIRST in [place["id"] for place in again["places"]]
    assert statuses(world) == [("food", None)]
    world.pass_days(7, 12)
    assert statuses(world) == [("food", "lost_to_follow_up")]
    assert note(world) == "Need food: no answer to the places that were shown"
    assert world.cases() == ["places_not_answered"]
    world.pass_days(20, 24)
    assert len(waiting(world)) == 1
    assert world.kinds() == []
    if CHOSEN in events:
        assert (world.latest().state, world.latest().state_reason) == ("failed", "not_answered")


def test_who_writes_and_chooses_none_declines(world: ReferralWorld) -> None:
    """They are not lost: nothing was chosen."""
    world.texts_in(OFFERED)
    world.pass_days(6, 12)
    world.texts_in()
    world.pass_days(7, 12)
    assert statuses(world) == [("food", "declined")]
    assert note(world) == "Need food: no place was chosen"


def test_a_place_that_is_agreed_to_ends_the_waiting(both: ReferralWorld) -> None:
    """And so does a no."""
    both.texts_in(OFFERED)
    assert "places_reminder" in both.kinds()
    both.agrees(share=False)
    assert not any(kind.startswith("places_") for kind in both.kinds())
    both.texts_in({"type": "places_offered", "ids": [SECOND], "domain": "housing"})
    both.texts_in({"type": "referral_declined", "domain": "housing", "reason": None})
    assert not any(kind.startswith("places_") for kind in both.kinds())


def test_the_next_place_is_offered_once_more_too(world: ReferralWorld) -> None:
    """Nobody answered to it; it is named again, and then the need ends."""
    world.agrees(share=False)
    world.says("not_eligible")
    world.script.events += [[{**OFFERED, "ids": [SECOND]}], [{**OFFERED, "ids": [SECOND]}]]
    world.pass_days(6, 12)
    assert world.readings() == ["next_place_due", "places_found"]
    assert [place["id"] for place in waiting(world)[0]["places"]] == [SECOND]
    world.pass_days(8, 12)
    assert statuses(world) == [("food", "lost_to_follow_up")]


def test_nothing_is_closed_of_somebody_whom_a_chw_helps(world: ReferralWorld) -> None:
    """The list is named once more, and the case of the CHW goes on."""
    world.texts_in(OFFERED, {"type": "navigation_accepted"})
    world.pass_days(13, 12)
    assert len(waiting(world)) == 1
    assert statuses(world) == [("food", None)]
    assert offers.CASE not in world.cases()


def test_a_need_for_which_no_place_is_known_ends_too(world: ReferralWorld) -> None:
    """Without a text: there is nothing to name."""
    world.texts_in({"type": "need_stated", "domain": "housing"})
    world.pass_days(12, 12)
    assert waiting(world) == []
    assert statuses(world) == [("housing", "unresolvable")]
    assert note(world) == "Need housing: no place could be shown"


def test_what_a_screening_found_that_was_left_is_not_forgotten(world: ReferralWorld) -> None:
    """The answers so far, and a need that was named among them, get their places when it rests."""
    version = load_content().instruments["ahc-hrsn-core"].version
    start = {"type": "screening_started", "instrument": "ahc-hrsn-core", "version": version}
    hungry = {"type": "answer_recorded", "link_id": "3", "code": "88122-7", "value": {"code": "LA28397-0"}}
    world.texts_in(start, hungry, {"type": "need_stated", "domain": "housing"})
    world.pass_days(13, 12)
    assert waiting(world) == []
    world.pass_days(3, 12)
    (found,) = waiting(world)
    assert sorted(found["domains"]) == ["food", "housing"]
