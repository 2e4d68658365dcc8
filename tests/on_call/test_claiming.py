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


@pytest.mark.parametrize(
    "body", ["CLAIM", "CLAIM ZZZZZZ", "claim K7M2", "ok", "Ben claimed {code}", "cant claim {code}"]
)
def test_where_nothing_is_claimed_the_open_cases_are_named(world: OnCallWorld, body: str) -> None:
    """A bare CLAIM with two cases, a slip of the thumb, an "ok": both stay open, and the answer names them."""
    world.put_on_call("Ana", ANA)
    cases = [world.open_case(number=f"+1202555014{n}") for n in range(2)]
    send_alerts(world.deps)
    _text(world, ANA, body.format(code=code_of(cases[0])))
    send_alerts(world.deps)
    assert [_case(world, case).state for case in cases] == ["open", "open"]
    said = world.twilio.kept[-1].body
    assert "nothing was claimed" in said
    assert all(code_of(case) in said for case in cases)
    assert not any(word in said.lower() for word in ("crisis", "health", "patient", "suicid"))
    assert _people(world) == 2


@pytest.mark.parametrize("body", ["CLAIM {code} thanks", "claimed {code}", "ok claim {code}", "{code}"])
def test_a_claim_in_ones_own_words(world: OnCallWorld, body: str) -> None:
    """It takes the case, and makes nobody a patient."""
    world.put_on_call("Ana", ANA)
    case = world.open_case()
    send_alerts(world.deps)
    _text(world, ANA, body.format(code=code_of(case)))
    assert _case(world, case).state == "claimed"
    assert _people(world) == 1


def test_with_no_case_open_that_is_said(world: OnCallWorld) -> None:
    """Somebody else resolved it, and the code was mistyped; an "ok" then is a text like every text."""
    world.put_on_call("Ana", ANA)
    case = world.open_case()
    send_alerts(world.deps)
    with world.db.write() as tx:
        escalations.resolve(tx, case)
    _text(world, ANA, "CLAIM ZZZZZZ")
    send_alerts(world.deps)
    assert "No case is open" in world.twilio.kept[-1].body
    _text(world, ANA, "ok")
    assert _people(world) == 2


@pytest.mark.parametrize("body", ["ok", "222585"])
def test_a_patient_who_is_on_call_too_can_answer_questions(world: OnCallWorld, body: str) -> None:
    """With a case open, what may be their answer is theirs."""
    world.put_on_call("Ana", ANA)
    world.open_case(number=ANA)
    send_alerts(world.deps)
    _text(world, ANA, body)
    send_alerts(world.deps)
    assert len(world.twilio.kept) == 1


def _people(world: OnCallWorld) -> int:
    with world.db.read() as tx:
        return tx.session.query(Patient).count()


def test_a_patient_cannot_claim(world: OnCallWorld) -> None:
    """From a phone that is not on call it is a text like any other."""
    world.put_on_call("Ana", ANA)
    case = world.open_case()
    _text(world, "+12025550123", f"CLAIM {code_of(case)}")
    assert _case(world, case).state == "open"
