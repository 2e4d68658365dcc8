"""What the clinic does in a conversation file."""

from __future__ import annotations

from typing import Any

from bot.bootstrap import Deps
from bot.campaigns import Outreach, create_campaign
from bot.store import consents, patients, phones
from tests.conversations.world import NUMBER
from tests.world import StandingClock


def act(deps: Deps, clock: StandingClock, act: dict[str, Any], transcript: list[str]) -> None:
    """``{patient: id, language…}`` makes a patient on the phone; ``{invite: id}`` starts a campaign for one."""
    if "patient" in act:
        _make_patient(deps, clock, act)
        transcript.append(f" clinic: enters {act['patient']}")
    if "invite" in act:
        _invite(deps, act["invite"], act.get("instrument", "ahc-hrsn-core"))
        transcript.append(f" clinic: invites {act['invite']}")


def _make_patient(deps: Deps, clock: StandingClock, act: dict[str, Any]) -> None:
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, NUMBER)
        profile = patients.Profile(
            emergency_visits_12m=act.get("emergency_visits_12m"), birth_date=act.get("birth_date")
        )
        patients.upsert(
            tx,
            act["patient"],
            profile=profile,
            language=act.get("language"),
            clinic=act.get("clinic"),
            proxy=act.get("proxy", False),
        )
        phones.link(tx, act["patient"], phone.id)
        if act.get("consent", True):
            consents.record(
                tx,
                patient_id=act["patient"],
                phone_id=phone.id,
                granted=True,
                method="paper",
                text_version=None,
                channel="clinic",
                at=clock.now(),
            )


def _invite(deps: Deps, patient_id: str, instrument: str) -> None:
    outreach = Outreach("Spring", "screening", instrument, "sms", (patient_id,), deps.clock.now())
    create_campaign(deps, outreach, "token:test")
