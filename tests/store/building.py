"""What most tests of the store begin with: a person with a phone, a text, a reply."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

from bot.store import conversations, inbound, outbox, patients, phones
from bot.store.database import Database, Transaction

T = TypeVar("T")
LEASE = timedelta(seconds=30)
MARIA = "+12025550123"
JOSE = "+12025550124"


@dataclass(frozen=True)
class Thread:
    """The ids of a person, the phone and the conversation."""

    phone_id: str
    patient_id: str
    conversation_id: str


def a_thread(tx: Transaction, number: str = MARIA) -> Thread:
    """Somebody who texted in from ``number``."""
    phone = phones.find_or_create(tx, number)
    patient = patients.create_texter(tx, phone.id)
    conversation = conversations.find_or_create(tx, phone.id, patient.id, "en")
    return Thread(phone.id, patient.id, conversation.id)


def a_text(tx: Transaction, sid: str, number: str = MARIA, body: str = "hello") -> str | None:
    """Store a text as the webhook does."""
    return inbound.store(
        tx,
        message_sid=sid,
        kind="text",
        channel="sms",
        from_address=number,
        to_address="+12025550100",
        body=body,
        received_at=tx.now(),
    )


def a_reply(
    tx: Transaction, thread: Thread, body: str = "hi", priority: int = 0, *, after_opt_out: bool = False
) -> str:
    """Queue a text to the thread."""
    return outbox.put(
        tx,
        conversation_id=thread.conversation_id,
        patient_id=thread.patient_id,
        phone_id=thread.phone_id,
        inbound_id=None,
        channel="sms",
        body=body,
        purpose="greeting",
        segments=1,
        priority=priority,
        after_opt_out=after_opt_out,
    )


def in_one(db: Database, *steps: Callable[[Transaction], object]) -> None:
    """Take the steps in one writing transaction."""
    with db.write() as tx:
        for step in steps:
            step(tx)


def at_once(times: int, work: Callable[[int], T]) -> list[T]:
    """What ``work(0)``, ``work(1)`` … give when all start in the same instant, each in a thread."""
    start = Barrier(times)

    def run(number: int) -> T:
        start.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
