"""Referrals, needs and partners, as the API gives and takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bot.core.referral import SOURCES, STATES
from bot.core.referral_case import STATUSES
from webhooks.api.models.base import Given, Line, Moment, PageQuery, Taken, one_of


class ResourceJson(Given):
    """The place."""

    id: str
    name: str


class ReferralEventJson(Given):
    """Who said what, and when. ``state`` is what the referral was afterwards."""

    id: str
    source: Annotated[str, one_of(*SOURCES)]
    status: str = Field(description="What was reported, in the words of its source.", examples=["got_help"])
    reason: str | None
    at: Moment
    state: Annotated[str, one_of(*STATES)]
    proposed_at: Moment | None
    calls_from: str | None = Field(description="The number (E.164) that the place will call from, where it was said.")
    note: str | None


class BarrierJson(Given):
    """What kept the patient from the place."""

    barrier: Annotated[str, one_of("transport", "fear", "cost", "language", "hours", "other")]
    source: Annotated[str, one_of(*SOURCES)]
    at: Moment


class ReferralJson(Given):
    """A patient and a place. ``conflict``: two sources said what cannot both be true, and no CHW has settled it."""

    id: str
    patient_id: str
    need: str
    resource: ResourceJson
    state: Annotated[str, one_of(*STATES)]
    state_reason: str | None
    said_by: str | None
    conflict: bool
    shared: bool = Field(description="Whether the patient agreed that the place is told.")
    opened_at: Moment
    closed_at: Moment | None
    events: list[ReferralEventJson]
    barriers: list[BarrierJson]


class ReferralList(Given):
    """A page of referrals."""

    items: list[ReferralJson]
    next: str | None


class ReferralEventBody(Taken):
    """What a partner or a CHW reports."""

    source: Literal["partner", "chw"] = Field(default="chw", description="Whose word it is.")
    status: str = Field(
        min_length=1,
        max_length=40,
        description="A word of the source, or the name of the state it leads to; see docs/referrals.md.",
    )
    reason: str | None = Field(default=None, max_length=40)
    note: str | None = Field(default=None, max_length=4000, description="Kept sealed.")
    at: Moment | None = Field(
        default=None,
        strict=False,
        description="When it was so; now, when left out. Kept as given; it counts from no earlier than the opening.",
    )
    proposed_at: Moment | None = Field(
        default=None, strict=False, description="Of an appointment, which needs it: to come, within a year."
    )
    calls_from: Line | None = Field(
        default=None, max_length=60, description="The number that the place will call from; the patient is told it."
    )


class NeedJson(Given):
    """A need, and how it ended. ``status`` is null while it is open."""

    id: str
    domain: str
    status: Annotated[str, one_of(*STATUSES)] | None
    said_by: str | None
    opened_at: Moment
    closed_at: Moment | None


class NeedList(Given):
    """Every need of the patient."""

    items: list[NeedJson]
    next: str | None = None


class PartnerBody(Taken):
    """How a place is told, all of it: what is left out is not used. The webhook needs a secret that signs for it."""

    mail: Line | None = Field(default=None, max_length=254)
    phone: Line | None = Field(default=None, max_length=60, description="A phone that can be texted.")
    webhook: Line | None = Field(default=None, max_length=500, description="An HTTPS address.")
    secret: Line | None = Field(default=None, min_length=16, max_length=200)

    @model_validator(mode="after")
    def _signed(self) -> PartnerBody:
        if bool(self.webhook) != bool(self.secret):
            raise ValueError("webhook and secret come together")
        return self


class PartnerJson(Given):
    """How a place is told. The secret is never given back."""

    service_id: str
    mail: str | None
    phone: str | None
    webhook: str | None


class StepJson(Given):
    """One step towards a goal."""

    what: str
    done: bool


class GoalJson(Given):
    """One goal of a plan."""

    goal: str
    steps: list[StepJson]


class CaseJson(Given):
    """Help by a CHW for somebody who is navigation-eligible."""

    id: str
    patient_id: str
    state: Annotated[str, one_of("offered", "open", "declined", "closed")]
    chw: str | None
    due_at: Moment | None
    contacted_at: Moment | None
    plan: list[GoalJson]
    visits: list[str]
    status: Annotated[str, one_of(*STATUSES)] | None
    said_by: str | None
    opened_at: Moment
    accepted_at: Moment | None
    closed_at: Moment | None


class CaseList(Given):
    """A page of navigation cases."""

    items: list[CaseJson]
    next: str | None


class CaseQuery(PageQuery):
    """Which cases."""

    state: Literal["offered", "open", "declined", "closed"] | None = Field(default=None)
    patient_id: str | None = Field(default=None, max_length=128)


class AssignBody(Taken):
    """Who helps from now on."""

    chw: Line = Field(max_length=80)
    person_id: str | None = Field(default=None, max_length=40, description="Their id among the people on call.")


class StepBody(Taken):
    """One step."""

    what: Line = Field(max_length=500)
    done: bool = False


class GoalBody(Taken):
    """One goal."""

    goal: Line = Field(max_length=500)
    steps: list[StepBody] = Field(default_factory=list, max_length=50)


class PlanBody(Taken):
    """The whole plan, instead of the one that was; and the visits at which the CHW will be."""

    goals: list[GoalBody] = Field(max_length=20)
    visits: list[Annotated[Moment, Field(strict=False)]] = Field(default_factory=list, max_length=50)


class CloseBody(Taken):
    """How the case ended."""

    status: Literal["resolved", "unresolvable", "declined", "lost_to_follow_up", "time_reached"]
