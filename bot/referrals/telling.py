"""Puts what a partner is to be told into the queue, and takes what became of it."""

from __future__ import annotations

from datetime import timedelta

from bot.bootstrap import Deps
from bot.content.referral import ReferralContent, load_referral
from bot.core.check_ins import partner_step
from bot.core.referral import PROGRAMME
from bot.referrals import planning
from bot.referrals.places import channels_of
from bot.referrals.reporting import Said, report
from bot.store import deliveries, referrals
from bot.store.database import Transaction
from bot.store.deliveries import ClaimedDelivery, Notice
from bot.store.referrals import PatientReferral

REQUEST, REMIND, NUDGE, VISIT = "request", "reminder", "nudge", "visit"
ACTOR = "clock"
REQUESTED = "requested"


def tell(deps: Deps, tx: Transaction, referral: PatientReferral, purpose: str, number: int) -> bool:
    """Queue a notice to the place by the first channel there is; False when there is none."""
    channels = channels_of(deps, tx, referral.service_id)
    return bool(channels) and _put(tx, referral, purpose, number, channels[0])


def step(deps: Deps, tx: Transaction, referral: PatientReferral) -> None:
    """The place has not answered: remind it, or give it up, so that the next one is offered.

    It is not given up while the patient says to be waiting: they know more than we do, and check-ins go on. After a
    "never heard" it has as long as after the first notice to answer what it was told of that.
    """
    content = load_referral(deps.settings.content_dir)
    if referral.told_at is None:
        return
    what, _ = partner_step(content.partner, referral.told_at, referral.reminders)
    if what == "give_up":
        _give_up(tx, content, referral)
        return
    tell(deps, tx, referral, REMIND, referral.reminders + 1)
    planning.plan_partner_step(tx, content, referrals.change(tx, referral.id, reminders=referral.reminders + 1))


def _give_up(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    last = next((e for e in reversed(referrals.events(tx, referral.id)) if e.word in ("waiting", "never_heard")), None)
    if last is not None and last.word == "waiting":
        return
    until = tx.now() if last is None else last.at + timedelta(days=content.partner.remind_days[0])
    if until > tx.now():
        planning.plan(tx, referral, planning.PARTNER_STEP, until)
    else:
        report(tx, content, referral.id, Said(PROGRAMME, "no_response", ACTOR))


def nudge(deps: Deps, tx: Transaction, referral: PatientReferral) -> None:
    """The patient has not heard from the place."""
    said = [event for event in referrals.events(tx, referral.id) if event.word == "never_heard"]
    tell(deps, tx, referral, NUDGE, len(said))


def was_told(deps: Deps, tx: Transaction, claimed: ClaimedDelivery) -> None:
    """The place was told of the patient: it is reminded until it answers, unless it or a CHW has spoken before."""
    notice = claimed.notice
    if notice.purpose != REQUEST or notice.referral_id is None:
        return
    content = load_referral(deps.settings.content_dir)
    referral = referrals.get(tx, notice.referral_id)
    if referral.told_at is not None or referral.is_closed:
        return
    referral = referrals.change(tx, referral.id, told_at=tx.now())
    referral = report(tx, content, referral.id, Said(PROGRAMME, "told_partner", ACTOR))
    if referral.state == REQUESTED:
        planning.plan_partner_step(tx, content, referral)


def was_not_told(deps: Deps, tx: Transaction, claimed: ClaimedDelivery) -> None:
    """The channel is of no use: the next one is taken, and after the last the place cannot be reached."""
    notice = claimed.notice
    if notice.referral_id is None:
        return
    referral = referrals.get(tx, notice.referral_id)
    channels = channels_of(deps, tx, referral.service_id)
    later = channels[channels.index(notice.channel) + 1 :] if notice.channel in channels else ()
    if later:
        _put(tx, referral, notice.purpose, notice.number, later[0])
    elif notice.purpose == REQUEST and not referral.is_closed:
        content = load_referral(deps.settings.content_dir)
        report(tx, content, referral.id, Said(PROGRAMME, "partner_unreachable", ACTOR))


def _put(tx: Transaction, referral: PatientReferral, purpose: str, number: int, channel: str) -> bool:
    notice = Notice(
        patient_id=referral.patient_id,
        to_id=referral.service_id,
        purpose=purpose,
        number=number,
        channel=channel,
        referral_id=referral.id,
    )
    return deliveries.put(tx, notice, f"{purpose}:{referral.id}:{number}:{channel}")
