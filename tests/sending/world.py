"""A world to send in: people with phones, an outbox, a Twilio, a clock that is moved by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.adapters.memory_buckets import MemoryBuckets
from bot.adapters.memory_locks import MemoryLocks
from bot.adapters.memory_messages import MemoryMessages
from bot.adapters.memory_wakeups import MemoryWakeups
from bot.adapters.twilio_messages import MessagesApi
from bot.bootstrap import Deps
from bot.core.segments import segments
from bot.ids import new_id
from bot.sending.receipts import apply_waiting
from bot.sending.sender import Sender
from bot.settings import Settings
from bot.store import consents, conversations, outbox, patients, phones, receipts, suppressions
from bot.store.database import Database
from bot.store.tables import Message
from tests.world import START, StandingClock

# The sender needs neither content nor dialog.
NOT_USED: Any = None


@dataclass(frozen=True)
class Person:
    """Somebody with a phone and a conversation."""

    patient_id: str
    phone_id: str
    conversation_id: str
    number: str


@dataclass
class World:
    """Everything around the sender. ``rate`` is in segments a second, by the standing clock."""

    db: Database
    clock: StandingClock
    settings: Settings
    rate: float = 1000.0
    burst: float = 1000.0
    api: MessagesApi | None = None
    numbers: Any = field(default_factory=lambda: itertools.count(2025550101))

    def __post_init__(self) -> None:
        self.twilio = MemoryMessages(self.clock.now)
        self.buckets = MemoryBuckets(self.rate, self.burst, self.seconds)

    def seconds(self) -> float:
        """The clock as a number."""
        return (self.clock.now() - START).total_seconds()

    @property
    def deps(self) -> Deps:
        """What a process would be given."""
        return Deps(
            settings=self.settings,
            clock=self.clock,
            new_id=new_id,
            db=self.db,
            vault=self.db.vault,
            content=NOT_USED,
            dialog=NOT_USED,
            twilio=self.api or self.twilio,
            wakeups=MemoryWakeups(),
            buckets=self.buckets,
            locks=MemoryLocks(),
        )

    def sender(self, **options: Any) -> Sender:
        """A sender of its own, without jitter, that goes by the standing clock. Parts of its world may be replaced."""
        parts = {name: options.pop(name) for name in ("db", "twilio") if name in options}
        return Sender(replace(self.deps, **parts), **{"jitter": lambda: 0.0, "monotonic": self.seconds, **options})

    def person(self, *, consent: bool | None = True, address: str | None = None) -> Person:
        """A new patient with a phone and a conversation."""
        number = address or f"+1{next(self.numbers)}"
        with self.db.write() as tx:
            phone = phones.find_or_create(tx, number)
            patient = patients.create_texter(tx, phone.id, "en")
            conversation = conversations.find_or_create(tx, phone.id, patient.id, "en")
            if consent is not None:
                consents.record(
                    tx, patient_id=patient.id, phone_id=phone.id, granted=consent, method="sms",
                    text_version=None, channel="sms", at=tx.now(),
                )  # fmt: skip
        return Person(patient.id, phone.id, conversation.id, number)

    def queue(self, person: Person, body: str = "Hello.", **options: Any) -> str:
        """A message in the outbox; a reply unless told otherwise."""
        given = {"inbound_id": None, "channel": "sms", "purpose": "said", "segments": segments(body), **options}
        with self.db.write() as tx:
            return outbox.put(
                tx,
                conversation_id=person.conversation_id,
                patient_id=person.patient_id,
                phone_id=person.phone_id,
                body=body,
                **given,
            )

    def send_all(self, sender: Sender | None = None) -> int:
        """Let a sender work until it has nothing to do at this moment; how many messages it dealt with."""
        sender = sender or self.sender()
        return sum(1 for _ in iter(sender.send_one, False))

    def send_until_settled(self, sender: Sender | None = None, steps: int = 400, **step: float) -> None:
        """Send and move the clock on, again and again, so that every wait ends."""
        sender = sender or self.sender()
        for _ in range(steps):
            self.send_all(sender)
            self.clock.advance(**(step or {"seconds": 5}))

    def row(self, message_id: str) -> Message:
        """The message as it stands."""
        with self.db.read() as tx:
            return tx.session.query(Message).filter(Message.id == message_id).one()

    def suppressions(self, person: Person) -> set[str]:
        """Why the person's number must not be texted."""
        with self.db.read() as tx:
            return suppressions.kinds(tx, phones.get(tx, person.phone_id).number_hash)

    def opt_out(self, person: Person) -> int:
        """The person says stop: as a turn does it."""
        with self.db.write() as tx:
            suppressions.add(tx, phones.get(tx, person.phone_id).number_hash, "opted_out", "keyword")
            return outbox.cancel_for_phone(tx, person.phone_id)

    def receipt(self, sid: str, status: str, code: int | None = None, message_id: str | None = None) -> None:
        """A receipt comes in."""
        with self.db.write() as tx:
            receipts.store(
                tx, message_sid=sid, message_id=message_id, status=status, error_code=code, received_at=tx.now()
            )

    def apply_receipts(self) -> int:
        """Apply what waits."""
        return apply_waiting(self.deps)

    def bodies(self) -> list[str]:
        """What Twilio has, in order."""
        return [kept.body for kept in self.twilio.kept]


MakeWorld = Callable[..., World]
