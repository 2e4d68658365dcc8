"""Outreach: started, tried out, and followed by the clinic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bot.bootstrap import Deps
from bot.campaign_status import status_of
from bot.campaigns import (
    Forecast,
    Outreach,
    UnknownPatients,
    change_state,
    drop_waiting,
    forecast,
    go_on,
    plan_campaign,
)
from bot.importing import accept, accept_ids, forecast_list, write_accepted
from bot.release import release_due
from bot.store import campaigns
from bot.store.campaigns import Campaign
from bot.store.database import Transaction
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.lists import ListBody
from webhooks.api.models.base import PageQuery
from webhooks.api.models.campaigns import (
    CAMPAIGN_STATES,
    LARGEST_BODY,
    CampaignBegunJson,
    CampaignJson,
    CampaignList,
    CampaignPage,
    CampaignWrite,
    DryRunJson,
    WouldNot,
    WouldText,
)
from webhooks.api.pages import next_address
from webhooks.api.problems import FieldError, unusable, unusable_field

_NAMED_AT_MOST = 20
_WRITTEN_AT_ONCE = 1000


def create_campaign(asked: Asked) -> Answer:
    """202 with the campaign; what is due goes out at once. A dry run is 200 and only says who would be texted."""
    fields: CampaignWrite | CampaignList = asked.body.fields if isinstance(asked.body, ListBody) else asked.body
    if fields.instrument not in asked.deps.content.instruments:
        known = ", ".join(sorted(asked.deps.content.instruments))
        raise unusable_field("instrument", f"is not loaded; there is {known}")
    if isinstance(asked.body, ListBody):
        return _with_list(asked, asked.body, _outreach(asked, fields, ()))
    outreach = _outreach(asked, fields, tuple(asked.body.patients))
    try:
        return _tried_out(asked, outreach) if fields.dry_run else _started(asked, outreach)
    except UnknownPatients as unknown:
        raise unusable(_nobody(i) for i in unknown.positions[:_NAMED_AT_MOST]) from None


def pause_campaign(asked: Asked) -> Answer:
    """Nothing more goes out until it is resumed. 404 for none, 409 for one that was cancelled."""
    return _changed(asked, "paused", None)


def resume_campaign(asked: Asked) -> Answer:
    """It goes on, spread anew; one that runs is left as is. 404 for none, 409 for one that was cancelled."""
    if campaigns.get(asked.tx, asked.path["campaign_id"]).state == "running":
        return Answer(200, _show(asked.tx, asked.path["campaign_id"]))
    return _changed(asked, "running", go_on)


def cancel_campaign(asked: Asked) -> Answer:
    """Nothing more goes out, ever. 404 for none."""
    return _changed(asked, "cancelled", lambda deps, campaign_id: drop_waiting(deps.db, campaign_id))


def _changed(asked: Asked, state: str, then: Callable[[Deps, str], None] | None) -> Answer:
    campaign_id = asked.path["campaign_id"]
    change_state(asked.tx, campaign_id, state, asked.caller.actor)
    afterwards = None if then is None else partial(then, asked.deps, campaign_id)
    return Answer(200, _show(asked.tx, campaign_id), afterwards=afterwards)


def _with_list(asked: Asked, body: ListBody, outreach: Outreach) -> Answer:
    """A short list is written at once; a long one by the clock, in its own time."""
    notes = body.patients.reading.notes()
    if body.fields.dry_run:
        foreseen = list(forecast_list(asked.tx, body.patients, outreach, asked.deps.settings.send_rate))
        return _told(foreseen, notes)
    _, campaign_id = accept(asked.tx, body.patients, outreach, asked.caller.actor)
    assert campaign_id is not None
    short = body.patients.reading.rows <= _WRITTEN_AT_ONCE
    afterwards = partial(_write, asked) if short else None
    return Answer(202, _begun(asked.tx, campaign_id, notes), _where(asked, campaign_id), afterwards)


def _write(asked: Asked) -> None:
    write_accepted(asked.deps)
    release_due(asked.deps)


def _started(asked: Asked, outreach: Outreach) -> Answer:
    """As with lists: many patients are enrolled by the clock, a few at a time, so that others can write between."""
    if len(outreach.patients) > _WRITTEN_AT_ONCE:
        campaign_id = accept_ids(asked.tx, outreach, asked.caller.actor)
        return Answer(202, _begun(asked.tx, campaign_id), _where(asked, campaign_id))
    campaign_id = plan_campaign(asked.tx, outreach, asked.caller.actor, asked.deps.settings.send_rate)
    return Answer(202, _begun(asked.tx, campaign_id), _where(asked, campaign_id), lambda: _send(asked))


def _where(asked: Asked, campaign_id: str) -> dict[str, str]:
    return {"Location": f"{asked.request.path}/{campaign_id}"}


def list_campaigns(asked: Asked) -> Answer:
    """All campaigns in the order in which they were made, each with how far it has come."""
    page = campaigns.list_page(asked.tx, asked.query.cursor, asked.query.limit)
    following = next_address(asked.request, asked.deps.settings.public_url, page.next)
    return Answer(200, CampaignPage(items=[_shown(asked.tx, each) for each in page.items], next=following))


def get_campaign(asked: Asked) -> Answer:
    """How far the campaign has come. 404 for none."""
    return Answer(200, _show(asked.tx, asked.path["campaign_id"]))


def _outreach(asked: Asked, body: CampaignWrite | CampaignList, patients: tuple[str, ...]) -> Outreach:
    return Outreach(
        name=body.name,
        kind=body.kind,
        instrument=body.instrument,
        channel=body.channel,
        patients=patients,
        start_at=body.start_at or asked.deps.clock.now(),
    )


def _send(asked: Asked) -> None:
    release_due(asked.deps)


def _nobody(position: int) -> FieldError:
    return FieldError(f"patients[{position}]", "is not the id of a patient")


def _tried_out(asked: Asked, outreach: Outreach) -> Answer:
    return _told(forecast(asked.tx, outreach, asked.deps.settings.send_rate))


def _told(foreseen: list[Forecast], notes: Sequence[str] = ()) -> Answer:
    would = [WouldText(patient_id=f.patient_id, at=f.at) for f in foreseen if f.reason is None]
    would_not = [WouldNot(patient_id=f.patient_id, reason=f.reason) for f in foreseen if f.reason is not None]
    return Answer(200, DryRunJson(would_text=would, would_not_text=would_not, notes=list(notes)))


def _begun(tx: Transaction, campaign_id: str, notes: Sequence[str] = ()) -> CampaignBegunJson:
    return CampaignBegunJson(**_show(tx, campaign_id).model_dump(), notes=list(notes))


def _show(tx: Transaction, campaign_id: str) -> CampaignJson:
    return _shown(tx, campaigns.get(tx, campaign_id))


def _shown(tx: Transaction, campaign: Campaign) -> CampaignJson:
    status = status_of(tx, campaign)
    return CampaignJson(**{**status, "counts": {state: status["counts"][state] for state in CAMPAIGN_STATES}})


def _changes(body: ListBody | CampaignWrite) -> bool:
    """A dry run changes nothing, and may take long: nobody must wait for it."""
    return not (body.fields if isinstance(body, ListBody) else body).dry_run


CALLS = (
    Call(
        "POST",
        "/campaigns",
        create_campaign,
        "Invite patients to a screening",
        "campaigns",
        {200: DryRunJson, 202: CampaignBegunJson},
        body=CampaignWrite,
        with_list=CampaignList,
        changes=_changes,
        largest_body=LARGEST_BODY,
    ),
    Call(
        "GET",
        "/campaigns",
        list_campaigns,
        "List campaigns",
        "campaigns",
        {200: CampaignPage},
        query=PageQuery,
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
    *(
        Call(
            "POST",
            f"/campaigns/{{campaign_id}}/{word}",
            change,
            f"{word.capitalize()} a campaign",
            "campaigns",
            {200: CampaignJson},
            refuses=(404, 409),
        )
        for word, change in (("pause", pause_campaign), ("resume", resume_campaign), ("cancel", cancel_campaign))
    ),
)
