"""One gate decides what goes out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.gate import REFUSALS, Decision, GateFacts, may_reply, may_send
from tests.world import START

GOOD = GateFacts(consent=True)
INVITATION = "campaign_invitation"
REASONS = {
    "opted_out": replace(GOOD, suppressions=frozenset({"opted_out"})),
    "wrong_person": replace(GOOD, suppressions=frozenset({"wrong_person"})),
    "undeliverable": replace(GOOD, suppressions=frozenset({"undeliverable"})),
    "cannot_be_texted": replace(GOOD, textable=False),
    "no_consent": replace(GOOD, consent=None),
    "consent_refused": replace(GOOD, consent=False),
    "screening_open": replace(GOOD, screening_open=True),
    "phone_busy": replace(GOOD, phone_busy=True),
    "invited_recently": replace(GOOD, invited_recently=True),
}


def test_a_consenting_reachable_person_may_be_texted() -> None:
    """Nothing stands against it."""
    assert may_send(GOOD, INVITATION, START) == Decision(True)


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_refuses_alone(reason: str) -> None:
    """Each fact by itself holds a proactive message back, and is named."""
    assert may_send(REASONS[reason], INVITATION, START) == Decision(False, reason)


def test_every_rule_has_a_case() -> None:
    """A rule added to the gate must be added here."""
    assert set(REASONS) == {reason for reason, _ in REFUSALS}


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(REASONS, 2)))
def test_the_first_reason_wins(first: str, second: str) -> None:
    """With two reasons the one earlier in the list is given: an opt-out before everything."""
    a, b = REASONS[first], REASONS[second]
    both = GateFacts(
        consent=a.consent if a.consent is not True else b.consent,
        suppressions=a.suppressions | b.suppressions,
        textable=a.textable and b.textable,
        screening_open=a.screening_open or b.screening_open,
        phone_busy=a.phone_busy or b.phone_busy,
    )
    assert may_send(both, INVITATION, START).reason == first


def test_a_naive_time_is_refused() -> None:
    """Hours mean nothing without a zone."""
    with pytest.raises(ValueError, match="aware"):
        may_send(GOOD, INVITATION, datetime(2026, 3, 3))  # noqa: DTZ001


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"opted_out"}))
def test_replies_are_answered_whatever_else_holds(reason: str) -> None:
    """Who texts is answered, with or without consent on record."""
    assert may_reply(REASONS[reason]).allowed


def test_after_an_opt_out_only_the_confirmation_and_crisis_replies_go_out() -> None:
    """An opt-out silences replies too, but for those two."""
    assert may_reply(REASONS["opted_out"]) == Decision(False, "opted_out")
    assert may_reply(REASONS["opted_out"], after_opt_out=True).allowed
