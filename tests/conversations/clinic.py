"""What the clinic does in a conversation file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.bootstrap import Deps
from bot.campaigns import Outreach, create_campaign
from bot.directory.sample import import_sample
from bot.store import consents, partners, patients, phones
from bot.store.directory_tables import Resource
from tests.conversations import partner
from tests.conversations.world import NUMBER
from tests.world import StandingClock


def act(deps: Deps, clock: StandingClock, act: dict[str, Any], transcript: list[str]) -> None:
    """``{patient: id, language…}`` makes a patient on the phone; ``{invite: id}`` starts a campaign for one.

    ``{places: sample}`` imports the sample directory; ``{partner: name}`` says that this place is told by text;
    ``{partner_answers: word}`` is the place's own answer, on its page.
    """
    if "patient" in act:
        _make_patient(deps, clock, act)
        transcript.append(f" clinic: enters {act['patient']}")
    if act.get("places") == "sample":
        import_sample(deps.db, deps.settings)
        transcript.append(" clinic: enters the sample places")
    if "partner" in act:
        _reach_by_text(deps, act["partner"])
        transcript.append(f" clinic: says how {act['partner']} is told")
    if "partner_answers" in act:
        partner.answer(deps, act)
        transcript.append(f"  place: {act['partner_answers']}")
    if "invite" in act:
        _invite(deps, act["invite"], act.get("instrument", "ahc-hrsn-core"), act.get("kind", "screening"))
        transcript.append(f" clinic: invites {act['invite']}")


def _make_patient(deps: Deps, clock: StandingClock, act: dict[str, Any]) -> None:
    with deps.db.write() as tx:
        phone = phones.find_or_create(tx, NUMBER)
        profile = patients.Profile(
            emergency_visits_12m=act.get("emergency_visits_12m"), birth_date=act.get("birth_date"), zip=act.get("zip")
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


def _reach_by_text(deps: Deps, name: str) -> None:
    with deps.db.write() as tx:
        services = tx.session.execute(select(Resource)).scalars()
        found = next(service.id for service in services if service.name == name)
        partners.set_contact(tx, found, partners.Contact(phone="+16145550199"))


def _invite(deps: Deps, patient_id: str, instrument: str, kind: str) -> None:
    outreach = Outreach("Spring", kind, instrument, "sms", (patient_id,), deps.clock.now())
    create_campaign(deps, outreach, "token:test")
