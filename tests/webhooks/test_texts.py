"""``POST /twilio/sms``: stored once, answered at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from bot.bootstrap import Deps
from bot.store.database import Database
from tests.webhooks.conftest import MakeDeps, inbound_rows, opened
from tests.webhooks.twilio_requests import CLINIC, PATIENT, post, text_form
from tests.world import StandingClock
from webhooks.app import create_app
from webhooks.twilio.answers import EMPTY_TWIML


def test_a_text_is_stored_before_the_answer(client: FlaskClient, deps: Deps, clock: StandingClock) -> None:
    """200 with an empty TwiML means that the row is there, sealed, with the time it came."""
    answer = post(client, "/twilio/sms", text_form(Body="¡Hola! 👋"))
    assert (answer.status_code, answer.text) == (200, EMPTY_TWIML)
    assert answer.content_type.startswith("text/xml")
    (row,) = inbound_rows(deps.db)
    assert opened(deps.db, row) == (PATIENT, "¡Hola! 👋")
    assert (row.kind, row.state, row.to_address, row.received_at) == ("text", "waiting", CLINIC, clock.now())


def test_a_worker_is_woken(client: FlaskClient, deps: Deps) -> None:
    """Whoever waits for texts hears of a new one."""
    deps.wakeups.wait("inbound", 0)
    post(client, "/twilio/sms", text_form())
    assert deps.wakeups.wait("inbound", 0)
    post(client, "/twilio/sms", text_form())
    assert not deps.wakeups.wait("inbound", 0), "a repeat is nothing new"


def test_a_repeat_is_answered_alike_and_stored_once(client: FlaskClient, deps: Deps) -> None:
    """The first one stands, also when the repeat says something else."""
    first = post(client, "/twilio/sms", text_form())
    second = post(client, "/twilio/sms", text_form(Body="changed"))
    assert (first.status_code, first.data) == (second.status_code, second.data)
    (row,) = inbound_rows(deps.db)
    assert opened(deps.db, row)[1] == "hello"


def test_eight_repeats_at_once_are_one_row(db: Database, make_deps: MakeDeps) -> None:
    """Twilio repeats just when the first try was slow, so repeats run at the same time."""
    app = create_app(make_deps(db))
    start = threading.Barrier(8)

    def send(_: int) -> int:
        client = app.test_client()
        start.wait()
        return post(client, "/twilio/sms", text_form()).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(8))) == [200] * 8
    assert len(inbound_rows(db)) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_other_methods(client: FlaskClient, method: str) -> None:
    """Only POST."""
    answer = client.open("/twilio/sms", method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_text_that_is_no_use_is_counted(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Answered 200, because a second try would be no better; told by the names of its parameters."""
    form = text_form(From="whatsapp:+", Body="secret words")
    assert post(client, "/twilio/sms", form).status_code == 200
    assert "inbound_unusable parameters: Body, From" in caplog.text
    assert "secret" not in caplog.text
    page = client.get("/metrics").text
    assert 'followthrough_webhook_requests_total{outcome="unusable",route="twilio.sms"} 1.0' in page
