"""The wiring: the one place that knows which adapter stands behind which port."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis
from sqlalchemy import Engine

from bot.adapters.dialog_client import DialogClient, HttpDialog
from bot.adapters.mail import MailApi, SmtpMail
from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.place_finder import PlaceFinder
from bot.adapters.ports import Buckets, Locks, Wakeups
from bot.adapters.redis_buckets import RedisBuckets
from bot.adapters.redis_locks import RedisLocks
from bot.adapters.redis_wakeups import RedisWakeups
from bot.adapters.twilio_messages import MessagesApi, TwilioMessages
from bot.clock import Clock, SystemClock
from bot.content import Content, load_content
from bot.directory.finder import DirectoryFinder
from bot.ids import NewId, new_id
from bot.local_keys import derived, with_keys
from bot.settings import Settings, SettingsError
from bot.store.database import Database, make_engine
from bot.store.vault import Vault
from bot.virtual_clock import VirtualClock

BURST_SECONDS = 3.0
REDIS_ANSWERS_WITHIN = 5.0
REDIS_CONNECTS_WITHIN = 2.0


@dataclass(frozen=True)
class Deps:
    """Everything that a process works with; handed on explicitly, never global."""

    settings: Settings
    clock: Clock
    new_id: NewId
    db: Database
    vault: Vault
    content: Content
    dialog: DialogClient
    twilio: MessagesApi
    wakeups: Wakeups
    buckets: Buckets
    locks: Locks
    mail: MailApi | None = None
    places: PlaceFinder | None = None


def build(settings: Settings) -> Deps:
    """Wire a process. Opens no connection yet.

    Raises ``SettingsError`` when a setting is wrong or there is no Twilio to text through, ``ContentError``
    when the content is.
    """
    settings = with_keys(settings)
    if not settings.twilio_auth_tokens:
        raise SettingsError("TWILIO_AUTH_TOKEN is required to text, or BOT_SIMULATOR=1 to try it out.")
    engine = make_engine(settings.database_url)
    clock = _clock(settings, engine)
    vault = build_vault(settings)
    wakeups, buckets, locks = _shared(settings)
    content = load_content(settings.content_dir, settings.model_dir)
    return Deps(
        settings=settings,
        clock=clock,
        new_id=new_id,
        db=Database(engine, vault, clock, new_id),
        vault=vault,
        content=content,
        dialog=HttpDialog(settings.dialog_url),
        twilio=TwilioMessages(settings.twilio_account_sid, settings.twilio_auth_tokens[0], settings.twilio_api_url),
        wakeups=wakeups,
        buckets=buckets,
        locks=locks,
        mail=SmtpMail(settings.smtp_url, settings.mail_from) if settings.smtp_url else None,
        places=DirectoryFinder(settings, content),
    )


def build_database(settings: Settings) -> Database:
    """The database alone, on the clock of the settings. Opens no connection yet."""
    settings = with_keys(settings)
    engine = make_engine(settings.database_url)
    return Database(engine, build_vault(settings), _clock(settings, engine), new_id)


def build_vault(settings: Settings) -> Vault:
    """The vault of settings whose keys are filled in (:func:`bot.local_keys.with_keys`)."""
    active = settings.encryption_keys[0][0]
    return Vault(dict(settings.encryption_keys), active, derived(settings, "number look-up"))


def _clock(settings: Settings, engine: Engine) -> Clock:
    return VirtualClock(engine) if settings.virtual_clock else SystemClock()


def _shared(settings: Settings) -> tuple[Wakeups, Buckets, Locks]:
    # Without Redis each worker process keeps its own bucket, so each gets its share of the rate.
    share = settings.send_rate / settings.workers
    in_process = MemoryBuckets(share, share * BURST_SECONDS)
    if settings.redis_url is None:
        return MemoryWakeups(), in_process, MemoryLocks()
    client = Redis.from_url(
        settings.redis_url, socket_timeout=REDIS_ANSWERS_WITHIN, socket_connect_timeout=REDIS_CONNECTS_WITHIN
    )
    buckets = RedisBuckets(client, settings.send_rate, settings.send_rate * BURST_SECONDS, in_process)
    return RedisWakeups(client), buckets, RedisLocks(client)
