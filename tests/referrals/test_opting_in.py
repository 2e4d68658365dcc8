"""STOP and then START: what comes at intervals comes again, and nothing is made up for."""

from __future__ import annotations

from datetime import timedelta

from bot.core.callbacks import RESCREENING
from bot.opting_in import plan_anew
from bot.referrals import navigating, planning
from bot.store import followups
from bot.store.followups import FollowUp
from tests.referrals.screened import was_screened
from tests.referrals.test_navigation import has_a_visit
from tests.referrals.world import PAT, ReferralWorld

VISIT_IN = timedelta(days=90)


def by_kind(world: ReferralWorld) -> dict[str, FollowUp]:
    """What is planned."""
    return {each.kind: each for each in world.planned()}


def follow(world: ReferralWorld) -> None:
    """Screened, with help by a CHW and a visit to come."""
    with world.db.write() as tx:
        was_screened(tx)
        navigating.accept(world.deps, tx, PAT)
    has_a_visit(world, world.clock.now() + VISIT_IN)


def test_stop_and_start_bring_back_what_comes_at_intervals(world: ReferralWorld) -> None:
    """The questions, the next month's check-in and the visit; what fell due in between is left out."""
    follow(world)
    before = by_kind(world)
    world.texts_in(body="STOP")
    assert {RESCREENING, planning.NAVIGATION_CHECK_IN, planning.REMINDER}.isdisjoint(by_kind(world))
    world.clock.advance(days=40)
    world.texts_in(body="START")
    after = by_kind(world)
    assert after[planning.REMINDER].due_at == before[planning.REMINDER].due_at
    assert after[planning.NAVIGATION_CHECK_IN].guard["month"] == 2
    assert after[planning.NAVIGATION_CHECK_IN].due_at > world.clock.now()
    assert after[RESCREENING].due_at > world.clock.now()
    world.texts_in(body="STOP")
    world.texts_in(body="START")
    assert set(by_kind(world)) == set(after)


def test_the_check_ins_of_a_referral_that_is_open_come_again(world: ReferralWorld) -> None:
    """A CHW went on with it while the patient was not texted."""
    world.agrees()
    with world.db.write() as tx:
        followups.drop_for_patient(tx, PAT, "opted_out")
        plan_anew(world.deps, tx, PAT)
    assert planning.CHECK_IN in world.kinds()


def test_the_same_appointment_entered_again_is_spoken_of(world: ReferralWorld) -> None:
    """The record comes with it each night."""
    follow(world)
    with world.db.write() as tx:
        followups.drop_for_patient(tx, PAT, "opted_out")
    has_a_visit(world, world.clock.now() + VISIT_IN)
    assert planning.REMINDER in world.kinds()
