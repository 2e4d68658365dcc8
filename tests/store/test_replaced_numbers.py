"""Erasing a person who had other numbers before, or who shared one."""

from __future__ import annotations

from bot.store import conversations, outbox, patients, phones, suppressions
from bot.store.database import Database
from bot.store.patients import Profile
from tests.store.building import JOSE, MARIA, Thread, a_reply
from tests.store.test_erasure import a_whole_life, dump, erase


def test_a_number_that_was_replaced_goes_too(db: Database) -> None:
    """Whether the patient ever talked on it or not; nothing leads there any more, and nothing of it is left."""
    a_whole_life(db, MARIA, "c-1")
    with db.write() as tx:
        talked = phones.primary(tx, "c-1")
        assert talked is not None
        silent = phones.find_or_create(tx, JOSE)
        for old in (talked, silent):
            phones.unlink(tx, "c-1", old.id)
        phones.link(tx, "c-1", phones.find_or_create(tx, "+12025550125").id)
        suppressions.add(tx, silent.number_hash, "opted_out", "keyword")
    erase(db, "c-1")
    left = dump(db)
    assert left["phone"] == left["inbound"] == left["message"] == []
    assert [row["number_hash"] for row in left["suppression"]] == [silent.number_hash]


def test_a_phone_that_was_shared_once_stays_with_the_texts_of_the_other(db: Database) -> None:
    """Erasing one patient takes nothing from the history of another who has a new number by now."""
    a_whole_life(db, MARIA, "c-1")
    with db.write() as tx:
        shared = phones.primary(tx, "c-1")
        assert shared is not None
        patients.upsert(tx, "c-2", profile=Profile())
        thread = Thread(shared.id, "c-2", conversations.find_or_create(tx, shared.id, "c-2", "en").id)
        a_reply(tx, thread, "for the other")
    erase(db, "c-1")
    with db.read() as tx:
        assert [m.body for m in outbox.history(tx, "c-2", None, 10).items] == ["for the other"]
        assert [c.phone_id for c in conversations.of_patient(tx, "c-2")] == [shared.id]
