"""What a clinic tells us of a person is in no log, address or error, and not in the database once erased."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from bot.store import conversations, escalations, inbound, outbox, phones, screenings
from bot.store.vault import Vault, VaultError
from tests.api.clinic import Clinic
from tests.api.test_campaigns import INVITE

MARKER = "Zyxwvut"
NUMBER = "2025550142"
MARKED: dict[str, Any] = {
    "phone": f"+1{NUMBER}",
    "given_name": MARKER,
    "zip": "55142",
    "consent": {"granted": True, "method": "intake form", "at": "2026-03-02T15:00:00Z"},
    "appointments": [{"at": "2026-04-01T09:30:00Z", "place": f"{MARKER} House"}],
}
WRONG: list[dict[str, Any]] = [
    {"phone": f"{NUMBER} x{MARKER}"},
    {"phone": f"+1{NUMBER}{NUMBER}"},
    {"given_name": f"{MARKER}\n"},
    {"language": MARKER},
    {"zip": NUMBER},
    {"timezone": MARKER},
    {"birth_date": MARKER},
    {"proxy": MARKER},
    {"emergency_visits_12m": MARKER},
    {"consent": {"granted": MARKER, "method": MARKER * 9, "at": MARKER}},
    {"appointments": [{"at": MARKER, "place": MARKER * 40}]},
    {"phone": [MARKER]},
]


def live_through(clinic: Clinic, patient_id: str, marked: dict[str, Any]) -> None:
    """A patient with one row of everything that can hold a word of theirs."""
    clinic.put(f"/patients/{patient_id}", marked, key="k1")
    clinic.post("/campaigns", INVITE | {"patients": [patient_id]}, key="k2")
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, patient_id)
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, patient_id, "en")
        conversations.save_state(tx, thread.id, 0, {"slots": {"said": MARKER}}, "en")
        screening_id = screenings.start(tx, patient_id, thread.id, "ahc-hrsn-core", "1.0", "en", "sms")
        screenings.record_answer(tx, screening_id, "/1", None, MARKER, "sms")
        screenings.complete(tx, screening_id, "completed", {"scores": {}, "needs": [], "navigation_eligible": None})
        escalation = escalations.create(
            tx,
            patient_id=patient_id,
            conversation_id=thread.id,
            inbound_id=None,
            kind="crisis",
            urgency="now",
            note=MARKER,
        )
        outbox.put(
            tx,
            conversation_id=thread.id,
            patient_id=patient_id,
            phone_id=phone.id,
            inbound_id=None,
            channel="sms",
            body=f"Hello {MARKER}",
            purpose="greeting",
            segments=1,
        )
        inbound.store(
            tx,
            message_sid=f"SM-{patient_id}",
            kind="text",
            channel="sms",
            from_address=marked["phone"],
            to_address="+12025550100",
            body=MARKER,
            received_at=tx.now(),
        )
    clinic.post(f"/escalations/{escalation}/resolve", {"note": f"{MARKER} is well"}, key="k3")
    while (row := inbound.claim(clinic.deps.db, "w1", timedelta(minutes=1))) is not None:
        with clinic.deps.db.write() as tx:
            inbound.finish(tx, row, "answered", thread.id, patient_id)


def readable(clinic: Clinic) -> str:
    """Everything in the database, with whatever the vault can open opened."""
    texts: list[str] = []
    with clinic.deps.db.engine.connect() as connection:
        for table in inspect(clinic.deps.db.engine).get_table_names():
            for row in connection.execute(text(f"SELECT * FROM {table}")).mappings():
                texts += [_opened(clinic.deps.vault, f"{table}.{column}", str(value)) for column, value in row.items()]
    return "\n".join(texts)


def _opened(vault: Vault, place: str, value: str) -> str:
    try:
        return vault.open(value, place)
    except VaultError:
        return value


def test_what_is_kept_is_sealed(both: Clinic) -> None:
    """Before any erasure: readable with the key, not without."""
    live_through(both, "mrn-1", MARKED)
    assert MARKER in readable(both)
    with both.deps.db.engine.connect() as connection:
        for table in inspect(both.deps.db.engine).get_table_names():
            rows = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert MARKER not in rows, table
            assert NUMBER not in rows, table


def test_an_erased_patient_leaves_nothing_readable(both: Clinic) -> None:
    """Not with the key either, in no table, kept replies included; the audit still knows that it happened."""
    live_through(both, "mrn-1", MARKED)
    assert both.delete("/patients/mrn-1").status_code == 204
    left = readable(both)
    assert MARKER not in left
    assert NUMBER not in left
    assert "patient_erased" in left


def test_the_file_holds_nothing_of_an_erased_patient(clinic: Clinic) -> None:
    """SQLite overwrites what it deletes: the patient's sealed profile is not in the file's bytes any more."""
    live_through(clinic, "mrn-1", MARKED)
    with clinic.deps.db.engine.connect() as connection:
        sealed = connection.execute(text("SELECT profile_sealed FROM patient")).scalar_one().encode()
    assert sealed in _bytes_of_file(clinic)
    clinic.delete("/patients/mrn-1")
    assert sealed not in _bytes_of_file(clinic)


def _bytes_of_file(clinic: Clinic) -> bytes:
    """The database file, with its write-ahead log taken in."""
    clinic.deps.db.engine.dispose()
    file = Path(clinic.deps.db.engine.url.database or "")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.read_bytes()


@pytest.mark.parametrize("wrong", WRONG)
def test_no_error_repeats_what_was_sent(
    clinic: Clinic, caplog: pytest.LogCaptureFixture, wrong: dict[str, Any]
) -> None:
    """A refusal names the field and leaves the value out, in the answer and in the log."""
    caplog.set_level(logging.DEBUG)
    answer = clinic.put("/patients/mrn-1", wrong)
    assert answer.status_code == 422
    for said in (answer.get_data(as_text=True), str(answer.headers), caplog.text):
        assert MARKER not in said
        assert NUMBER not in said


def test_a_search_that_fails_does_not_repeat_the_number(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    """The number is in the question's query, and nowhere in the answer or the log."""
    caplog.set_level(logging.DEBUG)
    answer = clinic.get(f"/patients?phone=x{NUMBER}00")
    assert answer.status_code == 422
    assert NUMBER not in answer.get_data(as_text=True) + str(answer.headers) + caplog.text


def test_no_log_holds_a_word_of_a_whole_life(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    """Created, invited, spoken to, escalated, searched for, opted out and erased, with every logger at debug."""
    caplog.set_level(logging.DEBUG)
    live_through(clinic, "mrn-1", MARKED)
    for path in ("", "/messages", "/followups", "/screenings"):
        clinic.read(f"/patients/mrn-1{path}")
    clinic.read(f"/patients?phone={NUMBER}")
    clinic.post("/patients/mrn-1/opt-out")
    clinic.delete("/patients/mrn-1")
    assert MARKER not in caplog.text
    assert NUMBER not in caplog.text


def test_no_answer_may_be_kept_on_the_way(clinic: Clinic) -> None:
    """Every answer says that no cache may store it."""
    answers = [clinic.put("/patients/mrn-1", MARKED), clinic.get("/patients/mrn-1"), clinic.get("/patients/none")]
    assert {a.headers["Cache-Control"] for a in answers} == {"no-store"}
