"""Follow-ups whose turn is given up: nothing that comes back at intervals ends by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.dialog_client import HttpDialog
from bot.core.callbacks import RESCREENING
from bot.core.gate import ASKED_TO_STOP
from bot.processes import free_port
from bot.referrals import navigating, planning
from bot.release import release_due
from bot.store import campaigns, followups, navigation, phones, suppressions
from bot.store.followups import FollowUp
from bot.worker import Worker
from tests.referrals.screened import CORE, was_screened
from tests.referrals.world import PAT, ReferralWorld
from tests.turns.failing_dialog import FailingDialog

INVITATION = "campaign_invitation"
CHAINS = [planning.CHECK_IN, planning.NAVIGATION_CHECK_IN, RESCREENING]


def begin(world: ReferralWorld, kind: str) -> FollowUp:
    """One of this kind is planned; time passes until it is due."""
    if kind == planning.CHECK_IN:
        world.agrees()
    with world.db.write() as tx:
        if kind == planning.NAVIGATION_CHECK_IN:
            navigating.accept(world.deps, tx, PAT)
        elif kind == RESCREENING:
            was_screened(tx)
        elif kind == INVITATION:
            _enrolled(tx)
    (planned,) = [each for each in world.planned() if each.kind == kind]
    world.clock.set(max(planned.due_at, world.clock.now()))
    return planned


def _enrolled(tx: Any) -> None:
    campaign_id = campaigns.create(
        tx, name="x", kind="screening", instrument=CORE, channel="sms", start_at=tx.now(), created_by="test"
    )
    enrolment_id = campaigns.enrol(tx, campaign_id, PAT)
    guard = {"enrolment_id": enrolment_id, "instrument": CORE}
    followups.plan(tx, PAT, INVITATION, tx.now(), guard, f"{INVITATION}:{enrolment_id}", bulk=True)


def fall_due(world: ReferralWorld, url: str) -> None:
    """It is handed on while the dialog process at ``url`` is away, or fails."""
    release_due(world.deps)
    worker = Worker(replace(world.deps, dialog=HttpDialog(url)))
    for _ in range(12):
        while worker.turn_once():
            pass
        world.clock.advance(minutes=1)


@pytest.mark.parametrize("kind", [*CHAINS, INVITATION])
def test_what_falls_due_while_the_dialog_process_is_away_goes_out_later(world: ReferralWorld, kind: str) -> None:
    """However long it is away: an hour later it is tried again, and nobody has to see to it."""
    planned = begin(world, kind)
    fall_due(world, f"http://127.0.0.1:{free_port()}")
    with world.db.read() as tx:
        held = followups.get(tx, planned.id)
        enrolled = [each.reason for each in campaigns.open_enrolments(tx, PAT)]
    assert held is not None
    assert (held.state, held.reason) == ("held", "dialog_away")
    assert "message_not_handled" not in world.cases()
    assert enrolled == (["dialog_away"] if kind == INVITATION else [])
    asked = len(world.script.asked)
    world.clock.advance(hours=1)
    release_due(world.deps)
    world.work()
    assert len(world.script.asked) == asked + 1


@pytest.mark.parametrize("kind", [*CHAINS, INVITATION])
def test_what_cannot_be_done_ends_and_the_next_is_planned(world: ReferralWorld, kind: str) -> None:
    """A person is told, the enrolment says why, and the chain goes on with its next step."""
    planned = begin(world, kind)
    dialog = FailingDialog(422)
    fall_due(world, dialog.url)
    dialog.close()
    with world.db.read() as tx:
        ended = followups.get(tx, planned.id)
        enrolled = [(each.state, each.reason) for each in campaigns.open_enrolments(tx, PAT)]
        case = navigation.current(tx, PAT)
    assert ended is not None
    assert (ended.state, ended.reason) == ("dropped", "could_not_be_done")
    assert "message_not_handled" in world.cases()
    later = [each for each in world.planned() if each.kind == kind]
    assert len(later) == (0 if kind == INVITATION else 1)
    assert all(each.due_at > world.clock.now() + timedelta(hours=11) for each in later)
    assert enrolled == ([("failed", "could_not_be_done")] if kind == INVITATION else [])
    assert case is None or case.check_ins == 1


@pytest.mark.parametrize("kind", CHAINS)
def test_what_is_held_for_a_month_is_given_up_and_nothing_ends_by_it(world: ReferralWorld, kind: str) -> None:
    """For a reason that might have passed: it is dropped; a person is told of a check-in, the others come again."""
    planned = begin(world, kind)
    with world.db.write() as tx:
        phone = phones.primary(tx, PAT)
        assert phone is not None
        suppressions.add(tx, phone.number_hash, ASKED_TO_STOP, "phrase")
    for days in (0, 29, 3):
        world.clock.advance(days=days)
        release_due(world.deps)
    with world.db.read() as tx:
        ended = followups.get(tx, planned.id)
    assert ended is not None
    assert (ended.state, ended.reason) == ("dropped", "too_late")
    assert ("patient_unreachable" in world.cases()) == (kind == planning.CHECK_IN)
    assert (planning.LOST if kind == planning.CHECK_IN else kind) in world.kinds()
