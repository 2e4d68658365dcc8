"""What becomes of a text about a place that the gate keeps back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.content.policy import load_policy
from bot.content.referral import load_referral
from bot.core.gate import MISSED, GateFacts, may_send
from bot.referrals.reporting import Said, report
from bot.release import release_due
from bot.store import followups
from tests.referrals.world import ReferralWorld


def proposes(world: ReferralWorld, hours: float) -> None:
    """The place takes it on, and will call so many hours from now."""
    referral = world.agrees()
    with world.db.write() as tx:
        said = Said("partner", "accepted", "test", proposed_at=tx.now() + timedelta(hours=hours))
        report(tx, load_referral(), referral.id, said)


@pytest.mark.parametrize(("hours", "late"), [(99, False), (101, True)])
def test_a_time_to_come_is_late_only_when_it_has_passed(world: ReferralWorld, hours: float, late: bool) -> None:
    """A call in a hundred hours, held for longer than three days, or than the call is away; a screening is open."""
    planned = world.clock.now()
    facts = GateFacts(
        consent=True, screening_open=True, planned_for=planned, takes_place_at=planned + timedelta(hours=100)
    )
    decision = may_send(facts, "partner_will_call", planned + timedelta(hours=hours), load_policy())
    assert (decision.reason == MISSED, decision.allowed) == (late, not late)


@pytest.mark.parametrize(("hours", "known"), [(200, []), (4, ["partner_call_not_told"])])
def test_a_call_that_cannot_be_told_in_time_is_said_to_a_person(
    world: ReferralWorld, hours: float, known: list[str]
) -> None:
    """Held in the night until the next morning; a call before then is known to a CHW at once."""
    world.clock.advance(hours=12)
    proposes(world, hours)
    release_due(world.deps)
    assert ("partner_will_call" in world.kinds(), world.cases()) == (True, known)


def test_a_call_that_was_not_told_is_said_to_a_person(world: ReferralWorld) -> None:
    """Held until after the call: dropped, and a CHW knows."""
    proposes(world, 80)
    (row,) = (each for each in world.planned() if each.kind == "partner_will_call")
    with world.db.write() as tx:
        followups.hold(tx, row.id, "texted_often", tx.now() + timedelta(hours=81))
    world.clock.advance(hours=81)
    release_due(world.deps)
    assert "partner_will_call" not in world.kinds()
    assert world.cases() == ["partner_call_not_told"]
