"""What was said about a referral is put right: by a CHW, by whoever said it, or by who speaks after the end."""

from __future__ import annotations

import pytest

from bot.content.referral import load_referral
from bot.referrals.reporting import Said, report
from bot.store import audit, needs
from tests.referrals.world import ReferralWorld

CONTENT = load_referral()


def hear(world: ReferralWorld, source: str, word: str, reason: str | None = None) -> None:
    """This was said of the latest referral, an hour after what was said before."""
    world.clock.advance(hours=1)
    with world.db.write() as tx:
        report(tx, CONTENT, world.latest().id, Said(source, word, "test", reason))


def need(world: ReferralWorld) -> tuple[str | None, str | None]:
    """How the need stands, and by whose word."""
    with world.db.read() as tx:
        found = needs.get(tx, world.latest().need_id)
    return found.status, found.said_by


@pytest.mark.parametrize("helped_by", ["patient", "partner", "chw"])
@pytest.mark.parametrize(
    ("word", "reason", "status"),
    [
        ("failed", None, "unresolvable"),
        ("failed", "not_reached", None),
        ("cancelled", "opened_in_error", "declined"),
        ("rejected", "no_capacity", None),
    ],
)
def test_a_chw_takes_back_help_that_was_none(
    both: ReferralWorld, helped_by: str, word: str, reason: str | None, status: str | None
) -> None:
    """In one step, with the need: it ends as the CHW says, or is open again; both are audited."""
    both.agrees(share=False)
    hear(both, helped_by, {"patient": "got_help", "partner": "helped", "chw": "completed"}[helped_by])
    assert need(both)[0] == "resolved"
    hear(both, "chw", word, reason)
    assert (both.latest().state, both.latest().said_by) == (word, "chw")
    assert need(both) == (status, status and "chw")
    assert ("need_deadline" in both.kinds()) == (status is None)
    assert ("next_place" in both.kinds()) == (word == "rejected")
    with both.db.read() as tx:
        said = audit.of_subject(tx, "referral", both.latest().id)[-1]
        put_right = audit.of_subject(tx, "need", both.latest().need_id)[-1]
    assert (said.detail["was"], said.detail["state"], said.detail["reason"]) == ("completed", word, reason)
    assert (put_right.action, put_right.detail["was"]) == ("need_reopened", "resolved")


@pytest.mark.parametrize("ended", [("partner", "declined"), ("programme", "lost_to_follow_up"), ("chw", "cancelled")])
def test_a_chw_opens_what_had_ended(world: ReferralWorld, ended: tuple[str, str]) -> None:
    """It goes on, with its need, its check-ins and its end of time, and the next place is not sought."""
    world.agrees(share=False)
    hear(world, *ended)
    hear(world, "chw", "in_progress")
    assert (world.latest().state, world.latest().closed_at, need(world)) == ("in_progress", None, (None, None))
    world.pass_days(1)
    assert {"check_in", "need_deadline", "referral_deadline"} <= set(world.kinds())
    assert "next_place" not in world.kinds()
    assert "next_place_due" not in world.readings()


def test_a_place_that_takes_back_its_help_makes_room_for_the_next(world: ReferralWorld) -> None:
    """The need is open again, and another place is sought."""
    world.agrees(share=False)
    hear(world, "partner", "helped")
    hear(world, "partner", "not_helped", "did_not_come")
    assert (world.latest().state, need(world)[0]) == ("failed", None)
    assert "next_place" in world.kinds()


def test_help_of_another_place_keeps_the_need(world: ReferralWorld) -> None:
    """Two places helped; one takes it back."""
    world.agrees("pantry-1", share=False)
    first = world.latest().id
    world.agrees("pantry-2", share=False)
    with world.db.write() as tx:
        report(tx, CONTENT, first, Said("chw", "completed", "test"))
    hear(world, "chw", "completed")
    hear(world, "chw", "failed")
    assert need(world)[0] == "resolved"


@pytest.mark.parametrize("word", ["helped", "accepted"])
def test_a_place_speaks_after_the_patient_was_lost(world: ReferralWorld, word: str) -> None:
    """Help puts the need right; a place that takes it on opens both again."""
    world.agrees(share=False)
    hear(world, "programme", "lost_to_follow_up")
    assert need(world)[0] == "lost_to_follow_up"
    hear(world, "partner", word)
    assert need(world) == (("resolved", "partner") if word == "helped" else (None, None))
    with world.db.read() as tx:
        assert "need_reopened" in [each.action for each in audit.of_subject(tx, "need", world.latest().need_id)]


@pytest.mark.parametrize("word", ["waiting", "never_heard"])
def test_a_patient_who_was_lost_speaks(world: ReferralWorld, word: str) -> None:
    """A CHW is told, once."""
    world.agrees(share=False)
    hear(world, "programme", "lost_to_follow_up")
    hear(world, "patient", word)
    hear(world, "patient", word)
    assert (world.latest().state, world.cases()) == ("failed", ["referral_late_word"])


def test_what_contradicts_a_chw_is_said_to_a_chw(world: ReferralWorld) -> None:
    """The CHW's word stands until a CHW says otherwise."""
    world.agrees(share=False)
    hear(world, "chw", "completed")
    hear(world, "patient", "never_heard")
    assert (world.latest().state, world.latest().conflict, world.cases()) == ("completed", True, ["referral_conflict"])
    hear(world, "chw", "in_progress")
    assert (world.latest().state, world.latest().conflict, need(world)) == ("in_progress", False, (None, None))


def test_who_still_waits_is_asked_later(world: ReferralWorld) -> None:
    """On a waiting list they stay on it; the next check-in is one of those while things go well."""
    world.agrees(share=False)
    hear(world, "partner", "waitlisted")
    hear(world, "patient", "waiting")
    assert (world.latest().state, world.latest().state_reason) == ("waitlisted", "partner_waitlist")
    (check_in,) = [each for each in world.planned() if each.kind == "check_in"]
    assert (check_in.due_at - world.latest().opened_at).days >= 23
