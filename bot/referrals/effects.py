"""What follows from the events of a conversation about places, referrals and navigation; in the turn's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.content.referral import ReferralContent, load_referral
from bot.core.check_ins import is_unreachable
from bot.core.dialog import JsonObject
from bot.core.referral import PATIENT, PROGRAMME, is_calm
from bot.core.scoring import Result
from bot.effect_context import Context
from bot.referrals import navigating, planning, telling
from bot.referrals.places import finder
from bot.referrals.reporting import BARRIER_CASE, Said, close_need, open_case, open_for, open_need, report
from bot.store import audit, navigation, needs, patients, referrals
from bot.store.errors import NotFound
from bot.store.referrals import PatientReferral

ACTOR = "worker"
BARRIERS = frozenset({"transport", "fear", "cost", "language", "hours", "other"})


def screened(c: Context, result: Result) -> None:
    """Every need that was found is open until it is known how it ended; who is eligible may have help with it."""
    content = _content(c)
    for need in result.needs:
        if need.positive and need.domain not in content.not_by_text:
            open_need(c.tx, content, c.scene.patient.id, need.domain)
    if result.navigation_eligible:
        navigating.offer(c.tx, c.scene.patient.id)
    planning.plan_offers(c.tx, content, c.scene.patient.id)


def need_stated(c: Context, domain: str | None) -> None:
    """A need that somebody named is open, whatever becomes of the questions that were being asked."""
    content = _content(c)
    if domain is not None and domain not in content.not_by_text:
        open_need(c.tx, content, c.scene.patient.id, domain)
        planning.plan_offers(c.tx, content, c.scene.patient.id)


def heard_from(c: Context) -> None:
    """The patient wrote: whoever is heard from is not lost."""
    for referral in referrals.open_ones(c.tx, c.scene.patient.id):
        if referral.unanswered:
            referrals.change(c.tx, referral.id, unanswered=0, silent_since=None)


def _places_offered(c: Context, event: JsonObject) -> None:
    needs.record_offers(c.tx, c.scene.patient.id, [str(each) for each in event["ids"]], event["domain"])
    if event["ids"]:
        open_need(c.tx, _content(c), c.scene.patient.id, event["domain"])
    if c.scene.claimed.detail.get("followup_kind") != planning.PLACES_REMINDER:
        planning.plan_offers(c.tx, _content(c), c.scene.patient.id)


def _places_reminder_sent(c: Context, event: JsonObject) -> None:
    planning.plan_end_of_offers(c.tx, _content(c), c.scene.patient.id)


def _zip_given(c: Context, event: JsonObject) -> None:
    """Where the patient lives, in their own words; the clinic may say otherwise later. One that is none is not kept."""
    known = patients.get(c.tx, c.scene.patient.id)
    if known is not None and finder(c.deps).knows_zip(event["zip"]):
        patients.set_profile(c.tx, known.id, replace(known.profile, zip=event["zip"]))
        audit.record(c.tx, ACTOR, "zip_given", "patient", known.id, fields=["zip"])


def _place_chosen(c: Context, event: JsonObject) -> None:
    _referral(c, event)
    planning.plan_offers(c.tx, _content(c), c.scene.patient.id)


def _referral_agreed(c: Context, event: JsonObject) -> None:
    """Recorded with the wording that was agreed to; with ``share`` the place is told."""
    content, referral = _content(c), _referral(c, event)
    shared = bool(event["share"])
    referrals.change(c.tx, referral.id, shared=shared, text_version=event["text_version"])
    report(c.tx, content, referral.id, Said(PATIENT, "agreed", ACTOR))
    detail = {"share": shared, "text_version": event["text_version"], "service_id": referral.service_id}
    audit.record(c.tx, ACTOR, "referral_agreed", "referral", referral.id, **detail)
    planning.plan_offers(c.tx, content, c.scene.patient.id)
    if shared and c.scene.patient.language is None:
        # It is shared, too.
        patients.set_language(c.tx, c.scene.patient.id, c.scene.language)
    if shared:
        telling.tell(c.deps, c.tx, referrals.get(c.tx, referral.id), telling.REQUEST, 1)


def _referral_declined(c: Context, event: JsonObject) -> None:
    """No to the place that was chosen; with none chosen, no to help with this need."""
    content, patient_id = _content(c), c.scene.patient.id
    chosen = [r for r in referrals.open_ones(c.tx, patient_id) if (r.domain, r.state) == (event["domain"], "offered")]
    for referral in chosen:
        report(c.tx, content, referral.id, Said(PATIENT, "declined", ACTOR, note=event.get("reason")))
    if not chosen and not any(r.domain == event["domain"] for r in referrals.open_ones(c.tx, patient_id)):
        for need in needs.of_patient(c.tx, patient_id):
            if need.domain == event["domain"] and need.closed_at is None:
                close_need(c.tx, content, need.id, "declined", PATIENT)


def _status_reported(c: Context, event: JsonObject) -> None:
    referral = _own(c, event["referral_id"])
    if referral is not None:
        said = Said(PATIENT, event["status"], ACTOR, note=event.get("in_words"))
        report(c.tx, _content(c), referral.id, said)


def _barrier_reported(c: Context, event: JsonObject) -> None:
    """What got in the way, for the CHW who has the case of the patient that could not go."""
    referral = _own(c, event["referral_id"])
    if referral is None:
        return
    barrier = event["barrier"] if event["barrier"] in BARRIERS else "other"
    needs.record_barrier(c.tx, c.scene.patient.id, referral.id, barrier, PATIENT)
    open_case(c.tx, referral, BARRIER_CASE, known_of_it=f"barrier {barrier}")


def _navigation_accepted(c: Context, event: JsonObject) -> None:
    navigating.accept(c.deps, c.tx, c.scene.patient.id)


def _navigation_declined(c: Context, event: JsonObject) -> None:
    navigating.decline(c.tx, c.scene.patient.id)


def _check_in_sent(c: Context, event: JsonObject) -> None:
    """One more without a word until the patient says one: the next is planned, or it is said to a CHW."""
    content = _content(c)
    referral = referrals.get(c.tx, event["referral_id"])
    silent_since = referral.silent_since or c.tx.now()
    unanswered = referral.unanswered + 1
    referral = referrals.change(
        c.tx, referral.id, check_ins=referral.check_ins + 1, unanswered=unanswered, silent_since=silent_since
    )
    if is_unreachable(content.check_ins, unanswered, silent_since, c.tx.now()):
        referrals.drop_planned(c.tx, referral, planning.WITH_PATIENT, "planned_anew")
        due_at = planning.days_from(c.tx, content.check_ins.answer_days)
        planning.plan(c.tx, referral, planning.UNANSWERED, due_at)
    else:
        planning.plan_check_in(c.tx, content, referral, calm=_is_calm(c, referral))


def _navigation_check_in_sent(c: Context, event: JsonObject) -> None:
    case = navigation.get(c.tx, event["case_id"])
    planned = navigation.change(c.tx, case.id, check_ins=case.check_ins + 1)
    navigating.plan_check_in(c.deps, c.tx, planned)


def _next_place_sought(c: Context, event: JsonObject) -> None:
    """With no place left, nobody can be named who helps with this need."""
    referral = referrals.get(c.tx, event["referral_id"])
    if not event["found"] and not planning.has_place(c.tx, referral.need_id):
        close_need(c.tx, _content(c), referral.need_id, "unresolvable", PROGRAMME)


def _noted(c: Context, event: JsonObject) -> None:
    audit.record(c.tx, ACTOR, event["type"], "patient", c.scene.patient.id)


EFFECTS: Mapping[str, Callable[[Context, JsonObject], None]] = {
    "resources_wanted": _noted,
    "more_places_wanted": _noted,
    "places_offered": _places_offered,
    "zip_given": _zip_given,
    "place_chosen": _place_chosen,
    "referral_agreed": _referral_agreed,
    "referral_declined": _referral_declined,
    "referral_status_reported": _status_reported,
    "barrier_reported": _barrier_reported,
    "navigation_accepted": _navigation_accepted,
    "navigation_declined": _navigation_declined,
    "check_in_sent": _check_in_sent,
    "navigation_check_in_sent": _navigation_check_in_sent,
    "places_reminder_sent": _places_reminder_sent,
    "next_place_sought": _next_place_sought,
}


def _content(c: Context) -> ReferralContent:
    return load_referral(c.deps.settings.content_dir)


def _referral(c: Context, event: JsonObject) -> PatientReferral:
    """The open referral to this place, opened with the name that the directory gives it."""
    service_id = str(event["service_id"])
    reach = finder(c.deps).reach(c.tx, service_id)
    name = reach.name if reach else str(event.get("name") or service_id)
    return open_for(c.tx, _content(c), c.scene.patient.id, event["domain"], service_id, name)


def _is_calm(c: Context, referral: PatientReferral) -> bool:
    return is_calm(_content(c).rules, referrals.reports(c.tx, referral))


def _own(c: Context, referral_id: str) -> PatientReferral | None:
    """The referral, if it is this patient's: the dialog's state may be older than the record."""
    try:
        referral = referrals.get(c.tx, referral_id)
    except NotFound:
        return None
    return referral if referral.patient_id == c.scene.patient.id else None
