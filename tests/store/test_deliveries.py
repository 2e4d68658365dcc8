"""Notices to partners and staff: found by their index."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.store import deliveries
from bot.store.database import Database


@pytest.mark.parametrize("look", ["claim", "next_due"])
def test_what_is_due_is_found_by_its_index(sqlite_db: Database, look: str) -> None:
    """Asked every second: the notices of past years are not gone through each time."""
    asked: list[tuple[str, Any]] = []
    event.listen(
        sqlite_db.engine, "before_cursor_execute", lambda _c, _k, sql, given, _x, _m: asked.append((sql, given))
    )
    if look == "claim":
        deliveries.claim(sqlite_db, "w", timedelta(seconds=30))
    else:
        with sqlite_db.read() as tx:
            deliveries.next_due(tx)
    sql, given = next(each for each in asked if "FROM delivery" in each[0])
    with sqlite_db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all()
    assert "ix_delivery_open" in str(plan)
