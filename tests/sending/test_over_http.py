"""The sender and the real adapter in front of a simulated Twilio: whatever gets lost, one message arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters.twilio_messages import TwilioMessages
from tests.sending.world import MakeWorld, World
from tests.world import StandingClock
from webhooks.simulator.faults import Faults
from webhooks.simulator.twilio_app import TwilioServer


@pytest.fixture
def server(tmp_path: Path, clock: StandingClock) -> Iterator[TwilioServer]:
    """A simulated Twilio that goes by the same clock."""
    with TwilioServer(tmp_path, clock=clock) as running:
        yield running


@pytest.fixture
def wired(make_world: MakeWorld, server: TwilioServer) -> World:
    """A world whose Twilio is that one."""
    return make_world(api=TwilioMessages(server.account_sid, server.auth_token, server.url, 2.0, 0.3))


LOSSES: dict[str, list[Callable[[Faults], None]]] = {
    "time-out after it was taken": [lambda faults: faults.delay(1.0)],
    "connection broken after it was taken": [lambda faults: faults.drop()],
    "connection broken before it was taken": [lambda faults: faults.drop(accepts=False)],
    "502 after it was taken": [lambda faults: faults.accept_then_answer(502)],
    "503 before it was taken": [lambda faults: faults.answer(503)],
    "429": [lambda faults: faults.answer(429, code=20429, retry_after=3)],
    "429 twice, then a time-out": [lambda faults: faults.answer(429, times=2), lambda faults: faults.delay(1.0)],
    "a look-up that fails as well": [lambda faults: faults.drop(), lambda faults: faults.answer_lists(500)],
}


@pytest.mark.parametrize("loss", LOSSES)
def test_exactly_one_message_arrives(wired: World, server: TwilioServer, loss: str) -> None:
    """The row ends bound to the one message that Twilio has."""
    person = wired.person()
    message_id = wired.queue(person, "¿Está ahí?")
    for lose in LOSSES[loss]:
        lose(server.faults)
    wired.send_until_settled(steps=8)
    arrived = server.sent_to(person.number)
    assert [m.body for m in arrived] == ["¿Está ahí?"]
    assert (wired.row(message_id).state, wired.row(message_id).twilio_sid) == ("handed_over", arrived[0].sid)


def test_a_conversation_stays_in_order(wired: World, server: TwilioServer) -> None:
    """Losses in the middle do not let a later text overtake an earlier one."""
    person = wired.person()
    for number in range(6):
        wired.queue(person, f"{number}")
    server.faults.drop()
    server.faults.answer(503)
    server.faults.answer(429, retry_after=2)
    wired.send_until_settled(steps=20)
    assert [m.body for m in server.sent_to(person.number)] == [f"{n}" for n in range(6)]
