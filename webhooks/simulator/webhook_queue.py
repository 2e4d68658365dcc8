"""Webhooks that the simulated Twilio still has to make, in order, and what became of them."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from webhooks.simulator.sealing import Sealing
from webhooks.simulator.simulator_file import SimulatorFile

Kind = Literal["inbound", "status"]

FORM_PLACE = "simulator.form"
LEASE_SECONDS = 20.0
NEXT = """
SELECT * FROM webhook AS w WHERE kind = ? AND state = 'waiting' AND due_at <= ? AND lease_until <= ?
AND NOT EXISTS (SELECT 1 FROM webhook AS e WHERE e.state = 'waiting' AND e.queue = w.queue AND e.seq < w.seq)
ORDER BY seq LIMIT 1
"""


@dataclass(frozen=True)
class PendingWebhook:
    """A request to make: a form to ``url``. ``token`` is the same in every try, ``tries`` counts those before."""

    seq: int
    kind: Kind
    url: str
    form: Mapping[str, str]
    token: str
    tries: int


class WebhookQueue:
    """The waiting requests. Of one ``queue`` (a person's texts, a message's receipts) only the oldest is given out."""

    def __init__(self, file: SimulatorFile, sealing: Sealing, wall: Callable[[], float]) -> None:
        self._file = file
        self._sealing = sealing
        self._wall = wall

    def put(self, db: sqlite3.Connection, kind: Kind, queue: str, url: str, form: Mapping[str, str]) -> None:
        """Add a request within the transaction ``db``."""
        sealed = self._sealing.seal(json.dumps(dict(form)), FORM_PLACE)
        db.execute(
            "INSERT INTO webhook (kind, queue, url, form_sealed, token, due_at) VALUES (?, ?, ?, ?, ?, ?)",
            (kind, queue, url, sealed, str(uuid.uuid4()), self._wall()),
        )

    def claim(self, kind: Kind) -> PendingWebhook | None:
        """The oldest request of this kind that is due, leased for a while; None when there is none."""
        now = self._wall()
        # Looking takes no lock; most of the time there is nothing.
        with self._file.read() as db:
            if db.execute(NEXT, (kind, now, now)).fetchone() is None:
                return None
        with self._file.write() as db:
            row = db.execute(NEXT, (kind, now, now)).fetchone()
            if row is None:
                return None
            db.execute("UPDATE webhook SET lease_until = ? WHERE seq = ?", (now + LEASE_SECONDS, row["seq"]))
        form = json.loads(self._sealing.open(row["form_sealed"], FORM_PLACE))
        return PendingWebhook(row["seq"], kind, row["url"], form, row["token"], row["tries"])

    def done(self, webhook: PendingWebhook) -> None:
        """Answered well: forget it."""
        with self._file.write() as db:
            db.execute("DELETE FROM webhook WHERE seq = ?", (webhook.seq,))

    def again(self, webhook: PendingWebhook, after: float, counted: bool = True) -> None:
        """Try once more ``after`` seconds; ``counted`` says whether this try was one of the few."""
        with self._file.write() as db:
            db.execute(
                "UPDATE webhook SET due_at = ?, lease_until = 0, tries = tries + ? WHERE seq = ?",
                (self._wall() + after, int(counted), webhook.seq),
            )

    def give_up(self, webhook: PendingWebhook) -> None:
        """Tried often enough. Kept, so that a test or a person can see that it was lost."""
        with self._file.write() as db:
            db.execute("UPDATE webhook SET state = 'given_up' WHERE seq = ?", (webhook.seq,))

    def forget_leases(self) -> None:
        """Make requests that a killed process was making free at once. Only where one process holds the file."""
        with self._file.write() as db:
            db.execute("UPDATE webhook SET lease_until = 0")

    def waiting(self, kind: Kind | None = None) -> int:
        """How many requests are still to be made."""
        return self._count("waiting", kind)

    def waiting_in(self, queue: str) -> int:
        """How many requests of one queue are still to be made."""
        with self._file.read() as db:
            found = db.execute(
                "SELECT count(*) FROM webhook WHERE state = 'waiting' AND queue = ?", (queue,)
            ).fetchone()
        return int(found[0])

    def given_up(self, kind: Kind | None = None) -> int:
        """How many requests were never answered well."""
        return self._count("given_up", kind)

    def _count(self, state: str, kind: Kind | None) -> int:
        with self._file.read() as db:
            found = db.execute(
                "SELECT count(*) FROM webhook WHERE state = ? AND kind = coalesce(?, kind)", (state, kind)
            ).fetchone()
        return int(found[0])
