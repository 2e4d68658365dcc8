"""The one gate for everything that the bot sends: may it go to this person now?

Asked when a proactive message is planned and again at the moment of sending; replies pass by it too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

OPTED_OUT = "opted_out"
WRONG_PERSON = "wrong_person"
UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True)
class GateFacts:
    """What the gate needs to know about a patient and the phone that would be texted.

    ``consent`` is the last recorded decision (``None``: never asked); ``suppressions`` are the kinds kept for
    the number; ``textable`` says that the number can take texts at all; ``screening_open`` that a screening of
    this patient is under way; ``invited_recently`` that the number was invited less than a day ago and has not
    answered; ``phone_busy`` that the phone is in an open conversation with another patient.
    """

    consent: bool | None = None
    suppressions: frozenset[str] = frozenset()
    textable: bool = True
    screening_open: bool = False
    phone_busy: bool = False
    invited_recently: bool = False


@dataclass(frozen=True)
class Decision:
    """The gate's answer. ``reason`` is one code word, empty when allowed."""

    allowed: bool
    reason: str = ""


ALLOWED = Decision(True)

Rule = Callable[[GateFacts, str, datetime], bool]

# The first rule that holds refuses and gives the reason. An opt-out outranks everything else, since it is
# the one reason that must be told truthfully to whoever asks. Rules about the hour and about how often a
# person is texted stand at the end of this tuple: they hold a message back, the others forbid it.
REFUSALS: tuple[tuple[str, Rule], ...] = (
    (OPTED_OUT, lambda facts, kind, now: OPTED_OUT in facts.suppressions),
    (WRONG_PERSON, lambda facts, kind, now: WRONG_PERSON in facts.suppressions),
    (UNDELIVERABLE, lambda facts, kind, now: UNDELIVERABLE in facts.suppressions),
    ("cannot_be_texted", lambda facts, kind, now: not facts.textable),
    ("no_consent", lambda facts, kind, now: facts.consent is None),
    ("consent_refused", lambda facts, kind, now: facts.consent is False),
    ("screening_open", lambda facts, kind, now: facts.screening_open),
    ("phone_busy", lambda facts, kind, now: facts.phone_busy),
    ("invited_recently", lambda facts, kind, now: facts.invited_recently),
)


def may_send(facts: GateFacts, kind: str, now: datetime) -> Decision:
    """May a proactive message of ``kind`` (``campaign_invitation`` …) go out at ``now``?

    ``ValueError`` for a naive ``now``.
    """
    if now.tzinfo is None:
        raise ValueError("the gate takes an aware time")
    refused = next((reason for reason, holds in REFUSALS if holds(facts, kind, now)), None)
    return ALLOWED if refused is None else Decision(False, refused)


def may_reply(facts: GateFacts, after_opt_out: bool = False) -> Decision:
    """May a reply to the patient go out? Refused only after an opt-out.

    ``after_opt_out`` marks the one confirmation and crisis replies, which an opt-out does not hold back. A number
    that Twilio itself blocks counts as opted out from the first refusal (21610) on; those two are tried even then.
    """
    if OPTED_OUT in facts.suppressions and not after_opt_out:
        return Decision(False, OPTED_OUT)
    return ALLOWED
