"""Somebody on call claims a case by text, and is answered; nobody else can."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.adapters.dialog_client import HttpDialog
from bot.on_call.alerting import send_alerts
from bot.store import escalations, inbound
from bot.store.tables import Audit, Inbound, Patient
from bot.worker import Worker
from tests.on_call.world import ANA, BEN, OnCallWorld, code_of
from tests.turns.failing_dialog import FailingDialog


def _text(world: OnCallWorld, number: str, body: str) -> None:
    """A text comes in and its turn is taken."""
    with world.db.write() as tx:
        sid = f"SM{tx.session.query(Inbound).count():032x}"
        inbound.store(
            tx, message_sid=sid, kind="text", channel="sms", from_address=number, to_address="+12025550100",
            body=body, received_at=tx.now(),
        )  # fmt: skip
    dialog = FailingDialog()
    try:
        Worker(replace(world.deps, dialog=HttpDialog(dialog.url))).turn_once()
    finally:
        dialog.close()


def _case(world: OnCallWorld, case: str) -> escalations.Escalation:
    with world.db.read() as tx:
        return escalations.get(tx, case)


@pytest.mark.parametrize("bare", [True, False])
def test_a_claim_by_text_takes_the_case_and_is_answered(any_world: OnCallWorld, bare: bool) -> None:
    """With its code, or bare where only one case was told: claimed, audited, answered, and the alerts end."""
    ana = any_world.put_on_call("Ana", ANA)
    case = any_world.open_case()
    send_alerts(any_world.deps)
    _text(any_world, ANA, "claim" if bare else f"Claim {code_of(case).lower()}")
    any_world.pass_minutes(20, step=1)
    assert (_case(any_world, case).state, _case(any_world, case).claimed_by) == ("claimed", f"on_call:{ana}")
    assert len(any_world.twilio.kept) == 2
    assert "is yours" in any_world.twilio.kept[-1].body
    with any_world.db.read() as tx:
        actions = tx.session.execute(select(Audit.actor, Audit.action)).all()
        assert (f"on_call:{ana}", "escalation_claimed") in [tuple(row) for row in actions]
        assert tx.session.query(Patient).count() == 1


def test_the_second_to_claim_is_told_that_it_is_taken(world: OnCallWorld) -> None:
    """The first has it; the second is not left to wonder."""
    world.put_on_call("Ana", ANA)
    world.put_on_call("Ben", BEN)
    case = world.open_case()
    send_alerts(world.deps)
    world.claim(case)
    _text(world, BEN, f"CLAIM {code_of(case)}")
    send_alerts(world.deps)
    assert world.twilio.kept[-1].to == BEN
    assert "not open any more" in world.twilio.kept[-1].body
    assert _case(world, case).claimed_by == "token:t1"


def test_a_bare_claim_with_two_cases_claims_neither(world: OnCallWorld) -> None:
    """It could be either."""
    world.put_on_call("Ana", ANA)
    cases = [world.open_case(number=f"+1202555014{n}") for n in range(2)]
    send_alerts(world.deps)
    _text(world, ANA, "CLAIM")
    assert [_case(world, case).state for case in cases] == ["open", "open"]


def test_a_patient_cannot_claim(world: OnCallWorld) -> None:
    """From a phone that is not on call it is a text like any other."""
    world.put_on_call("Ana", ANA)
    case = world.open_case()
    _text(world, "+12025550123", f"CLAIM {code_of(case)}")
    assert _case(world, case).state == "open"


def test_an_unknown_code_claims_nothing(world: OnCallWorld) -> None:
    """A slip of the thumb."""
    world.put_on_call("Ana", ANA)
    case = world.open_case()
    _text(world, ANA, "CLAIM ZZZZZZ")
    assert _case(world, case).state == "open"
