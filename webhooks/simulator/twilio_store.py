"""What the simulated Twilio knows: messages, who is blocked, which phones exist, which webhooks wait.

Everything stands in one SQLite file and every change is one transaction, so that a process killed at any
moment neither loses nor doubles anything when it starts again.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import Clock, SystemClock
from bot.core.segments import segments
from webhooks.simulator.opt_out import REPLIES, OptOutWord, word_of
from webhooks.simulator.phone_book import PhoneBook
from webhooks.simulator.sealing import NoSealing, Sealing
from webhooks.simulator.simulator_file import SimulatorFile
from webhooks.simulator.twilio_message import AUTO_REPLY, INBOUND, OUTBOUND, TwilioMessage
from webhooks.simulator.webhook_queue import WebhookQueue

BODY_PLACE = "simulator.body"
PERSON_PLACE = "simulator.person"
FIRST_STEP_AFTER = 0.15


class TwilioStore:
    """The messages and blocks of one simulated account.

    ``clock`` dates the messages (it may be virtual), ``wall`` paces receipts and webhooks, ``new_sid`` makes
    the 32 hexadecimal digits of a SID.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock | None = None,
        sealing: Sealing | None = None,
        wall: Callable[[], float] = lambda: SystemClock().now().timestamp(),
        new_sid: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self.file = SimulatorFile(path)
        self.sealing = sealing or NoSealing()
        self.wall = wall
        self.webhooks = WebhookQueue(self.file, self.sealing, wall)
        self.phones = PhoneBook(self.file, self.sealing)
        self._clock = clock or SystemClock()
        self._new_sid = new_sid

    def accept(
        self,
        to: str,
        sender: str,
        body: str,
        *,
        service_sid: str | None = None,
        status_callback: str | None = None,
        send_at: datetime | None = None,
    ) -> TwilioMessage:
        """Keep a message that the application asked to have sent; receipts follow."""
        status = "scheduled" if send_at else "accepted" if service_sid else "queued"
        with self.file.write() as db:
            sid = self._insert(db, OUTBOUND, to, sender, body, status, service_sid=service_sid)
            step_at = None if send_at else self.wall() + FIRST_STEP_AFTER
            db.execute(
                "UPDATE message SET status_callback = ?, send_at = ?, step_at = ? WHERE sid = ?",
                (status_callback, _text(send_at), step_at, sid),
            )
        return self.get(sid)

    def receive(
        self,
        db: sqlite3.Connection,
        person: str,
        sender: str,
        body: str,
        num_media: int = 0,
        service_sid: str | None = None,
    ) -> tuple[str, OptOutWord | None]:
        """Keep a text from ``person`` within the transaction ``db``, doing what Twilio does with its words.

        Gives the SID and the word (STOP, START or HELP) that Twilio answered by itself.
        """
        word = word_of(body, self._is_blocked(db, person, sender))
        sid = self._insert(db, INBOUND, person, sender, body, "received", service_sid=service_sid, num_media=num_media)
        if word is not None:
            self._obey(db, word, person, sender)
        return sid, word

    def get(self, sid: str) -> TwilioMessage:
        """The message. Raises ``KeyError`` when there is none with this SID."""
        with self.file.read() as db:
            row = db.execute("SELECT * FROM message WHERE sid = ?", (sid,)).fetchone()
        if row is None:
            raise KeyError(sid)
        return self.message_of(row)

    def newest(self, to: str | None = None, from_: str | None = None) -> list[TwilioMessage]:
        """All messages, newest first, of one receiver, one sender, or both."""
        where, values = ["1=1"], []
        for address, outward in ((to, True), (from_, False)):
            if address is not None:
                person_side = "direction != 'inbound'" if outward else "direction = 'inbound'"
                where.append(f"((person_hash = ? AND {person_side}) OR (sender = ? AND NOT {person_side}))")
                values += [self.sealing.number_hash(address), address]
        with self.file.read() as db:
            rows = db.execute(f"SELECT * FROM message WHERE {' AND '.join(where)} ORDER BY seq DESC", values).fetchall()
        return [self.message_of(row) for row in rows]

    def thread(self, person: str, last: int = 200) -> list[TwilioMessage]:
        """What this person wrote and was sent, oldest first, at most the ``last`` so many."""
        with self.file.read() as db:
            rows = db.execute(
                "SELECT * FROM message WHERE person_hash = ? AND status NOT IN ('scheduled', 'canceled')"
                " ORDER BY seq DESC LIMIT ?",
                (self.sealing.number_hash(person), last),
            ).fetchall()
        return [self.message_of(row) for row in reversed(rows)]

    def change(self, sid: str, *, body: str | None = None, status: str | None = None) -> TwilioMessage:
        """Redact or cancel. Raises ``KeyError`` when there is no such message."""
        with self.file.write() as db:
            if body is not None:
                db.execute("UPDATE message SET body_sealed = ? WHERE sid = ?", (self._seal_body(body), sid))
            if status is not None:
                db.execute("UPDATE message SET status = ?, step_at = NULL WHERE sid = ?", (status, sid))
            db.execute("UPDATE message SET updated_at = ? WHERE sid = ?", (self._now(), sid))
        return self.get(sid)

    def delete(self, sid: str) -> None:
        """Forget a message. Deleting twice is harmless."""
        with self.file.write() as db:
            db.execute("DELETE FROM message WHERE sid = ?", (sid,))

    def is_blocked(self, person: str, sender: str) -> bool:
        """Whether this person told this sender STOP and has not come back."""
        with self.file.read() as db:
            return self._is_blocked(db, person, sender)

    def message_of(self, row: sqlite3.Row) -> TwilioMessage:
        """The message that a row of the table holds."""
        return TwilioMessage(
            sid=row["sid"],
            direction=row["direction"],
            person=self.sealing.open(row["person_sealed"], PERSON_PLACE),
            sender=row["sender"],
            service_sid=row["service_sid"],
            body=self.sealing.open(row["body_sealed"], BODY_PLACE),
            num_media=row["num_media"],
            segments=row["segments"],
            status=row["status"],
            error_code=row["error_code"],
            status_callback=row["status_callback"],
            send_at=_time(row["send_at"]),
            created_at=datetime.fromisoformat(row["created_at"]),
            sent_at=_time(row["sent_at"]),
            updated_at=datetime.fromisoformat(row["updated_at"]),
        )

    def now_text(self) -> str:
        """The account's time as it is written in the file."""
        return self._now()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def _insert(
        self,
        db: sqlite3.Connection,
        direction: str,
        person: str,
        sender: str,
        body: str,
        status: str,
        *,
        service_sid: str | None = None,
        num_media: int = 0,
    ) -> str:
        sid, now = ("MM" if num_media else "SM") + self._new_sid(), self._now()
        row = {
            "sid": sid,
            "direction": direction,
            "person_hash": self.sealing.number_hash(person),
            "person_sealed": self.sealing.seal(person, PERSON_PLACE),
            "sender": sender,
            "service_sid": service_sid,
            "body_sealed": self._seal_body(body),
            "num_media": num_media,
            "segments": segments(body),
            "status": status,
            "created_at": now,
            "sent_at": None if direction == OUTBOUND else now,
            "updated_at": now,
        }
        places = ", ".join(f":{name}" for name in row)
        db.execute(f"INSERT INTO message ({', '.join(row)}) VALUES ({places})", row)
        return sid

    def _obey(self, db: sqlite3.Connection, word: OptOutWord, person: str, sender: str) -> None:
        pair = (self.sealing.number_hash(person), sender)
        if word == "stop":
            db.execute("INSERT OR IGNORE INTO block VALUES (?, ?)", pair)
        if word == "start":
            db.execute("DELETE FROM block WHERE person_hash = ? AND sender = ?", pair)
        self._insert(db, AUTO_REPLY, person, sender, REPLIES[word], "delivered")

    def _is_blocked(self, db: sqlite3.Connection, person: str, sender: str) -> bool:
        pair = (self.sealing.number_hash(person), sender)
        return db.execute("SELECT 1 FROM block WHERE person_hash = ? AND sender = ?", pair).fetchone() is not None

    def _seal_body(self, body: str) -> str:
        return self.sealing.seal(body, BODY_PLACE)

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).isoformat()


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
