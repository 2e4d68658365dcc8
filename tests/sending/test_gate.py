"""One gate decides what goes out."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.content.policy import load_policy
from bot.core.gate import REFUSALS, Decision, GateFacts, may_reply, may_send
from bot.core.hours import Recipient
from bot.core.policy import KindRule
from tests.world import START

POLICY = load_policy()
EASTERN = Recipient(frozenset({"America/New_York"}))
GOOD = GateFacts(consent=True, recipient=EASTERN)
INVITATION, PROMISE = "campaign_invitation", "resume_screening"
REASONS = {
    "opted_out": replace(GOOD, suppressions=frozenset({"opted_out"})),
    "wrong_person": replace(GOOD, suppressions=frozenset({"wrong_person"})),
    "undeliverable": replace(GOOD, suppressions=frozenset({"undeliverable"})),
    "asked_to_stop": replace(GOOD, suppressions=frozenset({"asked_to_stop"})),
    "cannot_be_texted": replace(GOOD, textable=False),
    "no_consent": replace(GOOD, consent=None),
    "consent_refused": replace(GOOD, consent=False),
    "missed_its_day": replace(GOOD, planned_for=START - timedelta(hours=25)),
    "not_safe_to_text": replace(GOOD, maybe_unsafe=True),
    "screened_recently": replace(GOOD, screened_recently=True),
    "screening_open": replace(GOOD, screening_open=True),
    "phone_busy": replace(GOOD, phone_busy=True),
    "invited_recently": replace(GOOD, invited_recently=True),
}


def test_a_consenting_reachable_person_may_be_texted() -> None:
    """Nothing stands against it."""
    assert may_send(GOOD, INVITATION, START, POLICY) == Decision(True)


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_refuses_alone(reason: str) -> None:
    """Each fact by itself holds a proactive message back, and is named."""
    kind = PROMISE if reason == "missed_its_day" else INVITATION
    assert may_send(REASONS[reason], kind, START, POLICY) == Decision(False, reason)


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
        maybe_unsafe=a.maybe_unsafe or b.maybe_unsafe,
        screened_recently=a.screened_recently or b.screened_recently,
        planned_for=a.planned_for or b.planned_for,
    )
    policy = replace(POLICY, kinds={"other": KindRule(dropped_after=timedelta(days=1))})
    assert may_send(both, "any", START, policy).reason == first


def test_a_naive_time_is_refused() -> None:
    """Hours mean nothing without a zone."""
    with pytest.raises(ValueError, match="aware"):
        may_send(GOOD, INVITATION, datetime(2026, 3, 3), POLICY)  # noqa: DTZ001


def test_hours_and_caps_hold_back_until_a_known_time() -> None:
    """Early on a Tuesday: at ten. Texted an hour ago: this time tomorrow. Both: whichever is later and allowed."""
    early, day = START - timedelta(hours=1), timedelta(days=1)
    assert may_send(GOOD, INVITATION, early, POLICY) == Decision(False, "quiet_hours", START)
    texted = replace(GOOD, recent=(START - timedelta(minutes=90),))
    assert may_send(texted, INVITATION, START, POLICY) == Decision(False, "texted_today", START + day)
    thrice = replace(GOOD, recent=tuple(START - timedelta(days=days) for days in (2, 4, 6)))
    assert may_send(thrice, INVITATION, START, POLICY) == Decision(False, "texted_often", START + day)
    sunday = START + timedelta(days=5)
    assert may_send(GOOD, INVITATION, sunday, POLICY) == Decision(False, "sunday", START + 6 * day - timedelta(hours=1))


def test_a_promise_is_kept_in_wider_hours_and_beside_the_caps() -> None:
    """The patient asked for a Sunday evening, and was texted before; at night it waits for eight o'clock."""
    texted = replace(GOOD, recent=(START,))
    sunday_evening = datetime.fromisoformat("2026-03-08T20:59:00-04:00")
    assert may_send(texted, PROMISE, sunday_evening, POLICY).allowed
    night = may_send(texted, PROMISE, sunday_evening + timedelta(minutes=1), POLICY)
    assert (night.reason, night.retry_at) == ("quiet_hours", datetime.fromisoformat("2026-03-09T08:00:00-04:00"))


def test_one_topic_at_a_time() -> None:
    """A check-in waits for a screening to end; what goes on with the screening does not."""
    assert may_send(REASONS["screening_open"], "check_in", START, POLICY).reason == "screening_open"
    assert may_send(REASONS["screening_open"], "screening_reminder", START, POLICY).allowed


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"opted_out"}))
def test_replies_are_answered_whatever_else_holds(reason: str) -> None:
    """Who texts is answered, with or without consent on record."""
    assert may_reply(REASONS[reason]).allowed


def test_after_an_opt_out_only_the_confirmation_and_crisis_replies_go_out() -> None:
    """An opt-out silences replies too, but for those two."""
    assert may_reply(REASONS["opted_out"]) == Decision(False, "opted_out")
    assert may_reply(REASONS["opted_out"], after_opt_out=True).allowed
