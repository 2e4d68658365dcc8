"""The tables of a CSV package, put into a temporary SQLite file, so that a large package takes no more memory."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from bot.directory.csv_rows import rows
from bot.directory.folder import Folder
from bot.directory.report import Report, Where

Row = dict[str, Any]


class Tables:
    """Rows by table, found by their keys. A context manager: the temporary file goes at its end."""

    def __init__(self) -> None:
        """Makes the temporary file."""
        self._folder = tempfile.TemporaryDirectory(prefix="followthrough-import-")
        self._db = sqlite3.connect(Path(self._folder.name) / "tables.db", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-8000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE held (source TEXT, file TEXT, line INTEGER, own TEXT, body TEXT)")
        self._db.execute("CREATE TABLE link (source TEXT, key TEXT, value TEXT, held INTEGER)")

    def __enter__(self) -> Tables:
        self._db.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    def load(self, folder: Folder, name: str, table: str, keys: Sequence[str], report: Report) -> int:
        """Take a CSV file in as a table that can be asked by these columns; how many rows."""
        count = 0
        for line, row in rows(folder, name, report):
            body = json.dumps({key: value for key, value in row.items() if value.strip()})
            held = self._db.execute(
                "INSERT INTO held VALUES (?, ?, ?, ?, ?)", (table, name, line, row.get("id", "").strip(), body)
            ).lastrowid
            links = [(table, key, row[key].strip(), held) for key in keys if row.get(key, "").strip()]
            self._db.executemany("INSERT INTO link VALUES (?, ?, ?, ?)", links)
            count += 1
        return count

    def index(self) -> None:
        """Make the look-ups quick; call when everything is loaded."""
        self._db.execute("CREATE INDEX by_link ON link (source, key, value)")
        self._db.execute("CREATE INDEX by_own ON held (source, own)")

    def all(self, table: str) -> Iterator[Row]:
        """Every row of a table, in the order of the file."""
        cursor = self._db.execute("SELECT file, line, body FROM held WHERE source = ? ORDER BY rowid", (table,))
        yield from map(_row, cursor)

    def of(self, table: str, key: str, value: str) -> list[Row]:
        """The rows whose column ``key`` is ``value``."""
        if not value:
            return []
        query = "SELECT file, line, body FROM link JOIN held ON held.rowid = held WHERE link.source = ? AND key = ?"
        return [
            _row(found) for found in self._db.execute(query + " AND value = ? ORDER BY held.rowid", (table, key, value))
        ]

    def one(self, table: str, own_id: str) -> Row | None:
        """The row with this id."""
        query = "SELECT file, line, body FROM held WHERE source = ? AND own = ? LIMIT 1"
        found = self._db.execute(query, (table, own_id)).fetchone() if own_id else None
        return _row(found) if found else None

    def orphans(self, table: str, key: str, of: str, report: Report, refused: str) -> None:
        """Report the rows that point to a row of ``of`` that is not there."""
        query = (
            "SELECT file, line FROM link JOIN held ON held.rowid = held WHERE link.source = ? AND key = ? "
            "AND NOT EXISTS (SELECT 1 FROM held AS there WHERE there.source = ? AND there.own = link.value)"
        )
        for file, line in self._db.execute(query, (table, key, of)):
            report.refuse(Where(file, line), key, f"names nothing in {of}", refused)


def _row(found: tuple[str, int, str]) -> Row:
    file, line, body = found
    row: Row = json.loads(body)
    row["_where"] = Where(file, line)
    return row
