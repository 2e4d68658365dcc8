"""Navigation cases: who helps a patient through, along which plan, until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from bot.core.referral import CHW
from bot.store import audit, navigation
from bot.store.errors import NotFound, WrongState
from bot.store.navigation import Case
from webhooks.api.calls import Answer, Asked, Call
from webhooks.api.models.referrals import AssignBody, CaseJson, CaseList, CaseQuery, CloseBody, PlanBody
from webhooks.api.pages import next_address
from webhooks.api.problems import conflict, not_found

_PATH = "/navigation/{case_id}"


def list_cases(asked: Asked) -> Answer:
    """The cases in the order they were opened, of one state or one patient if asked."""
    query = asked.query
    page = navigation.page(asked.tx, query.cursor, query.limit, query.state, query.patient_id)
    following = next_address(asked.request, asked.deps.settings.public_url, page.next)
    return Answer(200, CaseList(items=[_show(case) for case in page.items], next=following))


def get_case(asked: Asked) -> Answer:
    """One case."""
    return _changed(asked, lambda case_id: navigation.get(asked.tx, case_id), None)


def assign_case(asked: Asked) -> Answer:
    """Somebody helps from now on."""
    body = asked.body
    return _changed(asked, lambda c: navigation.assign(asked.tx, c, body.chw, body.person_id), "navigation_assigned")


def mark_contacted(asked: Asked) -> Answer:
    """The CHW has spoken with the patient; a case of which this is not known by its due date is said aloud."""
    now = asked.tx.now()
    return _changed(asked, lambda c: navigation.change(asked.tx, c, contacted_at=now), "navigation_contacted")


def plan_case(asked: Asked) -> Answer:
    """The plan, with goals and steps, instead of the one that was; and the visits at which the CHW will be."""

    def write(case_id: str) -> Case:
        navigation.set_plan(asked.tx, case_id, [goal.model_dump() for goal in asked.body.goals])
        visits = [at.astimezone(UTC).isoformat() for at in asked.body.visits]
        return navigation.change(asked.tx, case_id, visits=visits)

    return _changed(asked, write, "navigation_planned")


def close_case(asked: Asked) -> Answer:
    """How it ended. 409 when it had ended before."""
    return _changed(asked, lambda c: navigation.close(asked.tx, c, asked.body.status, CHW), "navigation_closed")


def _changed(asked: Asked, change: Callable[[str], Case], action: str | None) -> Answer:
    case_id = asked.path["case_id"]
    try:
        case = change(case_id)
    except NotFound:
        raise not_found("navigation case") from None
    except WrongState:
        raise conflict("The case is closed, or was declined.") from None
    if action is not None:
        audit.record(asked.tx, asked.caller.actor, action, "navigation_case", case_id)
    return Answer(200, _show(case))


def _show(case: Case) -> CaseJson:
    return CaseJson.model_validate({name: getattr(case, name) for name in CaseJson.model_fields})


CALLS = (
    Call("GET", "/navigation", list_cases, "Navigation cases", "navigation", {200: CaseList}, query=CaseQuery),
    Call("GET", _PATH, get_case, "One navigation case", "navigation", {200: CaseJson}, refuses=(404,)),
    Call(
        "POST",
        f"{_PATH}/assign",
        assign_case,
        "Say who helps",
        "navigation",
        {200: CaseJson},
        body=AssignBody,
        refuses=(404, 409),
    ),
    Call(
        "POST",
        f"{_PATH}/contacted",
        mark_contacted,
        "The patient was spoken with",
        "navigation",
        {200: CaseJson},
        refuses=(404, 409),
    ),
    Call(
        "POST",
        f"{_PATH}/plan",
        plan_case,
        "Write the action plan",
        "navigation",
        {200: CaseJson},
        body=PlanBody,
        refuses=(404, 409),
    ),
    Call(
        "POST",
        f"{_PATH}/close",
        close_case,
        "Close a navigation case",
        "navigation",
        {200: CaseJson},
        body=CloseBody,
        refuses=(404, 409),
    ),
)
