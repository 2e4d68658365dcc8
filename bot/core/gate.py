"""The one gate for everything that the bot sends: may it go to this person now?

Asked when a proactive message is planned and again at the moment of sending; replies pass by it too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.caps import capped, next_free
from bot.core.hours import Recipient, next_allowed, why_not
from bot.core.policy import KindRule, Policy

OPTED_OUT = "opted_out"
WRONG_PERSON = "wrong_person"
UNDELIVERABLE = "undeliverable"
# They may have asked for no more texts, and were asked whether they did: held until they write again.
ASKED_TO_STOP = "asked_to_stop"
CANNOT_BE_TEXTED = "cannot_be_texted"
# A number that works puts an end to these.
NO_NUMBER = frozenset({UNDELIVERABLE, CANNOT_BE_TEXTED})
MISSED = "missed_its_day"
NOT_SAFE = "not_safe_to_text"


@dataclass(frozen=True)
class GateFacts:
    """What the gate needs to know about a patient and the phone that would be texted.

    ``consent`` is the last recorded decision (``None``: never asked); ``suppressions`` are the kinds kept for
    the number; ``textable`` says that the number can take texts at all; ``screening_open`` that a screening of
    this patient is under way; ``invited_recently`` that the number was invited less than a day ago and has not
    answered; ``phone_busy`` that the phone is in an open conversation with another patient.

    ``screened_recently``: a screening of this patient ended within the window. ``recipient`` is where the phone may
    be (``None`` only when there is no phone); ``recent`` are the times of the proactive texts of the last week, to
    the person or to the phone; ``planned_for`` is when this message was first meant to go, if it was planned.
    ``takes_place_at`` is the time that it tells of, if it tells of one.
    ``maybe_unsafe``: the patient spoke of violence, and nobody has settled whether they may be texted.
    """

    consent: bool | None = None
    suppressions: frozenset[str] = frozenset()
    textable: bool = True
    screening_open: bool = False
    phone_busy: bool = False
    maybe_unsafe: bool = False
    invited_recently: bool = False
    screened_recently: bool = False
    recipient: Recipient | None = None
    recent: tuple[datetime, ...] = ()
    planned_for: datetime | None = None
    takes_place_at: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """The gate's answer. ``reason`` is one code word, empty when allowed; ``retry_at`` when time alone will do."""

    allowed: bool
    reason: str = ""
    retry_at: datetime | None = None


ALLOWED = Decision(True)

Rule = Callable[[GateFacts, KindRule, datetime], bool]

# The first rule that holds refuses and gives the reason. An opt-out outranks everything else, since it is
# the one reason that must be told truthfully to whoever asks. The caps and the hours come after these: they hold a
# message back until a known time.
REFUSALS: tuple[tuple[str, Rule], ...] = (
    (OPTED_OUT, lambda facts, rule, now: OPTED_OUT in facts.suppressions),
    (WRONG_PERSON, lambda facts, rule, now: WRONG_PERSON in facts.suppressions),
    (UNDELIVERABLE, lambda facts, rule, now: UNDELIVERABLE in facts.suppressions),
    (ASKED_TO_STOP, lambda facts, rule, now: ASKED_TO_STOP in facts.suppressions),
    (CANNOT_BE_TEXTED, lambda facts, rule, now: not facts.textable),
    ("no_consent", lambda facts, rule, now: facts.consent is None),
    ("consent_refused", lambda facts, rule, now: facts.consent is False),
    (MISSED, lambda facts, rule, now: _missed(facts, rule, now)),
    (NOT_SAFE, lambda facts, rule, now: facts.maybe_unsafe),
    ("screened_recently", lambda facts, rule, now: facts.screened_recently),
    ("screening_open", lambda facts, rule, now: facts.screening_open and rule.waits_for_topic),
    ("phone_busy", lambda facts, rule, now: facts.phone_busy),
    ("invited_recently", lambda facts, rule, now: facts.invited_recently),
)


def may_send(facts: GateFacts, kind: str, now: datetime, policy: Policy) -> Decision:
    """May a proactive message of ``kind`` (``campaign_invitation`` …) go out at ``now``?

    ``ValueError`` for a naive ``now``.
    """
    if now.tzinfo is None:
        raise ValueError("the gate takes an aware time")
    rule = policy.rule(kind)
    refused = next((reason for reason, holds in REFUSALS if holds(facts, rule, now)), None)
    if refused is not None:
        return Decision(False, refused)
    return _in_time(facts, rule, now, policy)


def earliest(facts: GateFacts, kind: str, now: datetime, policy: Policy) -> datetime | None:
    """The first moment from ``now`` on that caps and hours allow; None when there is none in the next weeks.

    What forbids the message is not asked.
    """
    return _earliest(facts, policy.rule(kind), now, policy)


def may_reply(facts: GateFacts, after_opt_out: bool = False) -> Decision:
    """May a reply to the patient go out? Refused only after an opt-out.

    ``after_opt_out`` marks the one confirmation and crisis replies, which an opt-out does not hold back. A number
    that Twilio itself blocks counts as opted out from the first refusal (21610) on; those two are tried even then.
    """
    if OPTED_OUT in facts.suppressions and not after_opt_out:
        return Decision(False, OPTED_OUT)
    return ALLOWED


def _in_time(facts: GateFacts, rule: KindRule, now: datetime, policy: Policy) -> Decision:
    reason = capped(now, facts.recent, policy.caps) if rule.capped else None
    if reason is None and facts.recipient is not None:
        reason = why_not(now, facts.recipient, policy.hours.week(facts.recipient.states, wish=rule.wish))
    return ALLOWED if reason is None else Decision(False, reason, _earliest(facts, rule, now, policy))


def _earliest(facts: GateFacts, rule: KindRule, now: datetime, policy: Policy) -> datetime | None:
    free = next_free(now, facts.recent, policy.caps) if rule.capped else now
    if facts.recipient is None:
        return free
    return next_allowed(free, facts.recipient, policy.hours.week(facts.recipient.states, wish=rule.wish))


def _missed(facts: GateFacts, rule: KindRule, now: datetime) -> bool:
    late = rule.dropped_after
    if late is not None and facts.takes_place_at is not None:
        return now >= facts.takes_place_at
    return late is not None and facts.planned_for is not None and now - facts.planned_for > late
