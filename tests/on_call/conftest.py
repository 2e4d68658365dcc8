"""Worlds with people on call, and a real mail server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from bot.processes import free_port
from bot.store.database import Database
from tests.conftest import MakeSettings
from tests.on_call.world import OnCallWorld
from tests.world import StandingClock


@dataclass
class MailServer:
    """A real SMTP server of the test's own; ``refuse`` is what it answers to a letter instead of taking it."""

    port: int
    letters: list[Message] = field(default_factory=list)
    refuse: str | None = None
    hangs_up: bool = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take the letter."""
        if self.refuse:
            return self.refuse
        self.letters.append(message_from_bytes(envelope.content))
        if self.hangs_up:
            server.transport.abort()
        return "250 OK"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self.port}"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server on a free port."""
    handler = MailServer(free_port())
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    # Its thread logs the end of connections after the test that opened them, when nothing captures it any more.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def world(sqlite_db: Database, clock: StandingClock, make_settings: MakeSettings) -> OnCallWorld:
    """A world on SQLite, with mail kept in memory."""
    return OnCallWorld(sqlite_db, clock, make_settings(BOT_PUBLIC_URL="https://bot.example.org"))


@pytest.fixture
def any_world(db: Database, clock: StandingClock, make_settings: MakeSettings) -> OnCallWorld:
    """The same, once on each kind of database."""
    return OnCallWorld(db, clock, make_settings(BOT_PUBLIC_URL="https://bot.example.org"))
