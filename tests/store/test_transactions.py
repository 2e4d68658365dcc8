"""Transactions: all or nothing, reading cannot write, times are UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, StatementError

from bot.store import audit, inbound, suppressions
from bot.store.database import POOL_SECONDS, Database, make_engine
from bot.store.tables import Inbound, UtcDateTime
from tests.store.building import a_text, at_once, in_one


def test_an_error_undoes_the_whole_transaction(db: Database) -> None:
    """What was written before the error is gone."""
    with pytest.raises(ZeroDivisionError):
        in_one(db, lambda tx: a_text(tx, "SM1"), lambda _: 1 / 0)
    with db.read() as tx:
        assert inbound.counts(tx) == {}


def test_reading_cannot_write(db: Database) -> None:
    """The database itself refuses a write in a reading transaction; the next writing one is free again."""
    with pytest.raises(DBAPIError), db.read() as tx:
        suppressions.add(tx, "a" * 64, "opted_out", "keyword")
    with db.write() as tx:
        assert suppressions.add(tx, "a" * 64, "opted_out", "keyword")


def test_writers_wait_for_each_other(db: Database) -> None:
    """Eight threads add to the audit a hundred times in all; nobody fails and nothing is lost."""

    def add(number: int) -> None:
        for _ in range(12):
            with db.write() as tx:
                audit.record(tx, "cli", "counted", "test", "all", by=number)

    at_once(8, add)
    with db.read() as tx:
        assert len(audit.of_subject(tx, "test", "all")) == 96


def test_errors_quote_no_words_of_a_patient(db: Database) -> None:
    """A statement that fails hides its values, and what PostgreSQL quotes of a row is sealed."""
    row = Inbound(body_sealed=db.vault.seal("a secret", "inbound.body_sealed"), detail={})
    with pytest.raises(DBAPIError) as failure, db.write() as tx:
        tx.session.add(row)
    assert "parameters hidden" in str(failure.value)
    assert "a secret" not in str(failure.value)


def test_times_come_back_as_aware_utc(db: Database) -> None:
    """A time from another zone is the same instant when it is read, to the microsecond, in UTC."""
    there = datetime(2026, 3, 8, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-8)))
    db.clock.set(there)  # type: ignore[attr-defined]
    with db.write() as tx:
        a_text(tx, "SM1")
    with db.read() as tx:
        read = tx.session.execute(select(Inbound.received_at)).scalar_one()
    assert read == there
    assert read.tzinfo is UTC


def test_naive_times_are_refused(db: Database) -> None:
    """A time without a zone is refused before it is stored."""
    naive = datetime(2026, 3, 3, 12, 0)  # noqa: DTZ001
    with pytest.raises(StatementError, match="must be aware"), db.read() as tx:
        tx.session.execute(select(Inbound).where(Inbound.received_at < naive))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_any_aware_time_survives(wall: datetime, offset: int) -> None:
    """Whatever the offset, binding and reading give the same instant."""
    at = wall.replace(tzinfo=timezone(timedelta(minutes=offset)))
    kind, dialect = UtcDateTime(), sqlite.dialect()
    bound = kind.process_bind_param(at, dialect)
    assert bound is not None
    assert kind.process_result_value(bound.replace(tzinfo=None), dialect) == at


def test_sqlite_is_set_up_to_lose_nothing(sqlite_db: Database) -> None:
    """Write-ahead log, full synchronisation, foreign keys, and erased bytes are overwritten."""
    with sqlite_db.engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        values = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in pragmas]
    assert values == ["wal", 2, 1, 1]


def test_a_writer_gives_up_after_a_while(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process keeps writing for too long, a writer gets an error and not an endless wait."""
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0.2)
    other = create_engine(sqlite_db.engine.url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(DBAPIError, match="locked"), sqlite_db.write() as tx:
            a_text(tx, "SM1")
    other.dispose()
    with sqlite_db.write() as tx:
        assert a_text(tx, "SM1")


def test_a_hung_postgresql_fails_in_time(postgres_url: str) -> None:
    """Twilio waits 15 seconds: connecting, waiting for a connection and a statement all end by themselves."""
    engine = make_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "15s"
        driver: Any = connection.connection.dbapi_connection
        given = driver.info.get_parameters()
        assert (given["connect_timeout"], given["tcp_user_timeout"]) == ("5", "8000")
        connection.execute(text("SET statement_timeout = 50"))
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT pg_sleep(5)"))
    pool: Any = engine.pool
    assert pool.timeout() == POOL_SECONDS
    engine.dispose()
