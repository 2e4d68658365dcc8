"""The database: engines for SQLite and PostgreSQL, transactions, and the way to the newest schema."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.store.vault import Vault

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10
CONNECT_SECONDS = 5
# Twilio waits 15 seconds for an answer: a database that hangs must have failed before.
POOL_SECONDS = 5
UNANSWERED_MILLISECONDS = 8000
STATEMENT_MILLISECONDS = 15000
POLL_SECONDS = 0.001
# Any number that nothing else in the database locks.
_UPGRADE_LOCK = 7_309_200_117


@dataclass(frozen=True)
class Transaction:
    """One unit of work, handed to every function of the store."""

    session: Session
    vault: Vault
    clock: Clock
    new_id: Callable[[str], str]

    def now(self) -> datetime:
        """The time of the injected clock, aware UTC."""
        return self.clock.now()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.session.get_bind().dialect.name


class Database:
    """Gives transactions. Safe to share between threads; a transaction is not."""

    def __init__(self, engine: Engine, vault: Vault, clock: Clock, new_id: Callable[[str], str]) -> None:
        """Takes an engine of :func:`make_engine`; opens no connection yet."""
        self.engine = engine
        self.vault = vault
        self.clock = clock
        self.new_id = new_id
        self._writer = engine.execution_options(followthrough_write=True)
        self._reader = engine.execution_options(followthrough_write=False, **_read_only(engine))

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that commits at the end of the block and rolls back when the block raises.

        On SQLite one at a time: a second one waits, and raises a ``SQLAlchemyError`` after 10 seconds.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield self._transaction(session)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees and cannot change: the database refuses a write in it."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield self._transaction(session)

    def _transaction(self, session: Session) -> Transaction:
        return Transaction(session, self.vault, self.clock, self.new_id)


def make_engine(url: str) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…``. Raises ``ValueError`` for any other kind of database.

    SQLite: write-ahead log, foreign keys, every commit on disk before it is answered, and its folder is made.
    Errors hide the parameters of a statement; what PostgreSQL quotes of a row is sealed.
    """
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    return create_engine(
        parsed,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        pool_timeout=POOL_SECONDS,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": UNANSWERED_MILLISECONDS,
            "options": f"-c timezone=UTC -c statement_timeout={STATEMENT_MILLISECONDS}",
        },
    )


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version. Several processes may call this at once; one does the work."""
    with engine.execution_options(followthrough_write=True).connect() as connection:
        _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                _upgrade_in(connection)
        finally:
            _foreign_keys(connection, on=True)


def is_current(engine: Engine) -> bool:
    """Whether the schema is at the newest version that this code knows."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def alembic_config() -> Config:
    """Alembic's configuration, which needs no file: the migrations lie beside this module."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _upgrade_in(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # A migration may rewrite a large table, and whoever waits for it waits as long.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _with_driver(url: URL) -> URL:
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return url
    raise ValueError("the database must be sqlite:///… or postgresql://…")


def _read_only(engine: Engine) -> dict[str, Any]:
    return {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: a database in memory is not shared between processes")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    """The driver's own transaction handling is switched off; :func:`_begin_sqlite` begins them."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        # FULL and not NORMAL: Twilio was told 200, so a power cut must not lose the row either.
        "synchronous=FULL",
        "foreign_keys=ON",
        # What is erased is overwritten in the file, not only unlinked.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: taking it later could fail without waiting."""
    write = connection.get_execution_options().get("followthrough_write")
    if write is not None:
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
    if not write:
        connection.exec_driver_sql("BEGIN")
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        if not _begin_as_writer(raw):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _begin_as_writer(raw: sqlite3.Connection) -> bool:
    """Ask for the write lock every millisecond: SQLite's own waiting sleeps ever longer and starves some writers.

    False after 10 seconds, or when something else is wrong: one more try then says what.
    """
    give_up = time.monotonic() + BUSY_SECONDS
    while time.monotonic() < give_up:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True
    return False


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    """SQLite rebuilds a table by dropping it, which must not cascade. Only works outside a transaction."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
