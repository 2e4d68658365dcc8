"""Erasing a person leaves nothing of the person, and nothing readable was ever in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.store import (
    audit,
    campaigns,
    consents,
    conversations,
    erasure,
    escalations,
    followups,
    idempotency,
    inbound,
    outbox,
    patients,
    phones,
    receipts,
    screenings,
    suppressions,
    tables,
)
from bot.store.database import Database, Transaction
from bot.store.errors import NotFound
from bot.store.patients import Appointment, Profile
from bot.store.rotation import sealed_columns
from tests.store.building import JOSE, LEASE, MARIA, Thread, a_reply, a_text, a_thread
from tests.world import START

MARKERS = ("Zanzibar-name", "Zanzibar-place", "Zanzibar-said", "Zanzibar-reply", "Zanzibar-answer", "Zanzibar-note")
NAME, PLACE, SAID, REPLY, ANSWER, NOTE = MARKERS


def a_whole_life(db: Database, number: str, patient_id: str, mark: str = "") -> Thread:
    """A patient with something in every table."""
    with db.write() as tx:
        phone = phones.find_or_create(tx, number)
        visits = (Appointment(START, PLACE + mark),)
        patients.upsert(tx, patient_id, profile=Profile(given_name=NAME + mark, appointments=visits))
        phones.link(tx, patient_id, phone.id)
        talk = conversations.find_or_create(tx, phone.id, patient_id, "en")
        thread = Thread(phone.id, patient_id, talk.id)
        conversations.save_state(tx, talk.id, 0, {"last": SAID + mark}, "en")
        _consent(tx, thread)
        _screening(tx, thread, mark)
        _outreach(tx, thread, mark)
        a_text(tx, f"SM-{patient_id}", number, SAID + mark)
        message_id = a_reply(tx, thread, REPLY + mark)
    _take_turn(db, thread)
    _send(db, message_id)
    return thread


def _consent(tx: Transaction, thread: Thread) -> None:
    consents.record(
        tx,
        patient_id=thread.patient_id,
        phone_id=thread.phone_id,
        granted=True,
        method="sms",
        text_version="1",
        channel="sms",
        at=tx.now(),
    )


def _screening(tx: Transaction, thread: Thread, mark: str) -> None:
    run = screenings.start(tx, thread.patient_id, thread.conversation_id, "ahc-hrsn-core", "1", "en", "sms")
    screenings.record_answer(tx, run, "/1", "71802-3", {"display": ANSWER + mark}, "sms")
    screenings.complete(tx, run, "completed", {"needs": [ANSWER + mark]})


def _outreach(tx: Transaction, thread: Thread, mark: str) -> None:
    campaign = campaigns.create(
        tx, name="Spring", kind="screening", instrument="ahc", channel="sms", start_at=START, created_by="token:1"
    )
    enrolment = campaigns.enrol(tx, campaign, thread.patient_id)
    followups.plan(tx, thread.patient_id, "campaign_invitation", START, {"enrolment_id": enrolment}, f"f:{enrolment}")
    escalations.create(
        tx,
        patient_id=thread.patient_id,
        conversation_id=thread.conversation_id,
        inbound_id=None,
        kind="crisis",
        urgency="now",
        note=NOTE + mark,
    )
    idempotency.begin(tx, "tok_1", f"key-{thread.patient_id}", "digest")
    body = json.dumps({"id": thread.patient_id, "given_name": NAME + mark})
    idempotency.finish(tx, "tok_1", f"key-{thread.patient_id}", 201, body)
    audit.record(tx, "token:1", "patient_created", "patient", thread.patient_id)


def _take_turn(db: Database, thread: Thread) -> None:
    claimed = inbound.claim(db, "w1", LEASE)
    assert claimed is not None
    with db.write() as tx:
        inbound.finish(tx, claimed, "replied", thread.conversation_id, thread.patient_id)


def _send(db: Database, message_id: str) -> None:
    assert outbox.claim(db, "s1", LEASE) is not None
    with db.write() as tx:
        outbox.handed_over(tx, message_id, f"SM-of-{message_id}", "queued")
        for sid, known in ((f"SM-of-{message_id}", None), ("SM-other", message_id)):
            receipts.store(tx, message_sid=sid, message_id=known, status="sent", error_code=None, received_at=tx.now())


def dump(db: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, with what is sealed opened."""
    sealed = {str(column) for column in sealed_columns()}
    rows: dict[str, list[dict[str, Any]]] = {}
    with db.read() as tx:
        for table in tables.Base.metadata.sorted_tables:
            rows[table.name] = [
                {
                    name: tx.vault.open(value, f"{table.name}.{name}")
                    if value is not None and f"{table.name}.{name}" in sealed
                    else value
                    for name, value in row._mapping.items()
                }
                for row in tx.session.execute(select(table).order_by(*table.primary_key.columns))
            ]
    return rows


def erase(db: Database, patient_id: str) -> dict[str, int]:
    """Erase as the API does."""
    with db.write() as tx:
        return erasure.erase_patient(tx, patient_id, "token:1")


KEPT = {"audit", "suppression", "campaign", "alembic_version"}
# A new table stands here only with a test of its own that erasing empties it, or holds nothing of a person.
NOBODYS = {"api_token", "clock_offset", "resource", "resource_offer", "on_call_person", "partner_contact"}
EMPTIED_ELSEWHERE = {
    "alert": "tests/on_call/test_alerting.py",
    "shared_list": "tests/directory/test_page.py",
    "campaign_upload": "tests/campaigns: gone once its patients are enrolled, emptied where they cannot be",
} | dict.fromkeys(
    ("need", "place_offer", "referral", "referral_event", "barrier", "partner_link", "delivery", "navigation_case"),
    "tests/referrals/test_api.py",
)


def test_nothing_is_left_of_an_erased_patient(db: Database) -> None:
    """Every table is full before; after, only the audit, the campaign and the suppression are, without a word."""
    thread = a_whole_life(db, MARIA, "c-1")
    with db.write() as tx:
        suppressions.add(tx, tx.vault.number_hash(MARIA), "opted_out", "keyword")
        a_text(tx, "SM-not-taken-yet", MARIA, SAID)
    before = dump(db)
    assert {name for name, rows in before.items() if not rows} == NOBODYS | EMPTIED_ELSEWHERE.keys()
    assert all(marker in str(before) for marker in (*MARKERS, MARIA))
    erase(db, "c-1")
    after = dump(db)
    assert {name for name, rows in after.items() if rows} == KEPT - {"alembic_version"}
    for trace in (*MARKERS, MARIA, MARIA[2:], thread.phone_id, thread.conversation_id):
        assert trace not in str(after)


def test_the_audit_keeps_that_it_happened(db: Database) -> None:
    """Who erased, and how many rows of what; what was audited before stays."""
    a_whole_life(db, MARIA, "c-1")
    gone = erase(db, "c-1")
    assert gone == {
        "receipt": 2,
        "message": 1,
        "inbound": 1,
        "escalation": 1,
        "idempotent_reply": 1,
        "phone": 1,
        "patient": 1,
    }
    with db.read() as tx:
        entries = audit.of_subject(tx, "patient", "c-1")
    assert [(e.actor, e.action) for e in entries] == [("token:1", "patient_created"), ("token:1", "patient_erased")]
    assert entries[-1].detail == {"rows": gone}


def test_a_stop_outlives_the_person(db: Database) -> None:
    """The number stays suppressed when it comes back as somebody else's."""
    a_whole_life(db, MARIA, "c-1")
    with db.write() as tx:
        suppressions.add(tx, tx.vault.number_hash(MARIA), "opted_out", "keyword")
    erase(db, "c-1")
    with db.write() as tx:
        phone = phones.find_or_create(tx, MARIA)
        assert suppressions.kinds(tx, phone.number_hash) == {"opted_out"}


@pytest.mark.parametrize("shared", [False, True])
def test_others_stay_as_they_were(db: Database, shared: bool) -> None:
    """Another patient keeps everything, on another phone or on the same one."""
    other = a_whole_life(db, MARIA if shared else JOSE, "c-2", "-other")
    rows_of_other = {name: len(rows) for name, rows in dump(db).items()}
    a_whole_life(db, MARIA, "c-1")
    erase(db, "c-1")
    left = dump(db)
    added = {"audit": rows_of_other["audit"] + 2, "campaign": rows_of_other["campaign"] + 1}
    assert {name: len(rows) for name, rows in left.items()} == rows_of_other | added
    assert all(str(left).count(marker) == str(left).count(f"{marker}-other") for marker in MARKERS)
    with db.read() as tx:
        assert [p.id for p in patients.by_phone(tx, other.phone_id)] == ["c-2"]


def test_a_shared_phone_forgets_its_current_conversation(db: Database) -> None:
    """The next text of the phone is not taken for one in a thread that is gone."""
    gone = a_whole_life(db, MARIA, "c-1")
    a_whole_life(db, JOSE, "c-2")
    with db.write() as tx:
        phones.link(tx, "c-2", gone.phone_id, primary=False)
        assert conversations.current_for_phone(tx, gone.phone_id) is not None
    erase(db, "c-1")
    with db.read() as tx:
        assert conversations.current_for_phone(tx, gone.phone_id) is None


def test_a_released_follow_up_goes_too(db: Database) -> None:
    """What was handed to the workers and not taken yet is erased, also when the phone is shared."""
    thread = a_whole_life(db, MARIA, "c-1")
    a_whole_life(db, JOSE, "c-2")
    with db.write() as tx:
        phones.link(tx, "c-2", thread.phone_id, primary=False)
    followups.claim_due(db, START, 10)
    erase(db, "c-1")
    assert {row["detail"].get("patient_id") for row in dump(db)["inbound"] if row["kind"] == "due"} == {"c-2"}


def test_an_unknown_patient_cannot_be_erased(db: Database) -> None:
    """Nothing happens, and it is said."""
    with pytest.raises(NotFound):
        erase(db, "c-9")
    assert dump(db)["audit"] == []


def test_a_texter_is_erased_like_anybody(db: Database) -> None:
    """A record made by a text goes, with the text that is not taken yet."""
    with db.write() as tx:
        thread = a_thread(tx)
        a_text(tx, "SM1", body=SAID)
    erase(db, thread.patient_id)
    assert {name for name, rows in dump(db).items() if rows} == {"audit"}


def test_nothing_readable_is_in_the_file(sqlite_db: Database, tmp_path: Path) -> None:
    """Neither the database file nor its log ever held a word, a name or a number, before and after erasing."""
    a_whole_life(sqlite_db, MARIA, "c-1")
    assert _traces(tmp_path) == ["patient_created"]
    erase(sqlite_db, "c-1")
    assert _traces(tmp_path) == ["patient_created"]


def _traces(folder: Path) -> list[str]:
    """What can be read in the files, of all that must not be and of a word that must."""
    content = _content(folder)
    return [trace for trace in ("patient_created", *MARKERS, MARIA, MARIA[2:]) if trace.encode() in content]


def _content(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_erased_ciphertext_is_gone_from_the_file(sqlite_db: Database, tmp_path: Path) -> None:
    """What is erased is overwritten: not even the sealed text is left once the log is written back."""
    with sqlite_db.write() as tx:
        thread = a_thread(tx)
        sealed = tx.session.execute(select(tables.Phone.number_sealed)).scalar_one().encode()
    sqlite_db.engine.dispose()
    assert sealed in _content(tmp_path)
    erase(sqlite_db, thread.patient_id)
    sqlite_db.engine.dispose()
    assert sealed not in _content(tmp_path)
