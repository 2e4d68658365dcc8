"""What follows from a send that Twilio refused or a carrier gave up: pure decisions over a data table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MAX_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
OPERATOR_WAIT = timedelta(minutes=5)
# A message that a carrier gave up is sent anew less often: each time costs, and the phone may be off for hours.
MAX_ATTEMPTS_AFTER_RECEIPT = 3
RESEND_WAIT = timedelta(minutes=10)


class ErrorClass(StrEnum):
    """What an error means for the message, the number and the queue behind it."""

    STOP_FOR_GOOD = "stop_for_good"  # the number cannot be reached: fail, and do not text it again
    SUPPRESS = "suppress"  # the person opted out at Twilio: cancel everything queued, refuse later sends
    RETRY = "retry"  # may work later: a few more times
    ALERT_OPERATOR = "alert_operator"  # our set-up is wrong: hold the queue, tell the operator
    CONTENT = "content"  # this very message is refused: fail it, a person looks at it


@dataclass(frozen=True)
class ErrorRule:
    """One error, its class and its meaning in plain words.

    ``only_this_number`` narrows an ``alert_operator`` error: other numbers can still be texted.
    """

    error: str
    error_class: ErrorClass
    meaning: str
    only_this_number: bool = False


@dataclass(frozen=True)
class ErrorTable:
    """Twilio's error codes and HTTP statuses, each with its rule, and one for what is not listed."""

    codes: Mapping[int, ErrorRule]
    http: Mapping[str, ErrorRule]
    default: ErrorRule

    def rule(self, code: int | None, http_status: int | None = None) -> ErrorRule:
        """The rule of a code, else of the HTTP status (``"429"``, then ``"5xx"``), else the default.

        Two HTTP answers say more than any code beside them: a 429 was never processed, a 5xx is Twilio's own fault.
        """
        busy = http_status is not None and (http_status == 429 or http_status >= 500)
        by_code = None if busy or code is None else self.codes.get(code)
        return by_code or self._by_status(http_status) or self.default

    def _by_status(self, http_status: int | None) -> ErrorRule | None:
        if http_status is None:
            return None
        return self.http.get(str(http_status)) or self.http.get(f"{http_status // 100}xx")


class Step(StrEnum):
    """What to do with a message whose send did not work."""

    RETRY = "retry"  # this message, after a wait, counting the attempt
    HOLD = "hold"  # all that leaves by the same address, after a longer wait, not counting the attempt
    SUPPRESS = "suppress"  # opted out: refuse it, cancel what is queued for the phone
    FLAG_NUMBER = "flag_number"  # fail it and mark the number as undeliverable
    FAIL = "fail"  # for good: a person looks at it


@dataclass(frozen=True)
class NextStep:
    """A step, and how long to wait before it is taken (zero unless it is ``RETRY`` or ``HOLD``)."""

    step: Step
    wait: timedelta = timedelta(0)


_FINAL_STEPS: Mapping[ErrorClass, Step] = {
    ErrorClass.STOP_FOR_GOOD: Step.FLAG_NUMBER,
    ErrorClass.SUPPRESS: Step.SUPPRESS,
    ErrorClass.CONTENT: Step.FAIL,
}


def after_error(rule: ErrorRule, attempts: int, jitter: float, retry_after: float | None = None) -> NextStep:
    """What follows an error on attempt number ``attempts`` (from 1).

    ``jitter`` is a random number in [0, 1); ``retry_after`` is what Twilio asked for, in seconds.
    """
    if rule.error_class in _FINAL_STEPS:
        return NextStep(_FINAL_STEPS[rule.error_class])
    operator = rule.error_class is ErrorClass.ALERT_OPERATOR
    if operator and not rule.only_this_number:
        return NextStep(Step.HOLD, OPERATOR_WAIT)
    if attempts >= MAX_ATTEMPTS:
        return NextStep(Step.FAIL)
    return NextStep(Step.RETRY, OPERATOR_WAIT if operator else backoff(attempts, jitter, retry_after))


def backoff(attempts: int, jitter: float, retry_after: float | None = None) -> timedelta:
    """The wait after attempt number ``attempts`` (from 1): doubling, half of it random, at most ``LONGEST_WAIT``.

    Never shorter than ``retry_after`` seconds, which may exceed ``LONGEST_WAIT``. ``jitter`` is in [0, 1);
    ``ValueError`` for anything else or for an attempt below 1.
    """
    if attempts < 1 or not 0 <= jitter < 1:
        raise ValueError("attempts count from 1 and jitter lies in [0, 1)")
    doubled: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    asked = timedelta(seconds=max(retry_after or 0.0, 0.0)) * (1 + 0.1 * jitter)
    return max(doubled * (0.5 + jitter / 2), asked)
