"""One text to a place or to a person on call: sent once, looked up at Twilio where nobody knows whether it left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.adapters.twilio_messages import SendNotMade, SendRefused, SendUnknown
from bot.bootstrap import Deps
from bot.core.send_policy import ErrorClass
from bot.sending.errors_table import load_errors

LOOK_UP_AFTER = timedelta(seconds=10)
CLOCK_SLACK = timedelta(seconds=60)
FOR_GOOD = frozenset({ErrorClass.STOP_FOR_GOOD, ErrorClass.SUPPRESS})
SENT, UNKNOWN, FAILED, LOST = "sent", "unknown", "failed", "lost"


@dataclass(frozen=True)
class Notice:
    """A text to be sent. ``attempted_at``: somebody began to send it, and what became of it is not known."""

    to: str
    body: str
    created_at: datetime
    attempted_at: datetime | None


@dataclass(frozen=True)
class Result:
    """What became of one try.

    ``sent``; ``unknown``, to be tried again after ``wait`` (None: the queue's own pace); ``failed``, surely not taken,
    perhaps ``for_good``; ``lost``, when somebody else holds the notice by now.
    """

    state: str
    error: str = ""
    wait: timedelta | None = None
    for_good: bool = False


def try_text(deps: Deps, notice: Notice, mark_attempted: Callable[[], bool]) -> Result:
    """Send it, unless Twilio has it already. ``mark_attempted`` is called right before; False from it sends nothing."""
    if notice.attempted_at is not None:
        known = _look_up(deps, notice, notice.attempted_at)
        if known is not None:
            return known
    if not mark_attempted():
        return Result(LOST)
    try:
        deps.twilio.create(notice.to, notice.body, None, deps.settings.twilio_from)
    except SendRefused as refusal:
        return _refused(deps, refusal)
    except SendUnknown:
        return Result(UNKNOWN, "no_answer", LOOK_UP_AFTER)
    except SendNotMade:
        return Result(FAILED, "not_reached")
    return Result(SENT)


def _look_up(deps: Deps, notice: Notice, attempted_at: datetime) -> Result | None:
    """None when Twilio, asked late enough, does not have the text."""
    wait = attempted_at + LOOK_UP_AFTER - deps.clock.now()
    if wait > timedelta(0):
        return Result(UNKNOWN, "no_answer", wait)
    since = min(notice.created_at, attempted_at) - CLOCK_SLACK
    try:
        found = deps.twilio.find_recent(notice.to, notice.body, since)
    except (SendRefused, SendUnknown, SendNotMade):
        return Result(UNKNOWN, "look_up_failed")
    return Result(SENT) if found else None


def _refused(deps: Deps, refusal: SendRefused) -> Result:
    error = f"twilio_{refusal.code or refusal.http_status}"
    if refusal.http_status >= 500:
        return Result(UNKNOWN, error, LOOK_UP_AFTER)
    rule = load_errors(deps.settings.content_dir).rule(refusal.code, refusal.http_status)
    return Result(FAILED, error, for_good=rule.error_class in FOR_GOOD)
