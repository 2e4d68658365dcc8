"""A web process without a database that takes one text and is killed the moment it has answered."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.bootstrap import Deps, build_vault
from bot.clock import SystemClock
from bot.ids import new_id
from bot.local_keys import with_keys
from bot.settings import Settings
from bot.store.database import Database, make_engine
from tests.webhooks.twilio_requests import post, text_form
from webhooks.app import create_app


def main() -> None:
    """Print the status of the answer, then die by SIGKILL."""
    settings = with_keys(Settings.from_env(os.environ))
    vault, clock = build_vault(settings), SystemClock()
    db = Database(make_engine(settings.database_url), vault, clock, new_id)
    never: Any = None
    shared = (MemoryWakeups(), MemoryBuckets(10, 30), MemoryLocks())
    deps = Deps(settings, clock, new_id, db, vault, never, never, never, *shared)
    answer = post(create_app(deps).test_client(), "/twilio/sms", text_form())
    sys.stdout.write(f"{answer.status_code}\n")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    sys.exit("still alive")


if __name__ == "__main__":
    main()
