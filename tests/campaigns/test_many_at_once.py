"""Ten thousand patients with one call: enrolled in chunks, and tried out without keeping anybody waiting."""

from __future__ import annotations

from typing import Any

from bot import patient_records
from bot.importing import write_accepted
from bot.store import patients
from tests.api.clinic import Clinic, fields
from tests.api.test_campaigns import INVITE, enter, released

MANY = 1100


def enter_many(clinic: Clinic, count: int = MANY) -> list[str]:
    """So many patients who consented; gives their ids."""
    ids = [f"m-{n:05}" for n in range(count)]
    rows: list[dict[str, Any]] = [
        {"patient_id": each, "phone": f"+1202456{n:04}", "consent": True} for n, each in enumerate(ids)
    ]
    with clinic.deps.db.write() as tx:
        patient_records.write_rows(tx, rows)
    return ids


def test_many_patients_are_enrolled_by_the_clock(both: Clinic) -> None:
    """Accepted at once, each once; whoever is erased meanwhile stays erased."""
    ids = enter_many(both)
    body = INVITE | {"patients": [*ids, ids[0]], "start_at": "2026-03-04T16:00:00Z"}
    answer = both.post("/campaigns", body)
    made = answer.get_json()
    assert (answer.status_code, made["total"], made["importing"]) == (202, MANY, MANY)
    assert answer.headers["Location"].endswith(f"/campaigns/{made['id']}")
    both.delete(f"/patients/{ids[7]}")
    assert write_accepted(both.deps) == MANY
    shown = both.read(f"/campaigns/{made['id']}")
    assert (shown["total"], shown["importing"], shown["counts"]["enrolled"]) == (MANY - 1, 0, MANY - 1)
    with both.deps.db.read() as tx:
        assert patients.get(tx, ids[7]) is None
    (planned,) = both.read(f"/patients/{ids[0]}/followups")["items"]
    assert planned["due_at"] == "2026-03-04T16:00:00Z"


def test_many_of_whom_some_are_not_known_are_refused_whole(clinic: Clinic) -> None:
    """By their places in the list; a list of the greatest ids is not too long to be read."""
    answer = clinic.post("/campaigns", INVITE | {"patients": ["x" * 120 + f"{n:05}" for n in range(10_000)]})
    assert fields(answer)[:2] == ["patients[0]", "patients[1]"]
    assert write_accepted(clinic.deps) == 0


def test_a_dry_run_waits_for_no_write_and_keeps_none_waiting(clinic: Clinic) -> None:
    """It reads beside them; who has a past is looked up, the others need not be."""
    ids = enter_many(clinic, 30)
    enter(clinic, "mrn-1")
    clinic.post("/campaigns", INVITE)
    released(clinic)
    with clinic.deps.db.write() as tx:
        patients.upsert(tx, "held", profile=patients.Profile())
        foreseen = clinic.post("/campaigns", INVITE | {"patients": [*ids, "mrn-1"], "dry_run": True}, key="try")
    assert foreseen.status_code == 200
    assert [each["patient_id"] for each in foreseen.get_json()["would_text"]] == ids
    assert foreseen.get_json()["would_not_text"] == [{"patient_id": "mrn-1", "reason": "invited_recently"}]


def test_campaigns_are_listed_in_pages(both: Clinic) -> None:
    """In the order in which they were made, each as it is shown by itself."""
    enter(both, "mrn-1")
    made = [both.post("/campaigns", INVITE | {"name": f"No. {n}"}).get_json()["id"] for n in range(3)]
    first = both.read("/campaigns?limit=2")
    assert [each["id"] for each in first["items"]] == made[:2]
    assert first["items"][0] == both.read(f"/campaigns/{made[0]}")
    rest = both.ask("GET", first["next"].partition("/api/v1")[2]).get_json()
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (made[2:], None)
