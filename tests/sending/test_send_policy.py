"""Errors have declared consequences, and waits are bounded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import content_root
from bot.core.send_policy import (
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    OPERATOR_WAIT,
    ErrorClass,
    ErrorRule,
    NextStep,
    Step,
    after_error,
    backoff,
)
from bot.sending.errors_table import load_errors

TABLE = load_errors(content_root())
JITTER = st.floats(0, 1, exclude_max=True)
# By class, from Twilio's descriptions: kept apart from the table so that a slip in it shows.
EXPECTED = {
    ErrorClass.STOP_FOR_GOOD: [21211, 21214, 21217, 21614, 30005, 30006],
    ErrorClass.SUPPRESS: [21610],
    ErrorClass.RETRY: [20429, 30001, 30003, 30008, 30017, 21611],
    ErrorClass.CONTENT: [30004, 30007, 30019, 21617, 21620],
    ErrorClass.ALERT_OPERATOR: [
        20003, 21606, 21212, 21408, 21703, 21704, 21705, 30002, 30018, 30024, 30032, 30034, 30022, 30023, 30027, 21609,
    ],
}  # fmt: skip


@pytest.mark.parametrize(("error_class", "code"), [(c, code) for c, codes in EXPECTED.items() for code in codes])
def test_known_codes_have_their_class(error_class: ErrorClass, code: int) -> None:
    """Every code that the facts name is in the table, in its class, with a meaning in words."""
    rule = TABLE.rule(code, 400)
    assert (rule.error_class, rule.error) == (error_class, str(code))
    assert rule.meaning.endswith(".")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599])
def test_busy_and_broken_answers_are_retried(status: int) -> None:
    """HTTP 429 and 5xx say more than any code that stands beside them."""
    assert TABLE.rule(None, status).error_class is ErrorClass.RETRY
    assert TABLE.rule(21610, status).error_class is ErrorClass.RETRY


@pytest.mark.parametrize(("code", "status"), [(99999, 400), (None, 400), (None, None), (64101, None)])
def test_unknown_errors_take_the_declared_default(code: int | None, status: int | None) -> None:
    """What is not listed fails that one message, for a person to look at."""
    assert TABLE.rule(code, status) == TABLE.default
    assert after_error(TABLE.default, 1, 0.0).step is Step.FAIL


@pytest.mark.parametrize(
    ("error_class", "step"),
    [
        (ErrorClass.STOP_FOR_GOOD, Step.FLAG_NUMBER),
        (ErrorClass.SUPPRESS, Step.SUPPRESS),
        (ErrorClass.CONTENT, Step.FAIL),
        (ErrorClass.RETRY, Step.RETRY),
        (ErrorClass.ALERT_OPERATOR, Step.HOLD),
    ],
)
def test_each_class_has_its_step(error_class: ErrorClass, step: Step) -> None:
    """One consequence for each class."""
    assert after_error(ErrorRule("0", error_class, "."), 1, 0.5).step is step


def test_attempts_are_bounded() -> None:
    """The last attempt is followed by giving up, except where it is our own set-up that fails."""
    busy, refused, one_number = TABLE.rule(20429), TABLE.rule(20003), TABLE.rule(21408)
    assert after_error(busy, MAX_ATTEMPTS - 1, 0.5).step is Step.RETRY
    assert after_error(busy, MAX_ATTEMPTS, 0.5).step is Step.FAIL
    assert after_error(refused, 1000, 0.5).step is Step.HOLD
    assert after_error(one_number, MAX_ATTEMPTS, 0.5).step is Step.FAIL


def test_an_error_of_one_number_does_not_hold_the_queue() -> None:
    """A region that is switched off is no reason to keep everybody else waiting."""
    assert after_error(TABLE.rule(21408), 1, 0.5) == NextStep(Step.RETRY, OPERATOR_WAIT)


@given(st.integers(1, 10_000), JITTER)
def test_waits_are_bounded(attempts: int, jitter: float) -> None:
    """Never at once, never longer than the longest."""
    assert timedelta(seconds=1) <= backoff(attempts, jitter) <= LONGEST_WAIT


@given(st.integers(1, 30), JITTER, st.integers(0, 36_000))
def test_retry_after_is_honoured(attempts: int, jitter: float, asked: int) -> None:
    """Twilio's own wish is a lower bound, however long."""
    assert backoff(attempts, jitter, float(asked)) >= timedelta(seconds=asked)


def test_waits_double() -> None:
    """Further and further apart."""
    assert [backoff(n, 0.0).total_seconds() for n in range(1, 6)] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(("attempts", "jitter"), [(0, 0.5), (1, 1.0), (1, -0.1)])
def test_nonsense_is_refused(attempts: int, jitter: float) -> None:
    """Attempts count from 1, jitter is below 1."""
    with pytest.raises(ValueError, match="jitter"):
        backoff(attempts, jitter)
