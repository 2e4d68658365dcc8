"""A simulated Twilio and an application that takes its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.rest import Client

from tests.simulator.receiver import Receiver
from webhooks.simulator.twilio_app import TEST_TOKEN, TwilioServer


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An application that writes webhooks down."""
    with Receiver(TEST_TOKEN) as running:
        yield running


@pytest.fixture
def twilio(tmp_path: Path, receiver: Receiver) -> Iterator[TwilioServer]:
    """The simulated Twilio on a port of its own."""
    with TwilioServer(tmp_path, receiver.url) as running:
        yield running


@pytest.fixture
def client(twilio: TwilioServer) -> Client:
    """twilio-python, pointed at the simulated Twilio."""
    return client_of(twilio)


def client_of(twilio: TwilioServer, auth_token: str | None = None) -> Client:
    """twilio-python for this server, with the right token unless another is given."""
    client = Client(twilio.account_sid, auth_token or twilio.auth_token)
    client.api.base_url = twilio.url
    return client
