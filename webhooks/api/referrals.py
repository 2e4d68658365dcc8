"""Referrals: how each stands, who said what, and what partners and community health workers report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.adapters.hooks import is_allowed
from bot.content.referral import load_referral
from bot.core.referral import UnknownReport, Word, may_be_proposed
from bot.phones import UnusableNumber, to_address, to_caller
from bot.referrals.reporting import Said, report
from bot.store import audit, needs, partners, referrals
from bot.store.database import Transaction
from bot.store.errors import NotFound
from bot.store.partners import Contact
from bot.store.referrals import PatientReferral
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.base import PageQuery
from webhooks.api.models.referrals import (
    BarrierJson,
    NeedJson,
    NeedList,
    PartnerBody,
    PartnerJson,
    ReferralEventBody,
    ReferralEventJson,
    ReferralJson,
    ReferralList,
    ResourceJson,
)
from webhooks.api.pages import next_address
from webhooks.api.patient_json import require_patient
from webhooks.api.problems import not_found, unusable_field

_PATIENT = "/patients/{patient_id}"
_REFERRAL = "/referrals/{referral_id}"
_PARTNER = "/partners/{service_id}"


def list_referrals(asked: Asked) -> Answer:
    """Every referral of the patient, the first opened first."""
    patient = require_patient(asked.tx, asked.path["patient_id"])
    page = referrals.page_of_patient(asked.tx, patient.id, asked.query.cursor, asked.query.limit)
    following = next_address(asked.request, asked.deps.settings.public_url, page.next)
    return Answer(200, ReferralList(items=[_show(asked.tx, each) for each in page.items], next=following))


def list_needs(asked: Asked) -> Answer:
    """Every need of the patient, and how it ended."""
    patient = require_patient(asked.tx, asked.path["patient_id"])
    items = [_need(need) for need in needs.of_patient(asked.tx, patient.id)]
    return Answer(200, NeedList(items=items))


def get_referral(asked: Asked) -> Answer:
    """One referral."""
    try:
        return Answer(200, _show(asked.tx, referrals.get(asked.tx, asked.path["referral_id"])))
    except NotFound:
        raise not_found("referral") from None


def report_on_referral(asked: Asked) -> Answer:
    """Keep what a partner or a CHW says; the referral as it stands then. 422 for what the source cannot say."""
    body, content = asked.body, load_referral(asked.deps.settings.content_dir)
    words = content.rules.words[body.source]
    word = content.rules.named(body.source, body.status)
    if word not in words:
        raise unusable_field("status", f"must be one of {', '.join(_names(words))}")
    _check_proposal(body, words[word], asked.tx.now())
    said = Said(
        source=body.source,
        word=word,
        actor=asked.caller.actor,
        reason=body.reason,
        at=body.at,
        note=body.note,
        proposed_at=body.proposed_at,
        calls_from=_number("calls_from", body.calls_from, to_caller),
    )
    try:
        after = report(asked.tx, content, asked.path["referral_id"], said)
    except NotFound:
        raise not_found("referral") from None
    except UnknownReport:
        allowed = words[word].reasons or (words[word].reason,)
        raise unusable_field("reason", f"must be one of {', '.join(allowed)}") from None
    return Answer(201, _show(asked.tx, after), afterwards=lambda: asked.deps.wakeups.notify("inbound"))


def _names(words: Mapping[str, Word]) -> list[str]:
    return [name for word in words for name in (word, *words[word].also)]


def _check_proposal(body: ReferralEventBody, word: Word, now: datetime) -> None:
    if body.proposed_at is None and word.needs_time:
        raise unusable_field("proposed_at", "is needed: the time of the appointment")
    if body.proposed_at is not None and not may_be_proposed(body.proposed_at, now):
        raise unusable_field("proposed_at", "must be a time that is to come, within a year")


def get_partner(asked: Asked) -> Answer:
    """How a place is told, as the clinic set it."""
    found = partners.contact(asked.tx, asked.path["service_id"])
    if found is None:
        raise not_found("partner contact")
    return Answer(200, _partner(asked.path["service_id"], found))


def put_partner(asked: Asked) -> Answer:
    """Set how a place is told, all of it."""
    body, service_id = asked.body, asked.path["service_id"]
    if body.webhook and not is_allowed(body.webhook):
        raise unusable_field("webhook", "must be an https address without a user name")
    if body.mail and ("@" not in body.mail or " " in body.mail):
        raise unusable_field("mail", "is not an e-mail address")
    contact = Contact(body.mail, _number("phone", body.phone, to_address), body.webhook, body.secret)
    partners.set_contact(asked.tx, service_id, contact)
    audit.record(asked.tx, asked.caller.actor, "partner_set", "partner", service_id, channels=list(contact.channels))
    return Answer(200, _partner(service_id, contact))


def _number(field: str, written: str | None, read: Callable[[str], str]) -> str | None:
    if written is None:
        return None
    try:
        return read(written)
    except UnusableNumber as error:
        raise unusable_field(field, error.sentence) from None


def _partner(service_id: str, contact: Contact) -> PartnerJson:
    return PartnerJson(service_id=service_id, mail=contact.mail, phone=contact.phone, webhook=contact.webhook)


def _need(need: needs.PatientNeed) -> NeedJson:
    return NeedJson.model_validate({name: getattr(need, name) for name in NeedJson.model_fields})


def _show(tx: Transaction, referral: PatientReferral) -> ReferralJson:
    return ReferralJson(
        id=referral.id,
        patient_id=referral.patient_id,
        need=referral.domain,
        resource=ResourceJson(id=referral.service_id, name=referral.service_name),
        state=referral.state,
        state_reason=referral.state_reason,
        said_by=referral.said_by,
        conflict=referral.conflict,
        shared=referral.shared,
        opened_at=referral.opened_at,
        closed_at=referral.closed_at,
        events=[
            ReferralEventJson(
                id=event.id,
                source=event.source,
                status=event.word,
                reason=event.reason,
                at=event.at,
                state=event.state,
                proposed_at=event.proposed_at,
                calls_from=event.calls_from,
                note=event.note,
            )
            for event in referrals.events(tx, referral.id)
        ],
        barriers=[BarrierJson.model_validate(each) for each in needs.barriers(tx, referral.id)],
    )


CALLS = (
    Call(
        "GET",
        f"{_PATIENT}/referrals",
        list_referrals,
        "A patient's referrals",
        "referrals",
        {200: ReferralList},
        query=PageQuery,
        refuses=(404,),
    ),
    Call("GET", f"{_PATIENT}/needs", list_needs, "A patient's needs", "referrals", {200: NeedList}, refuses=(404,)),
    Call("GET", _REFERRAL, get_referral, "One referral", "referrals", {200: ReferralJson}, refuses=(404,)),
    Call(
        "POST",
        f"{_REFERRAL}/events",
        report_on_referral,
        "Report on a referral",
        "referrals",
        {201: ReferralJson},
        body=ReferralEventBody,
        refuses=(404,),
    ),
    Call("GET", _PARTNER, get_partner, "How a place is told", "partners", {200: PartnerJson}, refuses=(404,)),
    Call("PUT", _PARTNER, put_partner, "Set how a place is told", "partners", {200: PartnerJson}, body=PartnerBody),
)
