"""What becomes of a text about a place that the gate keeps back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import rescreening
from bot.content.policy import load_policy
from bot.content.referral import load_referral
from bot.core.gate import MISSED, GateFacts, may_send
from bot.patient_records import set_phone
from bot.referrals.reporting import Said, report
from bot.release import release_due
from bot.store import escalations, followups, suppressions
from tests.referrals.world import NUMBER, PAT, ReferralWorld


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


def stop_the_number(world: ReferralWorld) -> None:
    """Texts do not reach it any more."""
    with world.db.write() as tx:
        suppressions.add(tx, world.deps.vault.number_hash(NUMBER), "undeliverable", "30005")


def one_due(world: ReferralWorld, kind: str) -> None:
    """What is planned of this kind falls due, and nothing before it."""
    with world.db.write() as tx:
        for each in followups.pending(tx, PAT):
            if each.kind == kind:
                followups.postpone(tx, each.id, tx.now())
    release_due(world.deps)


def test_a_number_that_reaches_nobody_ends_no_check_ins_silently(world: ReferralWorld) -> None:
    """Held; after two weeks a CHW knows, and a week later the patient is lost to follow-up."""
    world.agrees(share=False)
    stop_the_number(world)
    one_due(world, "check_in")
    assert [(each.kind, each.reason) for each in world.planned() if each.state == "held"] == [
        ("check_in", "undeliverable")
    ]
    seen = []
    for days in (13, 2, 9):
        world.clock.advance(days=days)
        release_due(world.deps)
        seen.append((world.cases(), world.latest().state_reason))
    case = ["patient_unreachable"]
    assert seen == [([], "agreed"), (case, "agreed"), (case, "lost_to_follow_up")]


@pytest.mark.parametrize("days", [4, 15])
def test_a_new_number_brings_the_check_ins_back(world: ReferralWorld, days: int) -> None:
    """What is held falls due at once; who was about to be lost is asked again."""
    world.agrees(share=False)
    stop_the_number(world)
    one_due(world, "check_in")
    world.clock.advance(days=days)
    release_due(world.deps)
    with world.db.write() as tx:
        set_phone(tx, PAT, "+12025550177")
    release_due(world.deps)
    world.work()
    assert ("check_in_due" in world.readings()) == (days == 4)
    assert "check_in" in world.kinds()
    assert "lost_to_follow_up" not in world.kinds()


def test_a_text_from_the_number_brings_them_back(world: ReferralWorld) -> None:
    """Whoever texts can be reached: what is held for want of a number falls due."""
    world.agrees(share=False)
    stop_the_number(world)
    one_due(world, "check_in")
    world.texts_in()
    assert [each.due_at <= world.clock.now() for each in world.planned() if each.kind == "check_in"] == [True]


def test_questions_that_cannot_be_asked_again_wait_for_a_number(world: ReferralWorld) -> None:
    """However long; a person is told once, also when they resolve the case."""
    with world.db.write() as tx:
        rescreening.plan_now(tx, PAT, "ahc-hrsn-core")
        set_phone(tx, PAT, None)
    cases = []
    for days in (1, 15, 40):
        world.clock.advance(days=days)
        release_due(world.deps)
        cases.append(len(world.cases()))
        with world.db.write() as tx:
            case = escalations.unresolved(tx, PAT, "patient_unreachable")
            if case is not None:
                escalations.resolve(tx, case.id)
    assert (cases, world.kinds()) == ([0, 1, 1], ["rescreening"])
