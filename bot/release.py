"""Releases what falls due: each follow-up row passes the gate and enters the way of every message, or is put off.

Called every second by the clock, at once when a campaign begins, and by whoever moves a virtual clock. Any number
may run side by side: a row is claimed and handed on in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot import campaign_release, reminders, rescreening
from bot.bootstrap import Deps
from bot.content.policy import load_policy
from bot.core.callbacks import REMINDER, RESCREENING
from bot.core.gate import ALLOWED, ASKED_TO_STOP, NO_NUMBER, NOT_SAFE, Decision, earliest, may_send
from bot.given_up import waited_too_long
from bot.invitations import gather_facts, proposal_of
from bot.referrals import due as referrals_due
from bot.referrals import kept_back
from bot.referrals.planning import CHECK_INS, SPOKEN, WILL_CALL
from bot.store import followups, unasked
from bot.store.database import Transaction
from bot.store.followups import FollowUp

BATCH = 50
# What is held is looked at again after as long as it has waited: an hour at least, a day at most.
LOOK_AGAIN = timedelta(hours=1)
RARELY = timedelta(days=1)
TOO_LATE = timedelta(days=30)
WAITED_TOO_LONG = "too_late"
# What takes two texts should not have the second after the last allowed minute.
CLOSING = timedelta(minutes=5)
# As many invitations are on their way as can be sent in so many seconds; the others wait where they can be stopped.
ON_THE_WAY_SECONDS = 30
# What may pass by itself. Every other refusal of the gate ends the follow-up.
PASSING = frozenset(
    {"no_consent", "cannot_be_texted", ASKED_TO_STOP, NOT_SAFE, "screening_open", "phone_busy", "invited_recently"}
    | {"campaign_paused"}
)


@dataclass(frozen=True)
class Handler:
    """What only one kind of follow-up knows.

    ``asks`` says before the gate whether it is still wanted: None to go on, else why not, and until when.
    ``before`` is done with what is handed on, ``kept_back`` with what is not. With ``silently`` nothing is sent.
    """

    asks: Callable[[Deps, Transaction, FollowUp], Decision | None]
    before: Callable[[Deps, Transaction, FollowUp], None] | None = None
    kept_back: Callable[[Transaction, FollowUp, str], None] | None = None
    silently: Callable[[Deps, Transaction, FollowUp], None] | None = None


HANDLERS: Mapping[str, Handler] = {
    "campaign_invitation": Handler(
        asks=campaign_release.still_wanted,
        before=campaign_release.make_room,
        kept_back=campaign_release.keep_back,
    ),
    REMINDER: Handler(asks=reminders.still_left, before=reminders.plan_the_next),
    reminders.REST: Handler(asks=reminders.still_left, silently=reminders.end_as_partial),
    **{kind: Handler(asks=referrals_due.still_wanted) for kind in SPOKEN},
    **{kind: Handler(asks=referrals_due.still_wanted, kept_back=kept_back.no_number) for kind in CHECK_INS},
    WILL_CALL: Handler(asks=referrals_due.still_wanted, kept_back=kept_back.call_not_told),
    **{kind: Handler(asks=referrals_due.still_wanted, silently=act) for kind, act in referrals_due.SILENT.items()},
    RESCREENING: Handler(asks=rescreening.still_wanted, before=rescreening.make_room, kept_back=kept_back.no_number),
}


def release_due(deps: Deps) -> int:
    """Hand on every follow-up that is due; gives how many were looked at. Any number may run at once.

    Invitations of campaigns come last, and only as many as can be sent soon.
    """
    looked_at = 0
    release = partial(_release, deps)
    for bulk in (False, True):
        while size := _batch(deps, bulk):
            released = followups.claim_due(deps.db, deps.clock.now(), size, release, bulk)
            if not released:
                break
            looked_at += len(released)
            deps.wakeups.notify("inbound")
    return looked_at


def _batch(deps: Deps, bulk: bool) -> int:
    """How many rows to claim; none when nothing is due, so that an idle clock keeps nobody from writing."""
    with deps.db.read() as tx:
        due_at = followups.next_due(tx, bulk)
        if due_at is None or due_at > tx.now():
            return 0
        if not bulk:
            return BATCH
        room = int(deps.settings.send_rate * ON_THE_WAY_SECONDS) - unasked.in_hand(tx)
    return max(0, min(BATCH, room))


def _release(deps: Deps, tx: Transaction, followup: FollowUp) -> None:
    """Hand one due follow-up on, put it off, or drop it."""
    handler = HANDLERS.get(followup.kind)
    decision = handler.asks(deps, tx, followup) if handler else None
    if decision is not None:
        _keep_back(tx, handler, followup, decision)
    elif handler is not None and handler.silently is not None:
        handler.silently(deps, tx, followup)
        followups.done(tx, followup.id)
    else:
        _pass_the_gate(deps, tx, handler, followup)


def _pass_the_gate(deps: Deps, tx: Transaction, handler: Handler | None, followup: FollowUp) -> None:
    decision = _decide(tx, followup)
    if not decision.allowed:
        _keep_back(tx, handler, followup, decision)
        if decision.reason == WAITED_TOO_LONG:
            waited_too_long(deps, tx, followup)
        return
    if handler is not None and handler.before is not None:
        handler.before(deps, tx, followup)
    followups.to_inbound(tx, followup, deps.settings.twilio_from)


def _decide(tx: Transaction, followup: FollowUp) -> Decision:
    """The gate's answer, with a margin before the end of the allowed hours; a refusal that may pass has its time."""
    now, policy = tx.now(), load_policy()
    facts = gather_facts(tx, proposal_of(followup), now)
    decision = may_send(facts, followup.kind, now, policy)
    if decision.allowed:
        closing = may_send(facts, followup.kind, now + CLOSING, policy)
        return closing if closing.retry_at is not None and not policy.rule(followup.kind).wish else ALLOWED
    # However late a person resolves the case or finds a number that works, what was held for it goes on.
    waits = decision.reason in NO_NUMBER and policy.rule(followup.kind).waits_for_number
    waits = waits or decision.reason == NOT_SAFE
    if waits or (decision.reason in PASSING and now - followup.planned_for <= TOO_LATE):
        wait = min(max(now - followup.planned_for, LOOK_AGAIN), RARELY)
        return Decision(False, decision.reason, earliest(facts, followup.kind, now + wait, policy))
    return Decision(False, WAITED_TOO_LONG) if decision.reason in PASSING else decision


def _keep_back(tx: Transaction, handler: Handler | None, followup: FollowUp, decision: Decision) -> None:
    until = decision.retry_at or _look_again(tx, decision)
    if until is None:
        followups.drop(tx, followup.id, decision.reason)
    elif decision.reason:
        followups.hold(tx, followup.id, decision.reason, until)
    else:
        followups.postpone(tx, followup.id, until)
    if handler is not None and handler.kept_back is not None:
        handler.kept_back(tx, followup, decision.reason)


def _look_again(tx: Transaction, decision: Decision) -> datetime | None:
    """Zones that share no hour have no next one: a person may set the zone meanwhile."""
    waits = decision.reason in PASSING | {"quiet_hours", "sunday", "holiday", "texted_today", "texted_often"}
    return tx.now() + LOOK_AGAIN if waits else None
