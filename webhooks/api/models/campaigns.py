"""An outreach as a clinic starts and follows one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool

from webhooks.api.models.base import Given, Json, Line, Moment, Taken, one_of

LARGEST = 20_000
# That many ids of the greatest length, with what stands around them.
LARGEST_BODY = LARGEST * 140
EXAMPLE: Json = {
    "name": "March outreach",
    "kind": "screening",
    "instrument": "ahc-hrsn-core",
    "patients": ["mrn-10021", "mrn-10022"],
    "channel": "sms",
    "dry_run": False,
}
_NOTES = "What of an uploaded list was left out, such as columns that are not used."


PatientIds = list[Annotated[str, Field(min_length=1, max_length=128)]]


class _Named(Taken):
    """What a campaign is about, however its patients are given."""

    name: Line = Field(max_length=200)
    kind: Literal["screening", "rescreening"] = "screening"
    instrument: Line = Field(max_length=80)
    start_at: Moment | None = None
    channel: Literal["sms"] = "sms"


class CampaignList(_Named):
    """What comes beside an uploaded patient list; all of it is text, as in a form or a query."""

    model_config = ConfigDict(strict=False)

    dry_run: bool = False


class CampaignWrite(_Named):
    """Whom to invite to what. ``start_at`` left out means now."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    patients: PatientIds = Field(min_length=1, max_length=LARGEST, description="The clinic's own ids.")
    dry_run: StrictBool = False


class WouldText(Given):
    """Somebody who would be texted, and from when on."""

    patient_id: str
    at: Moment


class WouldNot(Given):
    """Somebody who would not be texted, and why."""

    patient_id: str
    reason: str


class DryRunJson(Given):
    """What a campaign would do. Nothing was sent or kept."""

    dry_run: Literal[True] = True
    would_text: list[WouldText]
    would_not_text: list[WouldNot]
    notes: list[str] = Field(default=[], description=_NOTES)


class CampaignJson(Given):
    """A campaign and how far its patients have come."""

    id: str
    name: str
    kind: str
    instrument: str
    channel: str
    state: Annotated[str, one_of("running", "paused", "cancelled")]
    start_at: Moment
    created_at: Moment
    total: int
    importing: int = Field(description="Patients of an uploaded list who are still to be enrolled.")
    not_imported: int = Field(
        description="Patients of an uploaded list who could not be written; a case tells of them."
    )
    counts: dict[str, int] = Field(examples=[{"enrolled": 0, "held": 1, "sent": 2}])
    held_reasons: dict[str, int] = Field(examples=[{"no_consent": 1}])


class CampaignPage(Given):
    """Campaigns in the order in which they were made."""

    items: list[CampaignJson]
    next: str | None


class CampaignBegunJson(CampaignJson):
    """A campaign that was begun, and what is to be said of its list."""

    notes: list[str] = Field(default=[], description=_NOTES)


CAMPAIGN_STATES = (
    "enrolled",
    "held",
    "sent",
    "delivered",
    "failed",
    "started",
    "completed",
    "partial",
    "declined",
    "opted_out",
)
