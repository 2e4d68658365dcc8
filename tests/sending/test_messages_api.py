"""The real adapter and its twin keep the same promises; the real one speaks to a simulated Twilio over HTTP."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from bot.adapters.memory_messages import MemoryMessages
from bot.adapters.twilio_messages import (
    MessagesApi,
    SendNotMade,
    SendRefused,
    SendUnknown,
    SentMessage,
    TwilioMessages,
)
from bot.clock import SystemClock
from bot.processes import free_port
from webhooks.simulator.twilio_app import TEST_NUMBER, TwilioServer

ANN, BOB = "+12025550123", "+13125550144"
SERVICE = "MG" + "a" * 32
CALLBACK = "https://bot.example.org/twilio/status?m=msg_1"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Bench(Protocol):
    """One implementation, and the other side of it."""

    @property
    def api(self) -> MessagesApi:
        """The implementation."""
        ...

    def sent_to(self, number: str) -> list[tuple[str, str | None]]:
        """Texts and callbacks of what Twilio has for a number, oldest first."""
        ...

    def block(self, number: str) -> None:
        """The person texts STOP to Twilio."""
        ...

    def answer(self, http_status: int, code: int | None = None, retry_after: int | None = None) -> None:
        """The next message is refused."""
        ...

    def lose_answer(self, taken: bool) -> None:
        """The next message gets no answer."""
        ...


@dataclass
class MemoryBench:
    """The twin."""

    api: MemoryMessages

    def sent_to(self, number: str) -> list[tuple[str, str | None]]:
        """See :class:`Bench`."""
        return [(kept.body, kept.status_callback) for kept in self.api.kept if kept.to == number]

    def block(self, number: str) -> None:
        """See :class:`Bench`."""
        self.api.blocked.add(number)

    def answer(self, http_status: int, code: int | None = None, retry_after: int | None = None) -> None:
        """See :class:`Bench`."""
        self.api.fail_next(SendRefused(code, http_status, retry_after))

    def lose_answer(self, taken: bool) -> None:
        """See :class:`Bench`."""
        self.api.fail_next(SendUnknown(), taken=taken)


@dataclass
class RestBench:
    """The real adapter in front of a simulated Twilio."""

    api: TwilioMessages
    server: TwilioServer

    def sent_to(self, number: str) -> list[tuple[str, str | None]]:
        """See :class:`Bench`."""
        return [(message.body, message.status_callback) for message in self.server.sent_to(number)]

    def block(self, number: str) -> None:
        """See :class:`Bench`."""
        self.server.faults.refuse(number, 21610)

    def answer(self, http_status: int, code: int | None = None, retry_after: int | None = None) -> None:
        """See :class:`Bench`."""
        self.server.faults.answer(http_status, code=code, retry_after=retry_after)

    def lose_answer(self, taken: bool) -> None:
        """See :class:`Bench`."""
        self.server.faults.drop(accepts=taken)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TwilioServer]:
    """A simulated Twilio on a port of its own, whose receipts nobody takes."""
    with TwilioServer(tmp_path) as running:
        yield running


def adapter(server: TwilioServer, url: str | None = None, read_seconds: float = 10.0) -> TwilioMessages:
    """The real adapter for this server."""
    return TwilioMessages(server.account_sid, server.auth_token, url or server.url, 2.0, read_seconds)


@pytest.fixture(params=["memory", "rest"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Both implementations in turn."""
    if request.param == "memory":
        return MemoryBench(MemoryMessages(SystemClock().now))
    server = request.getfixturevalue("server")
    return RestBench(adapter(server), server)


def send(bench: Bench, body: str = "Hello! 👍", to: str = ANN, from_: str = TEST_NUMBER) -> SentMessage:
    """One message, without a callback."""
    return bench.api.create(to, body, None, from_)


def test_a_message_is_taken(bench: Bench) -> None:
    """From a number it is queued, and counted."""
    sent = bench.api.create(ANN, "Hola, ¿cómo está?", CALLBACK, TEST_NUMBER)
    assert sent.sid.startswith("SM")
    assert (sent.status, sent.segments) == ("queued", 1)
    assert bench.sent_to(ANN) == [("Hola, ¿cómo está?", CALLBACK)]


def test_a_messaging_service_counts_later(bench: Bench) -> None:
    """It accepts first, and has no count yet."""
    sent = send(bench, from_=SERVICE)
    assert (sent.status, sent.segments) == ("accepted", 0)


@pytest.mark.parametrize(("code", "http_status"), [(21211, 400), (20003, 401), (None, 403)])
def test_a_refusal_has_its_code(bench: Bench, code: int | None, http_status: int) -> None:
    """Twilio's code and the HTTP status; nothing was sent."""
    bench.answer(http_status, code)
    with pytest.raises(SendRefused) as refusal:
        send(bench)
    assert refusal.value.http_status == http_status
    assert code is None or refusal.value.code == code
    assert bench.sent_to(ANN) == []


def test_an_opted_out_number_is_refused(bench: Bench) -> None:
    """21610, for that number alone."""
    bench.block(ANN)
    with pytest.raises(SendRefused) as refusal:
        send(bench)
    assert (refusal.value.code, refusal.value.http_status) == (21610, 400)
    assert send(bench, to=BOB).sid


def test_a_busy_answer_says_how_long(bench: Bench) -> None:
    """429 with Retry-After, tried once by the adapter."""
    bench.answer(429, 20429, retry_after=7)
    with pytest.raises(SendRefused) as refusal:
        send(bench)
    assert (refusal.value.http_status, refusal.value.retry_after) == (429, 7)
    assert bench.sent_to(ANN) == []


@pytest.mark.parametrize("taken", [True, False])
def test_a_broken_connection_is_an_unknown_outcome(bench: Bench, taken: bool) -> None:
    """Nobody knows, so nothing is sent again by the adapter; the look-up tells."""
    bench.lose_answer(taken)
    with pytest.raises(SendUnknown):
        send(bench)
    assert len(bench.sent_to(ANN)) == taken
    assert len(bench.api.find_recent(ANN, "Hello! 👍", LONG_AGO)) == taken


def test_a_look_up_compares_number_and_text(bench: Bench) -> None:
    """Exactly this text to exactly this number, oldest first."""
    ours = [send(bench).sid for _ in range(2)]
    send(bench, body="Hello!")
    send(bench, to=BOB)
    assert [found.sid for found in bench.api.find_recent(ANN, "Hello! 👍", LONG_AGO)] == ours


def test_a_look_up_keeps_to_its_time(bench: Bench) -> None:
    """What was made before is not found; what has no send date yet is."""
    sent = send(bench, from_=SERVICE)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    assert bench.api.find_recent(ANN, "Hello! 👍", soon) == []
    assert [m.sid for m in bench.api.find_recent(ANN, "Hello! 👍", soon - timedelta(minutes=1))] == [sent.sid]


def test_a_look_up_reads_every_page(bench: Bench) -> None:
    """More messages than a page holds."""
    first = send(bench, body="The first one").sid
    for number in range(120):
        send(bench, body=f"{number}")
    assert [found.sid for found in bench.api.find_recent(ANN, "The first one", LONG_AGO)] == [first]


def test_only_what_is_scheduled_can_be_cancelled(bench: Bench) -> None:
    """Anything else is refused, and so is what Twilio does not know."""
    sent = send(bench)
    with pytest.raises(SendRefused):
        bench.api.cancel(sent.sid)
    with pytest.raises(SendRefused) as refusal:
        bench.api.cancel("SM" + "f" * 32)
    assert refusal.value.http_status == 404


# What only the real one can be asked


def test_a_slow_answer_is_an_unknown_outcome(server: TwilioServer) -> None:
    """The time-out is the adapter's own; the message was taken all the same."""
    server.faults.delay(1.0)
    with pytest.raises(SendUnknown):
        adapter(server, read_seconds=0.2).create(ANN, "Hello", None, TEST_NUMBER)
    assert len(server.sent_to(ANN)) == 1


def test_no_connection_is_no_request(server: TwilioServer) -> None:
    """Nobody listens: surely nothing was carried out."""
    with pytest.raises(SendNotMade):
        adapter(server, url=f"http://127.0.0.1:{free_port()}").create(ANN, "Hello", None, TEST_NUMBER)


def test_an_answer_that_is_not_twilios_is_an_unknown_outcome() -> None:
    """A proxy that says 200 and something else proves nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        api = TwilioMessages("AC1", "token", f"http://127.0.0.1:{listener.getsockname()[1]}", 2.0, 2.0)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(SendUnknown):
            api.create(ANN, "Hello", None, TEST_NUMBER)
        thread.join(5)


def test_a_wrong_token_is_refused(server: TwilioServer) -> None:
    """401 with Twilio's code."""
    with pytest.raises(SendRefused) as refusal:
        TwilioMessages(server.account_sid, "wrong", server.url).create(ANN, "Hello", None, TEST_NUMBER)
    assert (refusal.value.code, refusal.value.http_status) == (20003, 401)


def test_the_environment_does_not_move_the_address(server: TwilioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own variables are not settings of ours."""
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    assert adapter(server).create(ANN, "Hello", None, TEST_NUMBER).sid


def test_nothing_of_a_message_reaches_the_log(server: TwilioServer, caplog: pytest.LogCaptureFixture) -> None:
    """Neither texts nor numbers, at any level, in success, refusal, look-up and broken connections."""
    caplog.set_level(logging.DEBUG)
    api = adapter(server)
    server.faults.refuse(BOB, 21211)
    api.create(ANN, "MARKER-7731", CALLBACK, TEST_NUMBER)
    api.find_recent(ANN, "MARKER-7731", LONG_AGO)
    said = []
    for to in (BOB, ANN):
        with pytest.raises((SendRefused, SendUnknown)) as error:
            api.create(to, "MARKER-7731", None, TEST_NUMBER)
        said.append(f"{error.value!r} {error.value.__cause__!r}")
        server.faults.drop()
    with pytest.raises(SendNotMade) as unreached:
        adapter(server, url=f"http://127.0.0.1:{free_port()}").find_recent(ANN, "MARKER-7731", LONG_AGO)
    said.append(f"{unreached.value!r} {unreached.value.__cause__!r}")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("werkzeug")]
    for mark in ("MARKER", "2025550123", "3125550144"):
        assert [line for line in (*ours, *said) if mark in line] == []
