"""A directory with listings, and the app that shows them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from bot.adapters.dialog_client import HttpDialog
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.twilio_messages import TwilioMessages
from bot.bootstrap import Deps
from bot.content import load_content
from bot.directory.zip_book import ZipBook, open_zip_book
from bot.processes import free_port
from bot.store.database import Database
from tests.conftest import MakeSettings
from webhooks.app import create_app
from webhooks.simulator.twilio_app import QuietHandler


@pytest.fixture(scope="session")
def book() -> ZipBook:
    """Every ZIP code."""
    return open_zip_book()


@pytest.fixture
def deps(make_settings: MakeSettings, sqlite_db: Database) -> Deps:
    """Dependencies on an empty database, with the real content."""
    port = free_port()
    settings = make_settings(BOT_PORT=str(port), BOT_CLINIC_NAME="Elm Street Clinic", BOT_HELP_CONTACT="614-555-0100")
    return Deps(
        settings=settings,
        clock=sqlite_db.clock,
        new_id=sqlite_db.new_id,
        db=sqlite_db,
        vault=sqlite_db.vault,
        content=load_content(settings.content_dir),
        dialog=HttpDialog(settings.dialog_url),
        twilio=TwilioMessages(settings.twilio_account_sid, settings.twilio_auth_tokens[0], settings.twilio_api_url),
        wakeups=MemoryWakeups(),
        buckets=MemoryBuckets(50, 50),
        locks=MemoryLocks(),
    )


@pytest.fixture
def served(deps: Deps) -> Iterator[Deps]:
    """The app of these dependencies, serving at its address."""
    server = make_server("127.0.0.1", deps.settings.port, create_app(deps), threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield deps
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
