"""The outbox: in the order of the phone, urgent first, never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store import outbox
from bot.store.database import Database
from bot.store.errors import LeaseLost
from tests.store.building import JOSE, LEASE, MARIA, Thread, a_reply, a_thread, at_once, in_one
from tests.world import StandingClock


@pytest.fixture
def maria(db: Database) -> Thread:
    """Somebody to text."""
    with db.write() as tx:
        return a_thread(tx)


@pytest.fixture
def jose(db: Database) -> Thread:
    """Somebody else to text."""
    with db.write() as tx:
        return a_thread(tx, JOSE)


def queue(db: Database, thread: Thread, body: str, priority: int = 0, *, after_opt_out: bool = False) -> str:
    """Queue one text in a transaction of its own."""
    with db.write() as tx:
        return a_reply(tx, thread, body, priority, after_opt_out=after_opt_out)


def claim(db: Database) -> outbox.ClaimedMessage:
    """Claim what must be there."""
    claimed = outbox.claim(db, "s1", LEASE)
    assert claimed is not None
    return claimed


def send(db: Database, claimed: outbox.ClaimedMessage) -> None:
    """Send a claimed message as the sender does."""
    in_one(db, lambda tx: outbox.mark_attempted(tx, claimed))
    in_one(db, lambda tx: outbox.handed_over(tx, claimed.id, f"SM-of-{claimed.id}", "queued"))


def states(db: Database, thread: Thread) -> dict[str, str]:
    """What history says of each text."""
    with db.read() as tx:
        return {m.body: m.status for m in outbox.history(tx, thread.patient_id, None, 100).items}


def test_a_claim_gives_the_text_and_the_number(db: Database, maria: Thread) -> None:
    """What was queued is what the sender reads, with the number to send it to."""
    message_id = queue(db, maria, "¿listo?")
    claimed = claim(db)
    assert (claimed.id, claimed.body, claimed.to_address) == (message_id, "¿listo?", MARIA)
    assert (claimed.attempts, claimed.attempted_at, claimed.owner) == (1, None, "s1")
    assert claimed.number_hash == db.vault.number_hash(MARIA)


def test_urgent_first_then_in_order_and_one_at_a_time_for_a_phone(db: Database, maria: Thread, jose: Thread) -> None:
    """Replies go before bulk, each phone keeps its order, and a phone has one message in the air."""
    queue(db, maria, "bulk", priority=1)
    queue(db, jose, "first")
    queue(db, jose, "second")
    queue(db, maria, "reply")
    got = []
    for _ in range(2):
        pair = [claim(db), claim(db)]
        assert outbox.claim(db, "s2", LEASE) is None
        got.append({c.body for c in pair})
        for claimed in pair:
            send(db, claimed)
    assert got == [{"first", "reply"}, {"second", "bulk"}]


def test_an_urgent_message_does_not_wait_for_bulk_that_waits(db: Database, maria: Thread, clock: StandingClock) -> None:
    """Bulk put back until tomorrow does not keep a reply from its person."""
    queue(db, maria, "bulk", priority=1)
    bulk = claim(db)
    in_one(db, lambda tx: outbox.retry_later(tx, bulk, clock.now() + timedelta(days=1)))
    queue(db, maria, "reply")
    assert claim(db).body == "reply"


def test_a_retry_is_not_overtaken(db: Database, maria: Thread, clock: StandingClock) -> None:
    """Part two of an answer never comes before part one."""
    queue(db, maria, "one")
    queue(db, maria, "two")
    one = claim(db)
    in_one(db, lambda tx: outbox.retry_later(tx, one, clock.now() + timedelta(seconds=9), error_code=20429))
    assert outbox.claim(db, "s1", LEASE) is None
    clock.advance(seconds=9)
    again = claim(db)
    assert (again.body, again.attempts, again.attempted_at) == ("one", 2, None)


def test_an_unknown_outcome_is_settled_before_anything_else(db: Database, maria: Thread, clock: StandingClock) -> None:
    """After a time-out even an urgent text waits until the message was looked up, and the claim says so."""
    queue(db, maria, "bulk", priority=1)
    bulk = claim(db)
    in_one(db, lambda tx: outbox.mark_attempted(tx, bulk))
    later = clock.now() + timedelta(seconds=9)
    in_one(db, lambda tx: outbox.retry_later(tx, bulk, later, outcome_unknown=True, count_attempt=False))
    queue(db, maria, "reply")
    assert outbox.claim(db, "s1", LEASE) is None
    clock.advance(seconds=9)
    again = claim(db)
    assert (again.body, again.attempts, again.attempted_at) == ("bulk", 1, clock.now() - timedelta(seconds=9))


def test_a_sender_that_died_after_its_attempt_leaves_an_unknown_outcome(
    db: Database, maria: Thread, clock: StandingClock
) -> None:
    """The next sender sees that a request may have been made; the late one can change nothing."""
    queue(db, maria, "hello")
    late = claim(db)
    in_one(db, lambda tx: outbox.mark_attempted(tx, late))
    clock.advance(minutes=1)
    again = claim(db)
    assert (again.id, again.attempts) == (late.id, 2)
    assert again.attempted_at is not None
    for leave in (outbox.refused, lambda tx, c: outbox.failed(tx, c, 1), outbox.mark_attempted):
        with pytest.raises(LeaseLost):
            in_one(db, lambda tx, leave=leave: leave(tx, late))  # type: ignore[misc]


def test_what_twilio_took_is_recorded_whoever_holds_the_lease(
    db: Database, maria: Thread, clock: StandingClock
) -> None:
    """A late sender's success is a fact: recorded once, and the message is never claimed again."""
    queue(db, maria, "hello")
    late = claim(db)
    clock.advance(minutes=1)
    claim(db)
    with db.write() as tx:
        assert outbox.handed_over(tx, late.id, "SM1", "queued")
        assert not outbox.handed_over(tx, late.id, "SM2", "queued")
    clock.advance(minutes=1)
    assert outbox.claim(db, "s1", LEASE) is None
    assert states(db, maria) == {"hello": "queued"}


def test_ready_can_say_no(db: Database, maria: Thread) -> None:
    """When the token bucket is empty nothing is claimed, and no attempt is counted."""
    queue(db, maria, "hello")
    assert outbox.claim(db, "s1", LEASE, lambda message: message.segments > 1) is None
    claimed = outbox.claim(db, "s1", LEASE, lambda message: message.segments == 1)
    assert claimed is not None
    assert claimed.attempts == 1


def test_stop_cancels_what_waits(db: Database, maria: Thread, jose: Thread) -> None:
    """Everything queued for the phone goes, but not what may be at Twilio, nor what may follow an opt-out."""
    queue(db, maria, "tried")
    tried = claim(db)
    in_one(db, lambda tx: outbox.mark_attempted(tx, tried))
    for body in ("one", "two"):
        queue(db, maria, body)
    queue(db, maria, "crisis", after_opt_out=True)
    queue(db, jose, "other")
    with db.write() as tx:
        assert outbox.cancel_for_phone(tx, maria.phone_id) == 2
    expected = {"tried": "claimed", "one": "cancelled", "two": "cancelled", "crisis": "waiting"}
    assert states(db, maria) == expected
    assert states(db, jose) == {"other": "waiting"}


def test_a_cancelled_message_is_not_sent_by_who_held_it(db: Database, maria: Thread) -> None:
    """STOP between the claim and the request: the sender is told before it makes the request."""
    queue(db, maria, "hello")
    claimed = claim(db)
    in_one(db, lambda tx: outbox.cancel_for_phone(tx, maria.phone_id))
    with pytest.raises(LeaseLost):
        in_one(db, lambda tx: outbox.mark_attempted(tx, claimed))


def test_refused_and_failed_end_a_message(db: Database, maria: Thread) -> None:
    """The gate's no and Twilio's final no are not tried again, and the next text goes on."""
    for body in ("refused", "failed", "next"):
        queue(db, maria, body)
    first = claim(db)
    in_one(db, lambda tx: outbox.refused(tx, first))
    second = claim(db)
    in_one(db, lambda tx: outbox.failed(tx, second, 21211))
    assert claim(db).body == "next"
    with db.read() as tx:
        codes = {m.body: m.error_code for m in outbox.history(tx, maria.patient_id, None, 10).items}
    assert codes == {"refused": None, "failed": 21211, "next": None}


def test_four_senders_send_everything_once_and_in_order(db: Database, maria: Thread, jose: Thread) -> None:
    """Twenty texts to two phones, four senders: each text once, each phone in order."""
    for i in range(20):
        queue(db, (maria, jose)[i % 2], f"{i:02d}")
    sent: list[tuple[str, str]] = []

    def work(_: int) -> None:
        while (claimed := outbox.claim(db, "s", LEASE)) or _waiting(db):
            if claimed:
                sent.append((claimed.to_address, claimed.body))
                send(db, claimed)

    at_once(4, work)
    assert [body for number, body in sent if number == MARIA] == [f"{i:02d}" for i in range(0, 20, 2)]
    assert [body for number, body in sent if number == JOSE] == [f"{i:02d}" for i in range(1, 20, 2)]


def test_a_cancelled_campaign_takes_its_messages_back(db: Database, maria: Thread) -> None:
    """What was queued for an enrolment and not tried yet is cancelled."""
    with db.write() as tx:
        outbox.put(
            tx,
            conversation_id=maria.conversation_id,
            patient_id=maria.patient_id,
            phone_id=maria.phone_id,
            inbound_id=None,
            channel="sms",
            body="invitation",
            purpose="invitation",
            segments=1,
            proactive=True,
            enrolment_id="enr_1",
        )
        assert outbox.cancel_enrolment(tx, "enr_1") == 1
        assert outbox.oldest_waiting(tx) is None


def _waiting(db: Database) -> bool:
    with db.read() as tx:
        return bool(outbox.counts(tx))
