"""A simulated Twilio and an application that takes its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.rest import Client

from bot.bootstrap import Deps
from bot.processes import free_port
from tests.conftest import MakeSettings
from tests.simulator.echo_bot import make_deps, running
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


@pytest.fixture
def echo_deps(make_settings: MakeSettings, sqlite_url: str) -> Iterator[Deps]:
    """Dependencies of an app with simulator and virtual clock, on a free port where nothing listens yet."""
    deps = make_deps(make_settings(BOT_VIRTUAL_CLOCK="1", BOT_PORT=str(free_port()), BOT_DATABASE_URL=sqlite_url))
    yield deps
    deps.db.engine.dispose()


@pytest.fixture
def echo_bot(echo_deps: Deps) -> Iterator[Deps]:
    """The app, serving, with a bot that repeats what it hears."""
    with running(echo_deps) as deps:
        yield deps
