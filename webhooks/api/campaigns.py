"""Outreach: started, tried out, and followed by the clinic."""

from __future__ import annotations

from bot.campaigns import Outreach, UnknownPatients, forecast, plan_campaign
from bot.release import release_due
from bot.store import campaigns
from bot.store.database import Transaction
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.campaigns import (
    CAMPAIGN_STATES,
    CampaignJson,
    CampaignWrite,
    DryRunJson,
    WouldNot,
    WouldText,
)
from webhooks.api.problems import FieldError, unusable, unusable_field

_NAMED_AT_MOST = 20


def create_campaign(asked: Asked) -> Answer:
    """202 with the campaign; what is due goes out at once. A dry run is 200 and only says who would be texted."""
    body: CampaignWrite = asked.body
    if body.instrument not in asked.deps.content.instruments:
        known = ", ".join(sorted(asked.deps.content.instruments))
        raise unusable_field("instrument", f"is not loaded; there is {known}")
    outreach = _outreach(asked, body)
    try:
        return _tried_out(asked, outreach) if body.dry_run else _started(asked, outreach)
    except UnknownPatients as unknown:
        raise unusable(_nobody(i) for i in unknown.positions[:_NAMED_AT_MOST]) from None


def _started(asked: Asked, outreach: Outreach) -> Answer:
    campaign_id = plan_campaign(asked.tx, outreach, asked.caller.actor, asked.deps.settings.send_rate)
    location = {"Location": f"{asked.request.path}/{campaign_id}"}
    return Answer(202, _show(asked.tx, campaign_id), location, lambda: _send(asked))


def get_campaign(asked: Asked) -> Answer:
    """How far the campaign has come. 404 for none."""
    return Answer(200, _show(asked.tx, asked.path["campaign_id"]))


def _outreach(asked: Asked, body: CampaignWrite) -> Outreach:
    return Outreach(
        name=body.name,
        kind=body.kind,
        instrument=body.instrument,
        channel=body.channel,
        patients=tuple(body.patients),
        start_at=body.start_at or asked.deps.clock.now(),
    )


def _send(asked: Asked) -> None:
    release_due(asked.deps)


def _nobody(position: int) -> FieldError:
    return FieldError(f"patients[{position}]", "is not the id of a patient")


def _tried_out(asked: Asked, outreach: Outreach) -> Answer:
    foreseen = forecast(asked.tx, outreach, asked.deps.settings.send_rate)
    would = [WouldText(patient_id=f.patient_id, at=f.at) for f in foreseen if f.reason is None]
    would_not = [WouldNot(patient_id=f.patient_id, reason=f.reason) for f in foreseen if f.reason is not None]
    return Answer(200, DryRunJson(would_text=would, would_not_text=would_not))


def _show(tx: Transaction, campaign_id: str) -> CampaignJson:
    campaign = campaigns.get(tx, campaign_id)
    counts = campaigns.counts(tx, campaign_id)
    return CampaignJson(
        id=campaign.id,
        name=campaign.name,
        kind=campaign.kind,
        instrument=campaign.instrument,
        channel=campaign.channel,
        state=campaign.state,
        start_at=campaign.start_at,
        created_at=campaign.created_at,
        total=sum(counts.by_state.values()),
        counts={state: counts.by_state[state] for state in CAMPAIGN_STATES},
        held_reasons=counts.held_reasons,
    )


CALLS = (
    Call(
        "POST",
        "/campaigns",
        create_campaign,
        "Invite patients to a screening",
        "campaigns",
        {200: DryRunJson, 202: CampaignJson},
        body=CampaignWrite,
    ),
    Call(
        "GET",
        "/campaigns/{campaign_id}",
        get_campaign,
        "Follow a campaign",
        "campaigns",
        {200: CampaignJson},
        refuses=(404,),
    ),
)
