"""Sealing everything again with the active key, so that an old key can be thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Table, and_, select, tuple_, update

from bot.store.database import Database, Transaction
from bot.store.tables import Base


@dataclass(frozen=True)
class Progress:
    """So many texts of this column (``table.column``) were looked at, so many sealed again."""

    place: str
    seen: int
    resealed: int


def sealed_columns() -> list[Column[str]]:
    """Every column that holds sealed text: those whose name ends in ``_sealed``."""
    tables = Base.metadata.sorted_tables
    return [column for table in tables for column in table.columns if column.name.endswith("_sealed")]


def reseal(db: Database, batch: int = 500) -> Iterator[Progress]:
    """Seal with the active key whatever is sealed with another; one transaction and one report a batch.

    May run beside everything else, and may be stopped and run again. Raises ``VaultError`` for a text that
    no configured key opens.
    """
    for column in sealed_columns():
        after: tuple[object, ...] | None = None
        while True:
            with db.write() as tx:
                progress, after = _reseal_batch(tx, column, after, batch)
            yield progress
            if after is None:
                break


def _reseal_batch(
    tx: Transaction, column: Column[str], after: tuple[object, ...] | None, batch: int
) -> tuple[Progress, tuple[object, ...] | None]:
    table = column.table
    assert isinstance(table, Table)
    keys = list(table.primary_key.columns)
    query = select(*keys, column).order_by(*keys).limit(batch)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    rows = [tuple(row) for row in tx.session.execute(query)]
    place = f"{table.name}.{column.name}"
    resealed = sum(_reseal_one(tx, column, row[:-1], row[-1], place) for row in rows)
    return Progress(place, len(rows), resealed), rows[-1][:-1] if len(rows) == batch else None


def _reseal_one(tx: Transaction, column: Column[str], key: tuple[object, ...], sealed: str | None, place: str) -> bool:
    if sealed is None or not tx.vault.needs_reseal(sealed):
        return False
    fresh = tx.vault.seal(tx.vault.open(sealed, place), place)
    table = column.table
    assert isinstance(table, Table)
    same = and_(column == sealed, *(k == v for k, v in zip(table.primary_key.columns, key, strict=True)))
    tx.session.execute(update(table).where(same).values({column.name: fresh}))
    return True
