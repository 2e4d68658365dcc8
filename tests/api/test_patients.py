"""Patients: created, changed field by field, found by phone, opted out and erased."""

from __future__ import annotations

from typing import Any

import pytest

from bot.store import audit, conversations, outbox, patients, phones, suppressions
from tests.api.clinic import Clinic, fields
from tests.world import StandingClock

ROSA: dict[str, Any] = {
    "phone": "(202) 555-0123",
    "given_name": "Rosa",
    "language": "es",
    "zip": "79901",
    "timezone": "America/Denver",
    "birth_date": "1987-04-12",
    "clinic": "Eastside Family Health",
    "consent": {"granted": True, "method": "intake form", "at": "2026-03-02T15:04:00Z"},
    "proxy": False,
    "emergency_visits_12m": 2,
    "appointments": [{"at": "2026-04-01T09:30:00-06:00", "place": "Room 4"}],
}


def test_a_new_patient_is_created_and_read_back(both: Clinic) -> None:
    """201 with everything that was given, the phone as E.164 and times in UTC; GET gives the same."""
    answer = both.put("/patients/mrn-1", ROSA)
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith("/api/v1/patients/mrn-1")
    assert answer.get_json() == {
        "id": "mrn-1",
        "patient_id": "mrn-1",
        "origin": "clinic",
        "phone": "+12025550123",
        "given_name": "Rosa",
        "language": "es",
        "zip": "79901",
        "timezone": "America/Denver",
        "birth_date": "1987-04-12",
        "clinic": "Eastside Family Health",
        "consent": {"granted": True, "method": "intake form", "at": "2026-03-02T15:04:00Z"},
        "opted_out": False,
        "blocked": [],
        "proxy": False,
        "emergency_visits_12m": 2,
        "appointments": [{"at": "2026-04-01T15:30:00Z", "place": "Room 4"}],
        "created_at": "2026-03-03T15:00:00Z",
        "updated_at": "2026-03-03T15:00:00Z",
    }
    assert both.read("/patients/mrn-1") == answer.get_json()


def test_an_update_changes_only_what_is_given(both: Clinic, clock: StandingClock) -> None:
    """200; a field left out stays, null clears, and the time of the change is kept."""
    before = both.put("/patients/mrn-1", ROSA).get_json()
    clock.advance(hours=1)
    answer = both.put("/patients/mrn-1", {"zip": None, "proxy": True, "appointments": None})
    assert answer.status_code == 200
    changes: dict[str, Any] = {"zip": None, "proxy": True, "appointments": [], "updated_at": "2026-03-03T16:00:00Z"}
    assert answer.get_json() == before | changes


def test_an_empty_update_changes_nothing(clinic: Clinic) -> None:
    """Nothing given, nothing changed; of an unknown patient it makes an empty record."""
    before = clinic.put("/patients/mrn-1", ROSA).get_json()
    assert clinic.put("/patients/mrn-1", {}).get_json() == before
    assert clinic.put("/patients/mrn-2", {}).status_code == 201
    assert clinic.read("/patients/mrn-2")["phone"] is None


def test_a_new_phone_takes_the_place_of_the_old_one(both: Clinic) -> None:
    """Texts go to the new number, the old one no longer reaches the patient, and null takes the phone away."""
    both.put("/patients/mrn-1", ROSA)
    assert both.put("/patients/mrn-1", {"phone": "202-555-0177"}).get_json()["phone"] == "+12025550177"
    assert both.read("/patients?phone=2025550123")["items"] == []
    assert both.put("/patients/mrn-1", {"phone": None}).get_json()["phone"] is None


def test_what_waits_for_an_old_phone_is_cancelled(clinic: Clinic) -> None:
    """A number that no longer reaches anybody gets nothing that was queued for it."""
    clinic.put("/patients/mrn-1", ROSA)
    queue(clinic, "mrn-1")
    clinic.put("/patients/mrn-1", {"phone": "202-555-0177"})
    assert [m["status"] for m in clinic.read("/patients/mrn-1/messages")["items"]] == ["cancelled"]


def test_several_patients_share_a_phone(both: Clinic) -> None:
    """The list has everybody on the phone, whatever way the number is written, and nobody else."""
    for patient_id in ("mrn-1", "mrn-2"):
        both.put(f"/patients/{patient_id}", ROSA)
    both.put("/patients/mrn-3", {"phone": "202-555-0177"})
    for written in ("%2B12025550123", "+12025550123", "(202)%20555-0123", "2025550123"):
        page = both.read(f"/patients?phone={written}")
        assert [p["id"] for p in page["items"]] == ["mrn-1", "mrn-2"]
        assert page["next"] is None


def test_an_unknown_phone_reaches_nobody(clinic: Clinic) -> None:
    """An empty list, not an error."""
    assert clinic.read("/patients?phone=2025550199") == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["", "?phone=911", "?phone=", "?phone=ask%20mum", "?number=2025550123"])
def test_a_search_needs_a_usable_phone(clinic: Clinic, query: str) -> None:
    """Left out, empty, unusable or under another name: 422 that names the parameter."""
    assert "phone" in fields(clinic.get(f"/patients{query}"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "911"}, "phone"),
        ({"phone": "1-800-356-9377"}, "phone"),
        ({"phone": "+1 555 555 0100"}, "phone"),
        ({"phone": "202-555-0123 x9"}, "phone"),
        ({"phone": 2025550123}, "phone"),
        ({"given_name": ""}, "given_name"),
        ({"given_name": "Rosa\nx"}, "given_name"),
        ({"given_name": "R" * 101}, "given_name"),
        ({"language": "fr"}, "language"),
        ({"zip": "7990"}, "zip"),
        ({"zip": 79901}, "zip"),
        ({"timezone": "Mountain"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"birth_date": "12/04/1987"}, "birth_date"),
        ({"birth_date": "2187-04-12"}, "birth_date"),
        ({"birth_date": "1787-04-12"}, "birth_date"),
        ({"clinic": "C" * 201}, "clinic"),
        ({"proxy": "yes"}, "proxy"),
        ({"emergency_visits_12m": -1}, "emergency_visits_12m"),
        ({"emergency_visits_12m": "2"}, "emergency_visits_12m"),
        ({"emergency_visits_12m": 1.5}, "emergency_visits_12m"),
        ({"consent": None}, "consent"),
        ({"consent": {"granted": "yes", "method": "form"}}, "consent.granted"),
        ({"consent": {"granted": True, "method": 5}}, "consent.method"),
        ({"consent": {"granted": True, "method": "form", "at": "2026-03-02T15:04:00"}}, "consent.at"),
        ({"consent": {"granted": True, "method": "form", "at": "2026-03-09T15:04:00Z"}}, "consent.at"),
        ({"consent": {"granted": True, "method": "form", "by": "me"}}, "consent.by"),
        ({"appointments": [{"at": "soon"}]}, "appointments[0].at"),
        ({"appointments": {"at": "2026-04-01T09:30:00Z"}}, "appointments"),
        ({"nickname": "Ro"}, "nickname"),
        ({"id": "mrn-2"}, "id"),
    ],
)
def test_an_unusable_field_is_named_and_nothing_is_kept(clinic: Clinic, change: dict[str, Any], field: str) -> None:
    """422 with exactly that field; the other fields of the request are not written either."""
    assert fields(clinic.put("/patients/mrn-1", ROSA | change)) == [field]
    assert clinic.get("/patients/mrn-1").status_code == 404


def test_all_unusable_fields_are_named_at_once(clinic: Clinic) -> None:
    """Nobody has to mend one field at a time."""
    answer = clinic.put("/patients/mrn-1", {"phone": "911", "zip": "x", "colour": "red"})
    assert sorted(fields(answer)) == ["colour", "phone", "zip"]


@pytest.mark.parametrize("patient_id", ["a%20b", "x" * 129, "%C3%A9", "a%0Ab", "%2B12025550123"])
def test_an_unusable_id_is_named(clinic: Clinic, patient_id: str) -> None:
    """Ids stand in addresses and logs: letters, digits and a few signs, and no plus, so that no number is one."""
    assert fields(clinic.put(f"/patients/{patient_id}", {})) == ["patient_id"]


def test_an_opt_out_stops_everything(both: Clinic) -> None:
    """The number is blocked, the consent withdrawn, what was queued cancelled; a second time changes nothing."""
    both.put("/patients/mrn-1", ROSA)
    queue(both, "mrn-1")
    answer = both.post("/patients/mrn-1/opt-out")
    again = both.post("/patients/mrn-1/opt-out", {})
    assert answer.status_code == again.status_code == 200
    assert answer.get_json()["opted_out"] is True
    assert answer.get_json()["blocked"] == ["opted_out"]
    assert answer.get_json()["consent"]["granted"] is False
    assert again.get_json() == answer.get_json()
    assert [m["status"] for m in both.read("/patients/mrn-1/messages")["items"]] == ["cancelled"]


def test_an_opt_out_outlives_the_record(both: Clinic) -> None:
    """Erased and entered again, the number is still blocked."""
    both.put("/patients/mrn-1", ROSA)
    both.post("/patients/mrn-1/opt-out")
    assert both.delete("/patients/mrn-1").status_code == 204
    assert both.put("/patients/mrn-1", ROSA).get_json()["opted_out"] is True


def test_an_erased_patient_is_gone(both: Clinic) -> None:
    """204 with no body, then 404 everywhere; a phone that reached nobody else is gone too."""
    both.put("/patients/mrn-1", ROSA)
    assert both.delete("/patients/mrn-1").data == b""
    assert both.delete("/patients/mrn-1").status_code == 404
    for path in ("", "/messages", "/followups", "/screenings"):
        assert both.get(f"/patients/mrn-1{path}").status_code == 404
    assert both.read("/patients?phone=2025550123")["items"] == []
    with both.deps.db.read() as tx:
        assert phones.by_hash(tx, both.deps.vault.number_hash("+12025550123")) is None


def test_every_write_is_audited_with_the_token(both: Clinic) -> None:
    """Who, what and which fields; never their values."""
    both.put("/patients/mrn-1", {"given_name": "Rosa", "phone": "2025550123"})
    both.put("/patients/mrn-1", {"zip": "79901"})
    both.post("/patients/mrn-1/opt-out")
    both.delete("/patients/mrn-1")
    with both.deps.db.read() as tx:
        entries = audit.of_subject(tx, "patient", "mrn-1")
    assert [e.action for e in entries] == ["patient_created", "patient_updated", "opted_out", "patient_erased"]
    assert [e.detail.get("fields") for e in entries[:2]] == [["given_name", "phone"], ["zip"]]
    assert len({e.actor for e in entries}) == 1
    assert entries[0].actor.startswith("token:tok_")


def test_a_texter_is_found_by_phone_and_can_be_completed(clinic: Clinic) -> None:
    """Somebody who texted in has a record; the clinic finds it by phone and fills it in."""
    with clinic.deps.db.write() as tx:
        texter = patients.create_texter(tx, phones.find_or_create(tx, "+12025550123").id, "es")
    found = clinic.read("/patients?phone=2025550123")["items"]
    assert [(p["id"], p["origin"]) for p in found] == [(texter.id, "texter")]
    answer = clinic.put(f"/patients/{texter.id}", {"given_name": "Rosa"})
    assert (answer.status_code, answer.get_json()["phone"]) == (200, "+12025550123")


def test_a_wrong_person_is_shown(clinic: Clinic) -> None:
    """The clinic sees why a number is not texted."""
    clinic.put("/patients/mrn-1", ROSA)
    with clinic.deps.db.write() as tx:
        suppressions.add(tx, clinic.deps.vault.number_hash("+12025550123"), "wrong_person", "phrase")
    shown = clinic.read("/patients/mrn-1")
    assert (shown["blocked"], shown["opted_out"]) == (["wrong_person"], False)


def queue(clinic: Clinic, patient_id: str) -> None:
    """A text that waits for the patient's phone."""
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, patient_id)
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, patient_id, "en")
        outbox.put(
            tx,
            conversation_id=thread.id,
            patient_id=patient_id,
            phone_id=phone.id,
            inbound_id=None,
            channel="sms",
            body="Hello",
            purpose="greeting",
            segments=1,
        )


def test_who_a_phone_reaches_comes_in_pages(both: Clinic) -> None:
    """A shared phone's patients, one page after the other, in the order they became known."""
    ids = [f"mrn-{n}" for n in range(5)]
    for patient_id in ids:
        both.put(f"/patients/{patient_id}", {"phone": "2025550123"})
    found, address = [], "/patients?phone=2025550123&limit=2"
    while address:
        page = both.read(address)
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        address = page["next"]
    assert found == ids
    assert fields(both.get("/patients?phone=2025550123&limit=0")) == ["limit"]
    assert fields(both.get("/patients?phone=2025550123&cursor=x")) == ["cursor"]


def test_how_consent_was_taken_may_be_left_out(clinic: Clinic) -> None:
    """Then it was taken by the clinic."""
    given = clinic.put("/patients/mrn-1", {"consent": {"granted": True}}).get_json()["consent"]
    assert (given["granted"], given["method"]) == (True, "clinic")


def test_an_opt_out_may_have_a_reason(clinic: Clinic) -> None:
    """A code word, kept in the audit alone."""
    clinic.put("/patients/mrn-1", ROSA)
    answer = clinic.post("/patients/mrn-1/opt-out", {"reason": "moved_away"})
    assert answer.status_code == 200
    assert "moved_away" not in answer.text
    with clinic.deps.db.read() as tx:
        entry = audit.of_subject(tx, "patient", "mrn-1")[-1]
    assert (entry.action, entry.detail) == ("opted_out", {"source": "clinic", "reason": "moved_away"})


@pytest.mark.parametrize("reason", ["", "Rosa asked", "Moved", "x" * 41, "a\n", 7])
def test_a_reason_in_free_words_is_refused(clinic: Clinic, reason: object) -> None:
    """What somebody said about a person has no place in the audit; nothing is done then."""
    clinic.put("/patients/mrn-1", ROSA)
    assert fields(clinic.post("/patients/mrn-1/opt-out", {"reason": reason})) == ["reason"]
    assert clinic.read("/patients/mrn-1")["opted_out"] is False
