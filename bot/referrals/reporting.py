"""The one way in for everything that is said about a referral, whoever says it.

A report is kept, the standing worked out anew, and what follows is done in the same transaction: check-ins planned
or dropped, the next place, a case for a community health worker (CHW), the end of the need.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.content.referral import ReferralContent
from bot.core.referral import (
    CHW,
    COMPLETED,
    FIRST,
    PARTNER,
    PATIENT,
    PROGRAMME,
    Report,
    Standing,
    Word,
    as_counted,
    is_calm,
    reconcile,
)
from bot.core.referral_case import RESOLVED, End, case_status, need_status
from bot.referrals import planning
from bot.store import audit, deliveries, escalations, navigation, needs, referrals
from bot.store.database import Transaction
from bot.store.referrals import PatientReferral

CONFLICT_CASE = "referral_conflict"
BARRIER_CASE = "referral_barrier"
UNSHARED_CASE = "referral_not_heard"
LATE_CASE = "referral_late_word"
ENDED_CASE = "referral_without_texts"
NEVER_HEARD = "never_heard"


@dataclass(frozen=True)
class Said:
    """A report as it comes in. ``actor`` is who sent it, as the audit names them; ``note`` is kept sealed.

    So is ``calls_from``, the number (E.164) that a place will call from.
    """

    source: str
    word: str
    actor: str
    reason: str | None = None
    at: datetime | None = None
    note: str | None = None
    proposed_at: datetime | None = None
    calls_from: str | None = None


def report(tx: Transaction, content: ReferralContent, referral_id: str, said: Said) -> PatientReferral:
    """Keep what was said and do what follows; gives the referral as it stands then.

    A time to come is taken as now; one that is past is kept as it was said, and counts from where it can
    (:func:`bot.core.referral.as_counted`). Raises ``NotFound`` and :class:`bot.core.referral.UnknownReport`.
    """
    before = referrals.hold(tx, referral_id)
    heard = Report(said.source, said.word, min(said.at or tx.now(), tx.now()), said.reason)
    word = content.rules.word(said.source, said.word, said.reason)
    reports = as_counted(before.opened_at, [*(event.report for event in referrals.events(tx, referral_id)), heard])
    standing = reconcile(content.rules, reports)
    referrals.add_event(
        tx,
        referral_id,
        heard,
        actor=said.actor,
        state=standing.state,
        note=said.note,
        proposed_at=said.proposed_at,
        calls_from=said.calls_from,
    )
    after = referrals.set_standing(tx, referral_id, standing)
    audit.record(
        tx,
        said.actor,
        "referral_reported",
        "referral",
        referral_id,
        source=said.source,
        word=said.word,
        reason=said.reason,
        was=before.state,
        state=standing.state,
    )
    _heard_from(tx, after, said)
    _move_on(tx, content, before, standing)
    if said.source != PROGRAMME and standing.state != FIRST and not standing.is_closed:
        planning.plan_check_in(tx, content, referrals.get(tx, referral_id), calm=is_calm(content.rules, reports))
    _act(tx, content, before, word, said)
    _late(tx, before, word, said)
    return referrals.get(tx, referral_id)


def open_for(
    tx: Transaction, content: ReferralContent, patient_id: str, domain: str, service_id: str, service_name: str
) -> PatientReferral:
    """The open referral of the patient to this place; the need and the referral are opened if they are not."""
    need_id = open_need(tx, content, patient_id, domain)
    referral_id = referrals.open_referral(
        tx, patient_id=patient_id, need_id=need_id, domain=domain, service_id=service_id, service_name=service_name
    )
    referral = referrals.get(tx, referral_id)
    if not referral.planned:
        planning.plan_deadline(tx, content, referral)
    return referrals.get(tx, referral_id)


def open_need(tx: Transaction, content: ReferralContent, patient_id: str, domain: str) -> str:
    """The patient's open need of this domain, with its end of time planned."""
    need_id = needs.open_need(tx, patient_id, domain)
    planning.plan_need_deadline(tx, content, patient_id, need_id)
    return need_id


def end_for_patient(tx: Transaction, content: ReferralContent, patient_id: str, reason: str) -> None:
    """The patient is not texted any more: every open referral ends, and a CHW goes on with those a place knows of."""
    for referral in referrals.open_ones(tx, patient_id):
        if referral.told_at is not None:
            open_case(tx, referral, ENDED_CASE)
        report(tx, content, referral.id, Said(PROGRAMME, "outreach_ended", "worker", reason))
    for need in needs.of_patient(tx, patient_id):
        if need.closed_at is None:
            close_need(tx, content, need.id, content.case.by_reason.get(reason, "declined"), PATIENT)


def close_need(tx: Transaction, content: ReferralContent, need_id: str, status: str, said_by: str | None) -> None:
    """How the need ended; the patient's case ends with the last of them."""
    if not needs.close(tx, need_id, status, said_by):
        return
    patient_id = needs.get(tx, need_id).patient_id
    planning.drop_need_deadline(tx, patient_id, need_id)
    if not planning.waiting_needs(tx, patient_id):
        planning.plan_offers(tx, content, patient_id)
    case = navigation.current(tx, patient_id)
    if case is None or case.state != "open":
        return
    during = [n for n in needs.of_patient(tx, patient_id) if n.closed_at is None or n.closed_at >= case.opened_at]
    worth = case_status(content.case, [need.status for need in during])
    if worth is not None:
        navigation.close(tx, case.id, worth, said_by or PROGRAMME)
        audit.record(tx, "worker", "navigation_closed", "navigation_case", case.id, status=worth)


def open_case(
    tx: Transaction, referral: PatientReferral, kind: str, urgency: str = "soon", known_of_it: str | None = None
) -> None:
    """A CHW is to look at this; an open case of the same kind gets a line more instead.

    ``known_of_it`` stands behind the referral, in words of the glossary and never in those of the patient.
    """
    note = f"Referral {referral.id}" + (f": {known_of_it}" if known_of_it else "")
    known = escalations.unresolved(tx, referral.patient_id, kind)
    if known is None:
        escalations.create(
            tx,
            patient_id=referral.patient_id,
            conversation_id=None,
            inbound_id=None,
            kind=kind,
            urgency=urgency,
            note=note,
        )
    elif note not in (known.note or ""):
        escalations.add_note(tx, known.id, note)


def _heard_from(tx: Transaction, referral: PatientReferral, said: Said) -> None:
    if said.source == PATIENT:
        referrals.change(tx, referral.id, unanswered=0, silent_since=None)
    elif said.source in (PARTNER, CHW):
        referrals.drop_planned(tx, referral, frozenset({planning.PARTNER_STEP}), "answered")


def _move_on(tx: Transaction, content: ReferralContent, before: PatientReferral, standing: Standing) -> None:
    referral = referrals.get(tx, before.id)
    if standing.conflict and not before.conflict:
        open_case(tx, referral, CONFLICT_CASE)
    if not standing.is_closed:
        if before.is_closed:
            _reopen_need(tx, content, referral, "open")
            planning.plan_deadline(tx, content, referral)
        return
    if not before.is_closed:
        referrals.drop_planned(tx, referral, planning.OF_REFERRAL, standing.state)
        deliveries.drop_for_referral(tx, referral.id)
    elif before.state == COMPLETED != standing.state:
        _take_back(tx, content, referral)
    _settle_need(tx, content, referral)


def _take_back(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    """It was said in error that this place helped: the need is open again, unless another place helped."""
    if not any(each.state == COMPLETED for each in referrals.of_need(tx, referral.need_id)):
        _reopen_need(tx, content, referral, referral.state)


def _reopen_need(tx: Transaction, content: ReferralContent, referral: PatientReferral, now: str) -> None:
    known = needs.get(tx, referral.need_id).status
    needs.reopen(tx, referral.need_id)
    planning.plan_need_deadline(tx, content, referral.patient_id, referral.need_id)
    if known is not None:
        audit.record(tx, "worker", "need_reopened", "need", referral.need_id, was=known, now=now)


def _settle_need(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    ends = [End(r.state, r.is_closed, r.state_reason, r.said_by) for r in referrals.of_need(tx, referral.need_id)]
    found = need_status(content.case, ends)
    if found is not None:
        if found[0] == RESOLVED and needs.get(tx, referral.need_id).status not in (None, RESOLVED):
            # It had another end, by silence or for want of a place, and help is known of after all.
            _reopen_need(tx, content, referral, RESOLVED)
        close_need(tx, content, referral.need_id, *found)
    elif all(end.is_closed for end in ends):
        planning.plan_offers(tx, content, referral.patient_id)


def _act(tx: Transaction, content: ReferralContent, before: PatientReferral, word: Word, said: Said) -> None:
    """What the programme does beside, as the table says of the word."""
    referral = referrals.get(tx, before.id)
    has_ended = referral.is_closed and (not before.is_closed or before.state == COMPLETED != referral.state)
    if word.then == "next_place" and has_ended:
        if needs.get(tx, referral.need_id).closed_at is None:
            planning.plan(tx, referral, planning.NEXT_PLACE, tx.now())
    elif word.then == "tell_chw":
        open_case(tx, referral, BARRIER_CASE)
    elif word.then == "nudge_partner" and not referral.is_closed:
        _never_heard(tx, content, referral)
    elif word.then == "say_they_will_call" and referral.shared and not referral.is_closed:
        planning.plan_call(tx, content, referral, said.proposed_at)


def _late(tx: Transaction, before: PatientReferral, word: Word, said: Said) -> None:
    """Something is known of a referral that ended otherwise, and it changes nothing: a CHW is to look at it."""
    after = referrals.get(tx, before.id)
    is_unheard = before.is_closed and before.state == after.state != COMPLETED and not after.conflict
    says_it_goes_on = word.calm or word.state == COMPLETED or word.then == "nudge_partner"
    if said.source in (PATIENT, PARTNER) and is_unheard and says_it_goes_on:
        open_case(tx, after, LATE_CASE, known_of_it=f"{said.source} said {said.word}")


def _never_heard(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    """The place is asked to try again, but not for ever; a CHW looks after a patient whom no place was told of."""
    times, is_told = content.partner, referral.told_at is not None
    often = _since_others_spoke(tx, referral)
    if is_told and often >= times.never_heard_end:
        report(tx, content, referral.id, Said(PROGRAMME, "no_response", "worker"))
        return
    if not is_told or often >= times.never_heard_case:
        open_case(tx, referral, UNSHARED_CASE)
    if is_told:
        _nudge(tx, content, referral)


def _since_others_spoke(tx: Transaction, referral: PatientReferral) -> int:
    """How often the patient never heard from the place since the place or a CHW said anything."""
    often = 0
    for each in sorted(referrals.reports(tx, referral), key=lambda report: report.at):
        if each.source in (PARTNER, CHW):
            often = 0
        elif (each.source, each.word) == (PATIENT, NEVER_HEARD):
            often += 1
    return often


def _nudge(tx: Transaction, content: ReferralContent, referral: PatientReferral) -> None:
    planning.plan(tx, referral, planning.PARTNER_STEP, tx.now(), {"nudge": True})
    referrals.drop_planned(tx, referral, frozenset({planning.DID_THEY_CALL}), "planned_anew")
    planning.plan_did_they_call(tx, content, referral, tx.now())
