"""What the modules of the store share: inserts that tolerate a row that is there, and sealed JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult

from bot.store.database import Transaction
from bot.store.tables import Base


def insert_new(tx: Transaction, model: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same unique key is there. True when it was inserted; never an error.

    On PostgreSQL this waits for a concurrent insert of the same key to commit or roll back.
    """
    table = model.__table__
    assert isinstance(table, Table)
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.session.execute(statement).first() is not None


def insert_rows(tx: Transaction, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, as rows and not as objects, which takes half as long; none is fine."""
    table = model.__table__
    assert isinstance(table, Table)
    if rows:
        tx.session.execute(plain_insert(table), rows)


def changed(result: Any) -> int:
    """How many rows an UPDATE or DELETE touched."""
    assert isinstance(result, CursorResult)
    return result.rowcount


def seal_json(tx: Transaction, value: Any, place: str) -> str:
    """``value`` as sealed JSON."""
    return tx.vault.seal(json.dumps(value, separators=(",", ":")), place)


def open_json(tx: Transaction, sealed: str, place: str) -> Any:
    """The value that :func:`seal_json` sealed. Raises ``VaultError``."""
    return json.loads(tx.vault.open(sealed, place))
