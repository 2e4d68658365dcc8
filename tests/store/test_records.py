"""Escalations, suppressions, audit, tokens, idempotent answers, receipts, the virtual clock's offset."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.store import (
    audit,
    clock_offset,
    escalations,
    idempotency,
    inbound,
    outbox,
    receipts,
    suppressions,
    tokens,
)
from bot.store.database import Database, Transaction
from bot.store.errors import KeyReused, NotFound, RequestInProgress, WrongState
from tests.store.building import LEASE, a_reply, a_text, a_thread, at_once, in_one
from tests.world import StandingClock

HASH = "a" * 64


def an_escalation(tx: Transaction, kind: str = "crisis", note: str | None = None) -> str:
    """A case to look at now."""
    return escalations.create(
        tx, patient_id="c-1", conversation_id=None, inbound_id=None, kind=kind, urgency="now", note=note
    )


def test_an_escalation_is_claimed_by_one_and_resolved_once(db: Database) -> None:
    """Of two workers the first has it; claiming one's own again is harmless; resolved is the end."""
    with db.write() as tx:
        case = an_escalation(tx, note="ñ")
        assert escalations.claim(tx, case, "ana").claimed_by == "ana"
        assert escalations.claim(tx, case, "ana").state == "claimed"
        with pytest.raises(WrongState, match="claimed"):
            escalations.claim(tx, case, "ben")
        assert escalations.resolve(tx, case).note == "ñ"
        assert escalations.get(tx, case).state == "resolved"
        with pytest.raises(WrongState, match="resolved"):
            escalations.resolve(tx, case, "again")
        with pytest.raises(WrongState, match="resolved"):
            escalations.claim(tx, case, "ana")
        with pytest.raises(NotFound):
            escalations.claim(tx, "none", "ana")


def test_eight_claims_of_one_escalation(db: Database) -> None:
    """Eight people click at once: one has the case."""
    with db.write() as tx:
        case = an_escalation(tx)

    def click(number: int) -> bool:
        try:
            in_one(db, lambda tx: escalations.claim(tx, case, f"user{number}"))
        except WrongState:
            return False
        return True

    assert sum(at_once(8, click)) == 1


def test_the_queue_in_pages_and_by_state(db: Database) -> None:
    """The oldest first, each once; only those of the state asked for; an unresolved one of a kind is found."""
    with db.write() as tx:
        cases = [an_escalation(tx, "crisis" if i else "danger", f"note {i}") for i in range(5)]
        escalations.resolve(tx, cases[2], "done")
        first = escalations.list_page(tx, None, 3, "open")
        second = escalations.list_page(tx, first.next, 3, "open")
        assert [c.id for c in first.items + second.items] == [c for c in cases if c != cases[2]]
        assert second.next is None
        assert len(escalations.list_page(tx, None, 9).items) == 5
        found = escalations.unresolved(tx, "c-1", "danger")
        assert found is not None
        assert (found.id, found.note) == (cases[0], "note 0")
        assert escalations.unresolved(tx, "c-1", "wrong_person") is None


def test_suppressions_add_up_and_are_lifted_one_by_one(db: Database) -> None:
    """A number may be suppressed for several reasons, each once."""
    with db.write() as tx:
        assert suppressions.add(tx, HASH, "opted_out", "keyword")
        assert not suppressions.add(tx, HASH, "opted_out", "21610")
        assert suppressions.add(tx, HASH, "undeliverable", "30005")
        assert suppressions.kinds(tx, HASH) == {"opted_out", "undeliverable"}
        assert suppressions.lift(tx, HASH, "opted_out")
        assert not suppressions.lift(tx, HASH, "opted_out")
        assert suppressions.kinds(tx, HASH) == {"undeliverable"}
        assert suppressions.kinds(tx, "b" * 64) == set()


def test_the_audit_tells_what_happened_in_order(db: Database, clock: StandingClock) -> None:
    """Actor, action and detail are kept in the order of recording."""
    with db.write() as tx:
        audit.record(tx, "token:1", "patient_created", "patient", "c-1")
        audit.record(tx, "twilio", "opted_out", "patient", "c-1", code=21610)
        audit.record(tx, "twilio", "opted_out", "patient", "c-2")
        entries = audit.of_subject(tx, "patient", "c-1")
    assert [(e.actor, e.action, e.detail) for e in entries] == [
        ("token:1", "patient_created", {}),
        ("twilio", "opted_out", {"code": 21610}),
    ]
    assert entries[0].at == clock.now()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 1",
        "TRUNCATE audit",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'nobody', action, subject_type, subject_id, detail FROM audit",
    ],
)
def test_the_audit_cannot_be_changed(db: Database, attack: str) -> None:
    """Not by any statement of SQL either: the database refuses it."""
    in_one(db, lambda tx: audit.record(tx, "cli", "patient_erased", "patient", "c-1"))
    with pytest.raises(DBAPIError):
        in_one(db, lambda tx: tx.session.execute(text(attack)))
    with db.read() as tx:
        assert [e.actor for e in audit.of_subject(tx, "patient", "c-1")] == ["cli"]


def test_a_token_is_known_by_its_secret_until_revoked(db: Database) -> None:
    """The secret is shown once and kept nowhere; a revoked token is as good as none."""
    with db.write() as tx:
        token_id, secret = tokens.create(tx, "clinic one", "clinic")
        assert secret.startswith("ft_")
        assert len(secret) > 40
        token = tokens.verify(tx, secret)
        assert token is not None
        assert (token.id, token.name, token.role) == (token_id, "clinic one", "clinic")
        for wrong in ("", "ft_", secret[:-1], secret + "A", "\ud800"):
            assert tokens.verify(tx, wrong) is None
        assert tokens.revoke(tx, token_id)
        assert not tokens.revoke(tx, token_id)
        assert tokens.verify(tx, secret) is None
        assert [t.revoked_at is not None for t in tokens.list_all(tx)] == [True]
        kept = str(tx.session.execute(text("SELECT * FROM api_token")).all())
    assert secret not in kept


def test_a_repeated_request_gets_the_first_answer(db: Database) -> None:
    """The same key and request answer as before, another token may use the same key, another request may not."""
    with db.write() as tx:
        assert idempotency.begin(tx, "tok_1", "key", "digest") is None
        idempotency.finish(tx, "tok_1", "key", 201, '{"id": "c-1"}')
        reply = idempotency.begin(tx, "tok_1", "key", "digest")
        assert reply == idempotency.StoredReply(201, '{"id": "c-1"}')
        assert idempotency.begin(tx, "tok_2", "key", "digest") is None
        with pytest.raises(KeyReused):
            idempotency.begin(tx, "tok_1", "key", "another")
        with pytest.raises(NotFound):
            idempotency.finish(tx, "tok_3", "key", 200, "")


def test_the_answers_that_name_a_patient_can_be_found(db: Database) -> None:
    """Whatever the id looks like in JSON, the answers that name it are deleted and the others stay."""
    ids = ("c-1", "ñ/7", 'a"b')
    with db.write() as tx:
        for number, patient_id in enumerate(ids):
            idempotency.begin(tx, "tok_1", f"key{number}", "digest")
            idempotency.finish(tx, "tok_1", f"key{number}", 200, json.dumps({"id": patient_id}))
        idempotency.begin(tx, "tok_1", "raw", "digest")
        idempotency.finish(tx, "tok_1", "raw", 200, '{"id": "ñ/7"}')
        assert [idempotency.forget_mentions(tx, patient_id) for patient_id in ("c-9", *ids)] == [0, 1, 2, 1]


def test_a_request_in_progress(db: Database, clock: StandingClock) -> None:
    """A second one is refused while the first is at work; it may go ahead when that was abandoned or died."""
    with db.write() as tx:
        idempotency.begin(tx, "tok_1", "key", "digest")
    with db.write() as tx:
        with pytest.raises(RequestInProgress):
            idempotency.begin(tx, "tok_1", "key", "digest")
        clock.advance(minutes=2)
        assert idempotency.begin(tx, "tok_1", "key", "digest") is None
        with pytest.raises(RequestInProgress):
            idempotency.begin(tx, "tok_1", "key", "digest")
        idempotency.abandon(tx, "tok_1", "key")
        assert idempotency.begin(tx, "tok_1", "key", "digest") is None
        assert idempotency.prune(tx, clock.now() + timedelta(seconds=1)) == 1


def test_eight_requests_with_one_key_are_done_once(db: Database) -> None:
    """Begun and finished in one transaction, the others wait and get its answer."""

    def request(number: int) -> str:
        with db.write() as tx:
            earlier = idempotency.begin(tx, "tok_1", "key", "digest")
            if earlier is not None:
                return earlier.body
            idempotency.finish(tx, "tok_1", "key", 201, f"made by {number}")
            return f"made by {number}"

    assert len(set(at_once(8, request))) == 1


def test_receipts_wait_for_their_message(db: Database, clock: StandingClock) -> None:
    """A receipt that overtakes the answer of the create call is found by our id, and applied once."""
    with db.write() as tx:
        message_id = a_reply(tx, a_thread(tx))
        for status, code in (("delivered", None), ("failed", 30003)):
            receipts.store(
                tx,
                message_sid="SM1",
                message_id=message_id if status == "delivered" else None,
                status=status,
                error_code=code,
                received_at=clock.now(),
            )
        assert receipts.message_for(tx, "SM1", None) is None
        sent = receipts.message_for(tx, "SM1", message_id)
        assert sent is not None
        assert (sent.id, sent.twilio_sid, sent.status) == (message_id, None, None)
    claimed = outbox.claim(db, "s1", LEASE)
    assert claimed is not None
    with db.write() as tx:
        outbox.handed_over(tx, message_id, "SM1", "queued")
        waiting = receipts.waiting_for(tx, "SM1", message_id)
        assert [(r.status, r.error_code) for r in waiting] == [("delivered", None), ("failed", 30003)]
        receipts.set_status(tx, message_id, "delivered", None)
        receipts.mark_applied(tx, [waiting[0].seq])
        assert [r.seq for r in receipts.waiting(tx)] == [waiting[1].seq]
        found = receipts.message_for(tx, "SM1", None)
        assert found is not None
        assert found.status == "delivered"


def test_receipts_of_nobody_are_dropped_in_the_end(db: Database, clock: StandingClock) -> None:
    """What never found its message is forgotten after a while, and not before."""
    with db.write() as tx:
        receipts.store(tx, message_sid="SM9", message_id=None, status="sent", error_code=None, received_at=clock.now())
        assert receipts.drop_unmatched(tx, clock.now()) == 0
        assert receipts.drop_unmatched(tx, clock.now() + timedelta(days=1)) == 1


def test_history_is_both_ways_in_time_order_in_pages(db: Database, clock: StandingClock) -> None:
    """Twelve texts, some of the same instant, in pages of every size: each once, in the same order."""
    with db.write() as tx:
        thread = a_thread(tx)
    for i in range(6):
        in_one(db, lambda tx, i=i: a_text(tx, f"SM{i}", body=f"in {i}"))  # type: ignore[misc]
        claimed = inbound.claim(db, "w1", LEASE)
        assert claimed is not None
        clock.advance(seconds=i % 2)
        with db.write() as tx:
            a_reply(tx, thread, f"out {i}")
            inbound.finish(tx, claimed, "replied", thread.conversation_id, thread.patient_id)
    for limit in (1, 2, 3, 5, 12, 50):
        assert walk(db, thread.patient_id, limit) == walk(db, thread.patient_id, 50)
    whole = walk(db, thread.patient_id, 50)
    assert sorted(whole) == sorted([f"in {i}" for i in range(6)] + [f"out {i}" for i in range(6)])
    assert all(whole.index(f"in {i}") < whole.index(f"out {i}") for i in range(6))


def walk(db: Database, patient_id: str, limit: int) -> list[str]:
    """All bodies, page by page."""
    bodies: list[str] = []
    after: str | None = None
    with db.read() as tx:
        while True:
            page = outbox.history(tx, patient_id, after, limit)
            assert len(page.items) <= limit
            bodies += [message.body for message in page.items]
            if page.next is None:
                return bodies
            after = page.next


def test_the_offset_is_shared_and_kept(db: Database) -> None:
    """The virtual clock is where it was moved last, and at the machine's time before."""
    assert clock_offset.read(db.engine) == 0.0
    clock_offset.write(db.engine, 86400.5)
    clock_offset.write(db.engine, 90000.25)
    assert clock_offset.read(db.engine) == 90000.25
