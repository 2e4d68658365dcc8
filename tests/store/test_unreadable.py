"""Rows that the vault cannot open: each is put aside by itself, a person is told, and everybody else goes on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.store import audit, erasure, escalations, inbound, outbox
from bot.store.database import Database
from bot.store.leases import TRIES
from bot.store.tables import Inbound, Message, Phone
from tests.store.building import JOSE, LEASE, MARIA, a_reply, a_text, a_thread
from tests.world import StandingClock

LOST = "v1.a-key-that-is-gone.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def spoil(db: Database, model: Any, **values: str) -> None:
    """As after a key was lost: what is there now cannot be opened."""
    with db.write() as tx:
        tx.session.execute(update(model).values(**values))


def cases(db: Database) -> list[escalations.Escalation]:
    """What a person is told."""
    with db.read() as tx:
        return list(escalations.list_page(tx, None, 50).items)


@pytest.mark.parametrize("column", ["body_sealed", "from_sealed"])
def test_an_unreadable_text_is_set_aside_and_the_next_one_claimed(db: Database, column: str) -> None:
    """However many there are, one claim gets past them; each has a case for today, and none names anybody."""
    with db.write() as tx:
        ids = [a_text(tx, f"SM{n}") for n in range(TRIES + 2)]
    spoil(db, Inbound, **{column: LOST})
    with db.write() as tx:
        a_text(tx, "SM-good")
    claimed = inbound.claim(db, "w1", LEASE)
    assert claimed is not None
    assert claimed.message_sid == "SM-good"
    assert [(c.inbound_id, c.patient_id, c.kind, c.urgency) for c in cases(db)] == [
        (row_id, None, "message_not_handled", "today") for row_id in ids
    ]
    with db.read() as tx:
        rows = tx.session.execute(select(Inbound).where(Inbound.id.in_(ids))).scalars().all()
        assert {(r.state, r.outcome, r.lease_owner) for r in rows} == {("set_aside", "VaultError", None)}
        assert all(r.done_at for r in rows)
        assert {e.action for e in audit.of_subject(tx, "inbound", str(ids[0]))} == {"message_set_aside"}


def test_nothing_but_unreadable_texts(db: Database) -> None:
    """Then there is nothing to claim, and no error."""
    with db.write() as tx:
        a_text(tx, "SM1")
    spoil(db, Inbound, body_sealed=LOST)
    assert inbound.claim(db, "w1", LEASE) is None
    assert len(cases(db)) == 1


def test_a_text_that_became_unreadable_while_a_worker_died(db: Database, clock: StandingClock) -> None:
    """A row whose lease ran out is put aside as well."""
    with db.write() as tx:
        a_text(tx, "SM1")
    assert inbound.claim(db, "w1", LEASE)
    spoil(db, Inbound, body_sealed=LOST)
    clock.advance(minutes=1)
    assert inbound.claim(db, "w2", LEASE) is None
    assert len(cases(db)) == 1


@pytest.mark.parametrize("spoilt", ["the text", "the number"])
def test_an_unreadable_message_fails_and_the_next_one_is_claimed(db: Database, spoilt: str) -> None:
    """It is never asked whether it may go; its patient's case stands among the escalations."""
    with db.write() as tx:
        maria = a_thread(tx, MARIA)
        lost = [a_reply(tx, maria, str(n)) for n in range(TRIES + 2)]
    if spoilt == "the text":
        spoil(db, Message, body_sealed=LOST)
    else:
        spoil(db, Phone, number_sealed=LOST)
    with db.write() as tx:
        a_reply(tx, a_thread(tx, JOSE), "good")
    asked: list[str] = []

    def ready(message: outbox.ClaimedMessage) -> bool:
        asked.append(message.body)
        return True

    claimed = outbox.claim(db, "s1", LEASE, ready)
    assert claimed is not None
    assert (claimed.body, asked) == ("good", ["good"])
    assert {(c.patient_id, c.kind, c.urgency) for c in cases(db)} == {(maria.patient_id, "message_failed", "today")}
    assert len(cases(db)) == len(lost)
    with db.read() as tx:
        rows = tx.session.execute(select(Message).where(Message.id.in_(lost))).scalars().all()
        assert {(r.state, r.lease_owner) for r in rows} == {("failed", None)}


def test_a_text_set_aside_with_its_ids_is_the_patients(db: Database) -> None:
    """It stands in the history of the patient, and goes with the patient."""
    with db.write() as tx:
        maria = a_thread(tx)
        a_text(tx, "SM1", body="could not be handled")
    claimed = inbound.claim(db, "w1", LEASE)
    assert claimed is not None
    with db.write() as tx:
        ids = {"conversation_id": maria.conversation_id, "patient_id": maria.patient_id}
        inbound.set_aside(tx, claimed, "KeyError", **ids)
    with db.read() as tx:
        assert [m.body for m in outbox.history(tx, maria.patient_id, None, 10).items] == ["could not be handled"]
    with db.write() as tx:
        assert erasure.erase_patient(tx, maria.patient_id, "test")["inbound"] == 1
