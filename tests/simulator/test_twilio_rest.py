"""The REST side of the simulated Twilio, as twilio-python sees it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.simulator.conftest import client_of
from tests.simulator.receiver import wait_until
from webhooks.simulator.faults import Receipts
from webhooks.simulator.twilio_app import TEST_NUMBER, TwilioServer

ANN = "+12025550123"
BOB = "+13125550144"
SERVICE = "MG" + "a" * 32
PAYLOADS = Path(__file__).parent / "rest_message.json"


def test_create_answers_a_queued_message(client: Client, twilio: TwilioServer) -> None:
    """A created message has a SID, is queued, and is kept with its text."""
    made = client.messages.create(to=ANN, from_=TEST_NUMBER, body="Hello! 👍")
    assert made.sid.startswith("SM")
    assert len(made.sid) == 34
    assert (made.status, made.direction, made.num_segments) == ("queued", "outbound-api", "1")
    assert [m.body for m in twilio.sent_to(ANN)] == ["Hello! 👍"]


def test_message_has_the_fields_of_twilio(client: Client, twilio: TwilioServer) -> None:
    """The JSON has the fields and kinds of value of Twilio's own example."""
    sid = client.messages.create(to=ANN, from_=TEST_NUMBER, body="Hello").sid
    ours = twilio.store.get(sid).to_json(twilio.account_sid)
    theirs = json.loads(PAYLOADS.read_text())
    assert ours.keys() == theirs.keys()
    different = {k for k in ours if type(ours[k]) is not type(theirs[k])}
    # A number was named instead of a service, and nothing is sent yet.
    assert different <= {"messaging_service_sid", "from", "date_sent"}


def test_messaging_service_accepts_first(client: Client) -> None:
    """Through a Messaging Service the message is accepted, without sender or count."""
    made = client.messages.create(to=ANN, messaging_service_sid=SERVICE, body="Hello")
    assert (made.status, made.from_, made.num_segments) == ("accepted", None, "0")
    assert made.messaging_service_sid == SERVICE


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": TEST_NUMBER, "Body": "x"}, 21604),
        ({"To": "12", "From": TEST_NUMBER, "Body": "x"}, 21211),
        ({"To": "not a number", "From": TEST_NUMBER, "Body": "x"}, 21211),
        ({"To": ANN, "Body": "x"}, 21603),
        ({"To": ANN, "From": "+15005550007", "Body": "x"}, 21606),
        ({"To": ANN, "From": TEST_NUMBER}, 21602),
        ({"To": ANN, "From": TEST_NUMBER, "Body": "x" * 1601}, 21617),
        ({"To": ANN, "From": TEST_NUMBER, "Body": "x", "StatusCallback": "nowhere"}, 21609),
        ({"To": "+15005550009", "From": TEST_NUMBER, "Body": "x"}, 21614),
        ({"To": ANN, "From": TEST_NUMBER, "Body": "x", "ScheduleType": "fixed"}, 35118),
    ],
)
def test_bad_requests_get_twilios_codes(twilio: TwilioServer, form: dict[str, str], code: int) -> None:
    """Each fault of a request is answered with 400 and the code that Twilio gives it."""
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    answer = requests.post(url, data=form, auth=(twilio.account_sid, twilio.auth_token), timeout=5)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json().keys() == {"code", "message", "more_info", "status"}


def test_wrong_token_is_refused(twilio: TwilioServer) -> None:
    """A wrong token gets 401 with 20003, an unknown account too."""
    with pytest.raises(TwilioRestException) as refused:
        client_of(twilio, "wrong").messages.create(to=ANN, from_=TEST_NUMBER, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_list_filters_by_receiver_sender_and_time(client: Client) -> None:
    """To, From and DateSent narrow the list; the newest comes first."""
    before = datetime.now(UTC)
    for to, body in ((ANN, "one"), (BOB, "two"), (ANN, "three")):
        client.messages.create(to=to, from_=TEST_NUMBER, body=body)
    assert [m.body for m in client.messages.list(to=ANN)] == ["three", "one"]
    assert [m.body for m in client.messages.list(from_=TEST_NUMBER, to=BOB)] == ["two"]
    assert len(client.messages.list(date_sent_after=before)) == 3
    assert client.messages.list(date_sent_after=before + timedelta(hours=1)) == []
    assert len(client.messages.list(date_sent=before.date())) == 3
    assert client.messages.list(date_sent_before=before - timedelta(hours=1)) == []


def test_list_comes_in_pages(client: Client) -> None:
    """twilio-python walks through all pages."""
    for number in range(5):
        client.messages.create(to=ANN, from_=TEST_NUMBER, body=f"text {number}")
    assert [m.body for m in client.messages.list(to=ANN, page_size=2)] == [f"text {n}" for n in (4, 3, 2, 1, 0)]


def test_text_can_be_redacted_once_it_is_done(client: Client, twilio: TwilioServer) -> None:
    """An empty Body redacts a finished message; one in progress answers 20009."""
    made = client.messages.create(to=ANN, from_=TEST_NUMBER, body="secret")
    with pytest.raises(TwilioRestException) as early:
        client.messages(made.sid).update(body="")
    assert early.value.code == 20009
    wait_until(lambda: twilio.store.get(made.sid).status == "delivered")
    assert client.messages(made.sid).update(body="").body == ""
    assert client.messages(made.sid).fetch().body == ""


def test_only_a_scheduled_message_can_be_cancelled(client: Client, twilio: TwilioServer) -> None:
    """A scheduled message is cancelled and never sent; another answers 30409."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    later = client.messages.create(
        to=ANN, messaging_service_sid=SERVICE, body="later", schedule_type="fixed", send_at=tomorrow
    )
    assert later.status == "scheduled"
    assert client.messages(later.sid).update(status="canceled").status == "canceled"
    now = client.messages.create(to=ANN, from_=TEST_NUMBER, body="now")
    with pytest.raises(TwilioRestException) as refused:
        client.messages(now.sid).update(status="canceled")
    assert refused.value.code == 30409


def test_unknown_message_is_404(client: Client) -> None:
    """Fetching an unknown SID answers 404 with 20404."""
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_finished_message_can_be_deleted(client: Client, twilio: TwilioServer) -> None:
    """Deleting a delivered message removes it."""
    sid = client.messages.create(to=ANN, from_=TEST_NUMBER, body="x").sid
    wait_until(lambda: twilio.store.get(sid).status == "delivered")
    assert client.messages(sid).delete()
    assert client.messages.list(to=ANN) == []


def test_planned_refusals_come_and_go(client: Client, twilio: TwilioServer) -> None:
    """A 429 and a 503 are answered as often as planned, nothing is sent, then all goes well."""
    twilio.faults.answer(429, retry_after=2)
    twilio.faults.answer(503)
    codes = []
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(to=ANN, from_=TEST_NUMBER, body="x")
        codes.append((refused.value.status, refused.value.code))
    assert codes == [(429, 20429), (503, 20500)]
    assert twilio.sent_to(ANN) == []
    client.messages.create(to=ANN, from_=TEST_NUMBER, body="x")
    assert len(twilio.sent_to(ANN)) == 1


def test_connection_can_break_after_acceptance(client: Client, twilio: TwilioServer) -> None:
    """A dropped connection leaves the message accepted, and findable."""
    twilio.faults.drop()
    with pytest.raises(requests.ConnectionError):
        client.messages.create(to=ANN, from_=TEST_NUMBER, body="lost answer")
    assert [m.body for m in client.messages.list(to=ANN)] == ["lost answer"]


def test_answer_can_come_late(twilio: TwilioServer) -> None:
    """A delayed answer times the client out though the message was taken."""
    twilio.faults.delay(1.0)
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    form = {"To": ANN, "From": TEST_NUMBER, "Body": "slow"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(url, data=form, auth=(twilio.account_sid, twilio.auth_token), timeout=0.3)
    assert [m.body for m in twilio.sent_to(ANN)] == ["slow"]


def test_one_receiver_can_be_refused(client: Client, twilio: TwilioServer) -> None:
    """A planned code meets one receiver only."""
    twilio.faults.refuse(BOB, 21614)
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=BOB, from_=TEST_NUMBER, body="x")
    assert refused.value.code == 21614
    client.messages.create(to=ANN, from_=TEST_NUMBER, body="x")


def test_faults_can_be_cleared(client: Client, twilio: TwilioServer) -> None:
    """After clear nothing goes wrong any more."""
    twilio.faults.answer(500, times=9)
    twilio.faults.answer_lists(500)
    twilio.faults.receipts = Receipts.NONE
    twilio.faults.clear()
    client.messages.create(to=ANN, from_=TEST_NUMBER, body="x")
    assert len(client.messages.list(to=ANN)) == 1
