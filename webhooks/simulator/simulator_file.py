"""The simulated Twilio's own SQLite file: a connection, and one transaction at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL,
    person_hash TEXT NOT NULL,
    person_sealed TEXT NOT NULL,
    sender TEXT NOT NULL,
    service_sid TEXT,
    body_sealed TEXT NOT NULL,
    num_media INTEGER NOT NULL DEFAULT 0,
    segments INTEGER NOT NULL,
    status TEXT NOT NULL,
    error_code INTEGER,
    status_callback TEXT,
    send_at TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    updated_at TEXT NOT NULL,
    step_at REAL
);
CREATE INDEX IF NOT EXISTS message_person ON message (person_hash, seq);
CREATE INDEX IF NOT EXISTS message_step ON message (step_at) WHERE step_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_scheduled ON message (send_at) WHERE status = 'scheduled';
CREATE TABLE IF NOT EXISTS block (person_hash TEXT NOT NULL, sender TEXT NOT NULL, PRIMARY KEY (person_hash, sender));
CREATE TABLE IF NOT EXISTS phone (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    number_hash TEXT NOT NULL UNIQUE,
    number_sealed TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS webhook (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    queue TEXT NOT NULL,
    url TEXT NOT NULL,
    form_sealed TEXT NOT NULL,
    token TEXT NOT NULL,
    due_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    lease_until REAL NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'waiting'
);
CREATE INDEX IF NOT EXISTS webhook_waiting ON webhook (kind, seq) WHERE state = 'waiting';
"""


class SimulatorFile:
    """One SQLite file in WAL mode, so that a killed process loses nothing that was committed.

    Several processes may hold the same file; in one process every transaction waits for the one before.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._turn = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end, rolled back when anything is raised."""
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection for reading, to this thread alone."""
        with self._turn:
            yield self._connection

    def close(self) -> None:
        """Close the file. Nothing can be read or written afterwards."""
        with self._turn:
            self._connection.close()
