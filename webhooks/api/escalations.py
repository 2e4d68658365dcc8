"""The queue of what a person must look at."""

from __future__ import annotations

from bot.store import audit, escalations
from bot.store.errors import NotFound, WrongState
from bot.store.escalations import Escalation
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.histories import ClaimBody, EscalationJson, EscalationList, EscalationQuery, ResolveBody
from webhooks.api.pages import next_address
from webhooks.api.problems import conflict, not_found

_PATH = "/escalations/{escalation_id}"


def list_escalations(asked: Asked) -> Answer:
    """The queue in the order of opening, of one state if asked."""
    query = asked.query
    page = escalations.list_page(asked.tx, query.cursor, query.limit, query.state)
    following = next_address(asked.request, asked.deps.settings.public_url, page.next)
    return Answer(200, EscalationList(items=[_show(e) for e in page.items], next=following))


def claim_escalation(asked: Asked) -> Answer:
    """Somebody takes it on. 409 when somebody else has, or when it is resolved."""
    escalation_id = asked.path["escalation_id"]
    try:
        claimed = escalations.claim(asked.tx, escalation_id, asked.body.by or asked.caller.actor)
    except NotFound:
        raise not_found("escalation") from None
    except WrongState:
        raise conflict("Somebody else has claimed it, or it is resolved.") from None
    audit.record(asked.tx, asked.caller.actor, "escalation_claimed", "escalation", escalation_id)
    return Answer(200, _show(claimed))


def resolve_escalation(asked: Asked) -> Answer:
    """It is dealt with. A note is added to what stands there. 409 when it was resolved before."""
    escalation_id = asked.path["escalation_id"]
    try:
        note = _joined(escalations.get(asked.tx, escalation_id).note, asked.body.note)
        resolved = escalations.resolve(asked.tx, escalation_id, note)
    except NotFound:
        raise not_found("escalation") from None
    except WrongState:
        raise conflict("It is resolved already.") from None
    audit.record(asked.tx, asked.caller.actor, "escalation_resolved", "escalation", escalation_id)
    return Answer(200, _show(resolved))


def _joined(before: str | None, added: str | None) -> str | None:
    return "\n\n".join(text for text in (before, added) if text) or None


def _show(escalation: Escalation) -> EscalationJson:
    return EscalationJson.model_validate(escalation)


CALLS = (
    Call(
        "GET",
        "/escalations",
        list_escalations,
        "The queue of what a person must look at",
        "escalations",
        {200: EscalationList},
        query=EscalationQuery,
    ),
    Call(
        "POST",
        f"{_PATH}/claim",
        claim_escalation,
        "Take an escalation on",
        "escalations",
        {200: EscalationJson},
        body=ClaimBody,
        body_required=False,
        refuses=(404, 409),
    ),
    Call(
        "POST",
        f"{_PATH}/resolve",
        resolve_escalation,
        "Close an escalation",
        "escalations",
        {200: EscalationJson},
        body=ResolveBody,
        body_required=False,
        refuses=(404, 409),
    ),
)
