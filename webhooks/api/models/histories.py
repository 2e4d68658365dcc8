"""What happened with a patient: messages, follow-ups, escalations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from webhooks.api.models.base import Given, Line, Moment, PageQuery, Taken, one_of


class MessageJson(Given):
    """One text, either way."""

    id: str
    direction: Annotated[str, one_of("in", "out")]
    channel: str
    body: str
    status: str | None
    error_code: int | None
    purpose: str | None
    at: Moment


class FollowUpJson(Given):
    """Something to do for a patient at a time."""

    id: str
    kind: str
    due_at: Moment
    state: Annotated[str, one_of("planned", "held", "sent", "done", "dropped")]
    reason: str | None


class EscalationJson(Given):
    """Something that a person must look at."""

    id: str
    patient_id: str | None
    kind: str
    urgency: Annotated[str, one_of("now", "today", "soon")]
    state: Annotated[str, one_of("open", "claimed", "resolved")]
    opened_at: Moment
    claimed_by: str | None
    claimed_at: Moment | None
    resolved_at: Moment | None
    note: str | None


class MessageList(Given):
    """A page of messages, oldest first."""

    items: list[MessageJson]
    next: str | None


class FollowUpList(Given):
    """A page of follow-ups."""

    items: list[FollowUpJson]
    next: str | None


class EscalationList(Given):
    """A page of escalations."""

    items: list[EscalationJson]
    next: str | None


class EscalationQuery(PageQuery):
    """Which escalations."""

    state: Literal["open", "claimed", "resolved"] | None = Field(default=None, description="All, when left out.")


class ClaimBody(Taken):
    """Who takes it on."""

    by: Line | None = Field(default=None, max_length=60, description="A person; the token, when left out.")


class ResolveBody(Taken):
    """How it ended."""

    note: str | None = Field(default=None, max_length=4000, description="Kept sealed, after any note that is there.")
