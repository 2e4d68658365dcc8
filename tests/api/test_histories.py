"""Messages, follow-ups and screenings: as documented, in order, page by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.store import conversations, followups, inbound, outbox, phones, screenings
from bot.store.database import Transaction
from tests.api.clinic import Clinic
from tests.world import StandingClock


@pytest.fixture(autouse=True)
def rosa(request: pytest.FixtureRequest) -> None:
    """A patient in the database of the test."""
    name = "both" if "both" in request.fixturenames else "clinic"
    clinic: Clinic = request.getfixturevalue(name)
    clinic.put("/patients/mrn-1", {"phone": "2025550123", "language": "en"})


def thread(tx: Transaction, patient_id: str = "mrn-1") -> tuple[str, str]:
    """The patient's conversation and phone."""
    phone = phones.primary(tx, patient_id)
    assert phone is not None
    return conversations.find_or_create(tx, phone.id, patient_id, "en").id, phone.id


def come(clinic: Clinic, sid: str, body: str) -> None:
    """A text from the patient, with its turn taken."""
    with clinic.deps.db.write() as tx:
        inbound.store(
            tx,
            message_sid=sid,
            kind="text",
            channel="sms",
            from_address="+12025550123",
            to_address="+12025550100",
            body=body,
            received_at=clinic.deps.clock.now(),
        )
    claimed = inbound.claim(clinic.deps.db, "w1", timedelta(minutes=1))
    assert claimed is not None
    with clinic.deps.db.write() as tx:
        inbound.finish(tx, claimed, "answered", thread(tx)[0], "mrn-1")


def go(clinic: Clinic, body: str, purpose: str) -> str:
    """A text to the patient."""
    with clinic.deps.db.write() as tx:
        conversation_id, phone_id = thread(tx)
        return outbox.put(
            tx,
            conversation_id=conversation_id,
            patient_id="mrn-1",
            phone_id=phone_id,
            inbound_id=None,
            channel="sms",
            body=body,
            purpose=purpose,
            segments=1,
        )


def all_pages(clinic: Clinic, path: str) -> list[Any]:
    """Every item, by following ``next`` as it is given."""
    items: list[Any] = []
    address: str | None = path
    while address:
        page = clinic.read(address)
        items += page["items"]
        address = page["next"]
    return items


def test_messages_both_ways_as_documented(both: Clinic, clock: StandingClock) -> None:
    """The exact form of the interface, in the order of time."""
    come(both, "SM1", "hola 👋")
    clock.advance(seconds=2)
    message_id = go(both, "Hello Rosa", "greeting")
    with both.deps.db.write() as tx:
        outbox.handed_over(tx, message_id, "SM2", "delivered")
    came, went = both.read("/patients/mrn-1/messages")["items"]
    assert came == {
        "id": came["id"],
        "direction": "in",
        "channel": "sms",
        "body": "hola 👋",
        "status": "received",
        "error_code": None,
        "purpose": None,
        "at": "2026-03-03T15:00:00Z",
    }
    assert went == {
        "id": message_id,
        "direction": "out",
        "channel": "sms",
        "body": "Hello Rosa",
        "status": "delivered",
        "error_code": None,
        "purpose": "greeting",
        "at": "2026-03-03T15:00:02Z",
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_give_every_message_once_and_in_order(clinic: Clinic, clock: StandingClock, limit: int) -> None:
    """Whatever the size of a page, also with several messages of the same moment."""
    for number in range(7):
        go(clinic, str(number), "greeting")
        clock.advance(seconds=number % 2)
    items = all_pages(clinic, f"/patients/mrn-1/messages?limit={limit}")
    assert [m["body"] for m in items] == list("0123456")


def test_an_empty_history_is_an_empty_list(clinic: Clinic) -> None:
    """No message, follow-up or screening yet."""
    for name in ("messages", "followups", "screenings"):
        assert clinic.read(f"/patients/mrn-1/{name}") == {"items": [], "next": None}


def test_followups_as_documented(both: Clinic, clock: StandingClock) -> None:
    """By due time, with the reason where one was held or dropped."""
    with both.deps.db.write() as tx:
        later = followups.plan(tx, "mrn-1", "check_in", clock.advance(days=2), {}, "b")
        first = followups.plan(tx, "mrn-1", "campaign_invitation", clock.advance(days=-1), {}, "a")
        assert first is not None
        followups.drop(tx, first, "opted_out")
    assert both.read("/patients/mrn-1/followups")["items"] == [
        {
            "id": first,
            "kind": "campaign_invitation",
            "due_at": "2026-03-04T15:00:00Z",
            "state": "dropped",
            "reason": "opted_out",
        },
        {"id": later, "kind": "check_in", "due_at": "2026-03-05T15:00:00Z", "state": "planned", "reason": None},
    ]


def test_a_screening_as_documented(both: Clinic, clock: StandingClock) -> None:
    """Choices, numbers, texts and absences; several choices of one item are several answers."""
    screening_id = _screen(both, clock)
    assert both.read(f"/screenings/{screening_id}") == {
        "id": screening_id,
        "patient_id": "mrn-1",
        "answered_by": None,
        "changed_since": None,
        "instrument": "ahc-hrsn-core",
        "instrument_version": "1.0",
        "language": "en",
        "channels": ["sms"],
        "state": "partial",
        "started_at": "2026-03-03T15:00:00Z",
        "completed_at": "2026-03-03T15:05:00Z",
        "answers": [
            {
                "link_id": "/71802-3",
                "code": "71802-3",
                "value": {"code": "LA31993-1", "display": "I have a steady place to live"},
                "channel": "sms",
                "answered_at": "2026-03-03T15:00:00Z",
            },
            {
                "link_id": "/96778-6",
                "code": "96778-6",
                "value": {"code": "LA31996-4", "display": "Mold"},
                "channel": "sms",
                "answered_at": "2026-03-03T15:00:00Z",
            },
            {
                "link_id": "/96778-6",
                "code": "96778-6",
                "value": {"code": "LA28580-1", "display": "Pests"},
                "channel": "sms",
                "answered_at": "2026-03-03T15:00:00Z",
            },
            {
                "link_id": "/95618-5",
                "code": "95618-5",
                "value": {"absent": "asked-declined"},
                "channel": "sms",
                "answered_at": "2026-03-03T15:00:00Z",
            },
            {
                "link_id": "visits",
                "code": None,
                "value": 2,
                "channel": "sms",
                "answered_at": "2026-03-03T15:00:00Z",
            },
        ],
        "scores": {"hits": {"value": None, "complete": False}},
        "needs": [
            {"domain": "housing", "positive": True, "basis": ["96778-6"]},
            {"domain": "safety", "positive": None, "basis": []},
        ],
        "navigation_eligible": True,
    }


def test_a_screening_in_progress_has_no_findings_yet(clinic: Clinic) -> None:
    """Readable at any moment; what was found is empty, not guessed."""
    with clinic.deps.db.write() as tx:
        screening_id = screenings.start(tx, "mrn-1", thread(tx)[0], "ahc-hrsn-core", "1.0", "en", "sms")
    shown = clinic.read(f"/screenings/{screening_id}")
    assert (shown["state"], shown["completed_at"], shown["answers"]) == ("in_progress", None, [])
    assert (shown["scores"], shown["needs"], shown["navigation_eligible"]) == ({}, [], None)


def test_a_patients_screenings_are_whole(clinic: Clinic, clock: StandingClock) -> None:
    """The list has the same JSON as the single one, oldest first, page by page."""
    ids = [_screen(clinic, clock) for _ in range(3)]
    items = all_pages(clinic, "/patients/mrn-1/screenings?limit=2")
    assert [s["id"] for s in items] == ids
    assert items[0] == clinic.read(f"/screenings/{ids[0]}")


def _screen(clinic: Clinic, clock: StandingClock) -> str:
    steady = {"code": "LA31993-1", "display": "I have a steady place to live"}
    problems = [{"code": "LA31996-4", "display": "Mold"}, {"code": "LA28580-1", "display": "Pests"}]
    with clinic.deps.db.write() as tx:
        screening_id = screenings.start(tx, "mrn-1", thread(tx)[0], "ahc-hrsn-core", "1.0", "en", "sms")
        screenings.record_answer(tx, screening_id, "/71802-3", "71802-3", steady, "sms")
        screenings.record_answer(tx, screening_id, "/96778-6", "96778-6", problems, "sms")
        screenings.record_answer(tx, screening_id, "/95618-5", "95618-5", {"absent": "asked-declined"}, "sms")
        screenings.record_answer(tx, screening_id, "visits", None, 2, "sms")
        clock.advance(minutes=5)
        screenings.complete(
            tx,
            screening_id,
            "partial",
            {
                "scores": {"hits": {"value": None, "complete": False}},
                "needs": [
                    {"domain": "housing", "positive": True, "basis": ["96778-6"]},
                    {"domain": "safety", "positive": None, "basis": []},
                ],
                "navigation_eligible": True,
            },
        )
    return screening_id
