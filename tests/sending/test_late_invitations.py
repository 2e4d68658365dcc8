"""An invitation that was queued and then overtaken by the patient's own words stays unsent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.store import campaigns, inbound
from tests.sending.world import Person, World


def take_turn(world: World, person: Person, sid: str, kind: str = "text", detail: dict[str, Any] | None = None) -> str:
    """A row comes in and its turn is done; gives the row's id."""
    with world.db.write() as tx:
        inbound.store(
            tx, message_sid=sid, kind=kind, channel="sms", from_address=person.number, to_address="+12025550100",
            body="hello", detail=detail, received_at=tx.now(),
        )  # fmt: skip
    claimed = inbound.claim(world.db, "w1", timedelta(minutes=1))
    assert claimed is not None
    with world.db.write() as tx:
        inbound.finish(tx, claimed, "answered", person.conversation_id, person.patient_id)
    return claimed.id


def invite(world: World, person: Person, turn_id: str) -> tuple[str, str, str]:
    """An invitation in two texts that waits for its turn; gives the ids of both and of the enrolment."""
    with world.db.write() as tx:
        campaign_id = campaigns.create(
            tx, name="March", kind="screening", instrument="ahc-hrsn-core", channel="sms", start_at=tx.now(),
            created_by="test",
        )  # fmt: skip
        enrolment_id = campaigns.enrol(tx, campaign_id, person.patient_id)
    assert enrolment_id is not None
    more = {"proactive": True, "priority": 1, "enrolment_id": enrolment_id, "inbound_id": turn_id}
    first = world.queue(person, "An invitation", **more)
    world.clock.advance(seconds=1)
    return first, world.queue(person, "and its end", **more), enrolment_id


def state_of(world: World, enrolment_id: str) -> tuple[str, str | None]:
    """How far the enrolment is, and why."""
    with world.db.read() as tx:
        enrolment = campaigns.enrolment(tx, enrolment_id)
    assert enrolment is not None
    return enrolment.state, enrolment.reason


def test_an_invitation_does_not_follow_an_answer(any_world: World) -> None:
    """The patient wrote in the meantime and was answered: the reply goes, the invitation is held with its reason."""
    person = any_world.person()
    first, second, enrolment_id = invite(any_world, person, take_turn(any_world, person, "followup:1", "due"))
    reply = any_world.queue(person, "A reply", inbound_id=take_turn(any_world, person, "SM1"))
    any_world.send_all()
    states = {name: any_world.row(name).state for name in (first, second, reply)}
    assert states == {first: "refused", second: "refused", reply: "handed_over"}
    assert any_world.bodies() == ["A reply"]
    assert state_of(any_world, enrolment_id) == ("held", "conversation_moved_on")


def test_an_enrolment_that_went_on_by_itself_stays_there(world: World) -> None:
    """Who began the questions without the invitation has begun them."""
    person = world.person()
    first, _, enrolment_id = invite(world, person, take_turn(world, person, "followup:1", "due"))
    take_turn(world, person, "SM1")
    with world.db.write() as tx:
        campaigns.set_enrolment_state(tx, enrolment_id, "started")
    world.send_all()
    assert world.row(first).state == "refused"
    assert state_of(world, enrolment_id)[0] == "started"


def test_what_was_said_before_keeps_no_invitation_back(world: World) -> None:
    """Neither an earlier text, nor the second part of the invitation itself, nor another follow-up."""
    person = world.person()
    take_turn(world, person, "SM1")
    _, _, enrolment_id = invite(world, person, take_turn(world, person, "followup:1", "due"))
    take_turn(world, person, "followup:2", "due")
    world.send_all()
    assert world.bodies() == ["An invitation", "and its end"]
    assert state_of(world, enrolment_id)[0] == "sent"
