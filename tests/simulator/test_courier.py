"""Receipts and inbound texts: signed webhooks, in order, tried again, and never lost with a killed process."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.simulator.receiver import Receiver, wait_until
from tests.world import StandingClock
from webhooks.simulator.courier import Courier, Signer
from webhooks.simulator.faults import Faults, Receipts
from webhooks.simulator.inbound import InboundLine, send_from_phone
from webhooks.simulator.opt_out import REPLIES, STOP_WORDS, word_of
from webhooks.simulator.twilio_app import TEST_ACCOUNT, TEST_NUMBER, TEST_TOKEN, TwilioServer
from webhooks.simulator.twilio_store import TwilioStore

ANN = "+12025550123"


def send(client: Client, receiver: Receiver, body: str = "Hello") -> str:
    """Send Ann a text whose receipts go to the receiver."""
    made = client.messages.create(
        to=ANN, from_=TEST_NUMBER, body=body, status_callback=f"{receiver.url}/twilio/status?m=msg_1"
    )
    return str(made.sid)


def statuses(receiver: Receiver, count: int) -> list[str]:
    """The statuses told so far, once there are ``count``."""
    return [r.form["MessageStatus"] for r in receiver.wait_for(count)]


def test_receipts_are_signed_and_in_order(client: Client, receiver: Receiver) -> None:
    """A text is reported sent, then delivered, signed over the exact address with its query."""
    sid = send(client, receiver)
    assert statuses(receiver, 2) == ["sent", "delivered"]
    assert all(r.signed and r.form["MessageSid"] == sid for r in receiver.received)
    assert receiver.received[0].url.endswith("/twilio/status?m=msg_1")
    assert "ErrorCode" not in receiver.received[1].form


def test_undelivered_text_names_its_error(client: Client, twilio: TwilioServer, receiver: Receiver) -> None:
    """A planned failure ends as undelivered with the code."""
    twilio.faults.undeliver(ANN, 30007)
    sid = send(client, receiver)
    assert statuses(receiver, 2) == ["sent", "undelivered"]
    assert receiver.received[1].form["ErrorCode"] == "30007"
    assert client.messages(sid).fetch().error_code == 30007


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (Receipts.REVERSED, ["delivered", "sent"]),
        (Receipts.DUPLICATED, ["sent", "sent", "delivered", "delivered"]),
        (Receipts.NONE, []),
    ],
)
def test_receipts_can_misbehave(
    client: Client, twilio: TwilioServer, receiver: Receiver, mode: Receipts, told: list[str]
) -> None:
    """Receipts come out of order, twice, or never, as a test wants them."""
    twilio.faults.receipts = mode
    sid = send(client, receiver)
    wait_until(lambda: twilio.store.get(sid).status == "delivered")
    assert statuses(receiver, len(told)) == told


def test_receipt_is_tried_again(client: Client, receiver: Receiver) -> None:
    """A receipt that meets an error is made again, with the same token."""
    receiver.answers = [500]
    send(client, receiver)
    assert statuses(receiver, 3) == ["sent", "sent", "delivered"]
    first, second, _ = receiver.received
    assert first.token == second.token


def test_inbound_text_has_all_parameters(twilio: TwilioServer, receiver: Receiver) -> None:
    """A text from a phone arrives signed, with every parameter that Twilio sends."""
    sid = twilio.text(ANN, "¿Qué? It's me & you")
    [got] = receiver.wait_for(1)
    assert got.signed
    assert got.url == f"{receiver.url}/twilio/sms"
    assert (got.form["Body"], got.form["From"], got.form["To"]) == ("¿Qué? It's me & you", ANN, TEST_NUMBER)
    assert {got.form[name] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {sid}
    assert got.form["FromCity"] == ""
    assert len(got.form) == 19


def test_inbound_text_is_tried_twice(twilio: TwilioServer, receiver: Receiver) -> None:
    """A failed delivery is tried once more with the same token, then given up."""
    receiver.answers = [500, 500]
    twilio.text(ANN, "hi")
    wait_until(lambda: twilio.store.webhooks.given_up("inbound") == 1)
    first, second = receiver.received
    assert first.token == second.token


def test_texts_of_one_person_stay_in_order(twilio: TwilioServer, receiver: Receiver) -> None:
    """A later text waits for an earlier one that must be tried again."""
    receiver.answers = [503]
    for body in ("one", "two", "three"):
        twilio.text(ANN, body)
    assert [r.form["Body"] for r in receiver.wait_for(4)] == ["one", "one", "two", "three"]


def test_stop_blocks_until_start(client: Client, twilio: TwilioServer, receiver: Receiver) -> None:
    """STOP is answered by Twilio and blocks with 21610; the webhook still comes; START lifts the block."""
    twilio.text(ANN, " Stop ")
    receiver.wait_for(1)
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=ANN, from_=TEST_NUMBER, body="x")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    twilio.text(ANN, "yes")
    client.messages.create(to=ANN, from_=TEST_NUMBER, body="welcome back")
    bodies = [m.body for m in twilio.store.thread(ANN)]
    assert bodies == [" Stop ", REPLIES["stop"], "yes", REPLIES["start"], "welcome back"]


@pytest.mark.parametrize("body", ["Stop please", "the end of the month", "yesterday", ""])
def test_only_the_whole_text_is_a_word(body: str) -> None:
    """Twilio leaves texts alone that merely contain a word."""
    assert word_of(body, blocked=False) is None


def test_words_depend_on_the_block() -> None:
    """STOP words count when not blocked, START words when blocked, HELP always."""
    assert {word_of(w.lower(), blocked=False) for w in STOP_WORDS} == {"stop"}
    assert word_of("STOP", blocked=True) is None
    assert word_of("YES", blocked=False) is None
    assert word_of("unstop", blocked=True) == "start"
    assert word_of("info", blocked=True) == word_of("Help", blocked=False) == "help"


def test_nothing_is_lost_when_the_process_dies(tmp_path: Path, receiver: Receiver) -> None:
    """A text kept by a process that never delivered it is delivered by the next one."""
    line = InboundLine(TEST_ACCOUNT, TEST_NUMBER, f"{receiver.url}/twilio/sms")
    first = TwilioStore(tmp_path / "simulator.db")
    sid = send_from_phone(first, line, ANN, "hi")
    assert first.webhooks.claim("inbound") is not None
    first.close()
    second = TwilioStore(tmp_path / "simulator.db")
    second.webhooks.forget_leases()
    with Courier(second, Signer(TEST_ACCOUNT, TEST_TOKEN), Faults()):
        [got] = receiver.wait_for(1)
    second.close()
    assert got.form["MessageSid"] == sid


def test_empty_and_endless_texts_are_refused(twilio: TwilioServer) -> None:
    """A phone cannot send nothing, nor more than 1,600 characters."""
    for body in ("", "x" * 1601):
        with pytest.raises(ValueError, match="the text"):
            twilio.text(ANN, body)


def test_scheduled_text_goes_out_when_its_time_comes(tmp_path: Path, receiver: Receiver, clock: StandingClock) -> None:
    """A scheduled message waits for the account's own clock, which may be a virtual one."""
    with TwilioServer(tmp_path, receiver.url, clock=clock) as twilio:
        message = twilio.store.accept(ANN, TEST_NUMBER, "later", send_at=clock.now() + timedelta(hours=1))
        assert not twilio.courier.move_one()
        clock.advance(hours=2)
        wait_until(lambda: twilio.store.get(message.sid).status == "delivered")
