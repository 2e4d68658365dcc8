"""The wiring: the one place that knows which adapter stands behind which port."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from redis import Redis

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.ports import Buckets, Locks, Wakeups
from bot.adapters.redis_buckets import RedisBuckets
from bot.adapters.redis_locks import RedisLocks
from bot.adapters.redis_wakeups import RedisWakeups
from bot.clock import Clock, SystemClock
from bot.ids import NewId, new_id
from bot.local_keys import derived, with_keys
from bot.settings import Settings

BURST_SECONDS = 3.0


@dataclass(frozen=True)
class Deps:
    """Everything that a process works with; handed on explicitly, never global."""

    settings: Settings
    clock: Clock
    new_id: NewId
    db: Any
    vault: Any
    content: Any
    dialog: Any
    twilio: Any
    wakeups: Wakeups
    buckets: Buckets
    locks: Locks


def build(settings: Settings) -> Deps:
    """Wire a process. Opens no connection yet. Raises ``SettingsError`` or the content's error when either is wrong."""
    settings = with_keys(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    vault = build_vault(settings)
    database = import_module("bot.store.database")
    engine = database.make_engine(settings.database_url)
    clock: Clock = import_module("bot.virtual_clock").VirtualClock(engine) if settings.virtual_clock else SystemClock()
    wakeups, buckets, locks = _shared(settings)
    return Deps(
        settings=settings,
        clock=clock,
        new_id=new_id,
        db=database.Database(engine, vault, clock, new_id),
        vault=vault,
        content=import_module("bot.content").load_content(),
        dialog=import_module("bot.adapters.dialog_client").HttpDialog(settings.dialog_url),
        twilio=import_module("bot.adapters.twilio_messages").TwilioMessages(
            settings.twilio_account_sid, settings.twilio_auth_tokens[0], settings.twilio_api_url
        ),
        wakeups=wakeups,
        buckets=buckets,
        locks=locks,
    )


def build_vault(settings: Settings) -> Any:
    """The vault of these settings, whose keys must be filled in (:func:`bot.local_keys.with_keys`)."""
    keys = dict(settings.encryption_keys)
    return import_module("bot.store.vault").Vault(
        keys, settings.encryption_keys[0][0], derived(settings, "number look-up")
    )


def _shared(settings: Settings) -> tuple[Wakeups, Buckets, Locks]:
    # Without Redis each worker process keeps its own bucket, so each gets its share of the rate.
    share = settings.send_rate / settings.workers
    in_process = MemoryBuckets(share, share * BURST_SECONDS)
    if settings.redis_url is None:
        return MemoryWakeups(), in_process, MemoryLocks()
    client = Redis.from_url(settings.redis_url, socket_timeout=5.0, socket_connect_timeout=2.0)
    buckets = RedisBuckets(client, settings.send_rate, settings.send_rate * BURST_SECONDS, in_process)
    return RedisWakeups(client), buckets, RedisLocks(client)
