"""The clinic API of referrals, needs, partners and navigation."""

from __future__ import annotations

import pytest

from bot.content.referral import load_referral
from bot.core.referral import STATES
from bot.referrals.reporting import Said, open_for, report
from bot.store import audit, navigation
from tests.api.clinic import Clinic, fields
from tests.api.conftest import MakeDeps, both, clinic, make_deps
from tests.referrals.test_reconcile import WAYS

__all__ = ["MakeDeps", "both", "clinic", "make_deps"]
CONTENT = load_referral()
PATIENT = {"phone": "+12025550123", "given_name": "Maria", "language": "en"}


def referred(clinic: Clinic, state: str = "requested") -> str:
    """A patient whose referral is in this state; gives its id."""
    assert clinic.put("/patients/p1", PATIENT).status_code in (200, 201)
    with clinic.deps.db.write() as tx:
        referral = open_for(tx, CONTENT, "p1", "food", "pantry-1", "Main Street Pantry")
        for source, word in WAYS[state]:
            report(tx, CONTENT, referral.id, Said(source, word, "test"))
    return referral.id


def test_a_referral_as_json(both: Clinic) -> None:
    """In the patient's list and by its id, with who said what."""
    referral_id = referred(both)
    (listed,) = both.read("/patients/p1/referrals")["items"]
    assert listed == both.read(f"/referrals/{referral_id}")
    assert listed["resource"] == {"id": "pantry-1", "name": "Main Street Pantry"}
    assert (listed["need"], listed["state"], listed["state_reason"]) == ("food", "requested", "partner_told")
    assert [(e["source"], e["status"], e["state"]) for e in listed["events"]] == [
        ("patient", "agreed", "accepted"),
        ("programme", "told_partner", "requested"),
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("source", ["partner", "chw"])
def test_every_report_on_every_state(clinic: Clinic, state: str, source: str) -> None:
    """Each word is heard and kept; the state only moves where the table leads, or to what the CHW says."""
    referral_id = referred(clinic, state)
    before = clinic.read(f"/referrals/{referral_id}")["state"]
    for count, word in enumerate(CONTENT.rules.words[source], 1):
        meant = CONTENT.rules.words[source][word]
        body = {"source": source, "status": word} | ({"reason": meant.reasons[0]} if meant.reasons else {})
        body |= {"proposed_at": "2026-03-09T14:00:00-04:00"} if meant.needs_time else {}
        answer = clinic.post(f"/referrals/{referral_id}/events", body)
        assert answer.status_code == 201, answer.text
        after = answer.get_json()
        assert after["state"] in (
            before,
            meant.state if source == "chw" else before,
            *CONTENT.rules.transitions[before],
        )
        if source == "chw" and meant.state:
            assert (after["state"], after["said_by"]) == (meant.state, "chw")
        assert len(after["events"]) == len(WAYS[state]) + count
        before = after["state"]


def test_the_same_report_twice_with_a_key_is_one(both: Clinic) -> None:
    """Answered as before."""
    referral_id = referred(both)
    body = {"source": "partner", "status": "accepted", "note": "Will call on Monday"}
    answers = [both.post(f"/referrals/{referral_id}/events", body, key="k1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    events = both.read(f"/referrals/{referral_id}")["events"]
    assert [event["note"] for event in events if event["source"] == "partner"] == ["Will call on Monday"]


def test_the_number_that_a_place_will_call_from(both: Clinic) -> None:
    """Kept sealed, in E.164, also one that cannot be texted."""
    path = f"/referrals/{referred(both)}"
    body = {"source": "partner", "status": "accepted", "calls_from": "(800) 555-0100 x4"}
    assert both.post(f"{path}/events", body).status_code == 201
    assert both.read(path)["events"][-1]["calls_from"] == "+18005550100"
    assert fields(both.post(f"{path}/events", {**body, "calls_from": "555"})) == ["calls_from"]


def test_what_cannot_be_said_is_refused(clinic: Clinic) -> None:
    """With the field, and the words that there are."""
    path = f"/referrals/{referred(clinic)}/events"
    for status in ("got_help", "offered", "requested", "cancelled"):
        assert fields(clinic.post(path, {"source": "partner", "status": status})) == ["status"]
    assert fields(clinic.post(path, {"source": "chw", "status": "offered"})) == ["status"]
    assert fields(clinic.post(path, {"source": "patient", "status": "got_help"})) == ["source"]
    assert fields(clinic.post(path, {"source": "partner", "status": "declined", "reason": "x"})) == ["reason"]
    assert clinic.post("/referrals/none/events", {"status": "noted"}).status_code == 404
    assert clinic.get("/referrals/none").status_code == 404


@pytest.mark.parametrize(
    ("status", "word"),
    [("completed", "helped"), ("rejected", "declined"), ("failed", "not_helped"), ("contacted", "reached")],
)
def test_a_place_may_use_the_names_of_states(clinic: Clinic, status: str, word: str) -> None:
    """Kept as the word that leads there."""
    after = clinic.post(f"/referrals/{referred(clinic)}/events", {"source": "partner", "status": status}).get_json()
    assert (after["state"], after["events"][-1]["status"]) == (status, word)


@pytest.mark.parametrize("proposed_at", [None, "2020-01-28T15:00:00-05:00", "2028-01-28T15:00:00-05:00"])
def test_an_appointment_has_a_time_to_come(clinic: Clinic, proposed_at: str | None) -> None:
    """Without one the patient would be told nothing, and one that is past would take the place of the real one."""
    path = f"/referrals/{referred(clinic)}"
    body = {"source": "partner", "status": "appointment", "proposed_at": "2026-03-09T14:00:00-04:00"}
    assert clinic.post(f"{path}/events", body).status_code == 201
    assert fields(clinic.post(f"{path}/events", body | {"proposed_at": proposed_at})) == ["proposed_at"]
    assert [each["proposed_at"] for each in clinic.read(path)["events"]] == [None, None, "2026-03-09T18:00:00Z"]


def test_a_report_that_is_dated_back_counts_and_keeps_its_time(clinic: Clinic) -> None:
    """It cannot have been before the referral was opened."""
    body = {"source": "partner", "status": "waitlisted", "at": "2020-01-01T00:00:00Z"}
    after = clinic.post(f"/referrals/{referred(clinic)}/events", body).get_json()
    assert (after["state"], after["events"][-1]["at"]) == ("waitlisted", "2020-01-01T00:00:00Z")


def test_needs_with_their_ends(clinic: Clinic) -> None:
    """Open, then resolved by the word of the CHW."""
    referral_id = referred(clinic)
    assert [(n["domain"], n["status"]) for n in clinic.read("/patients/p1/needs")["items"]] == [("food", None)]
    clinic.post(f"/referrals/{referral_id}/events", {"status": "completed"})
    (need,) = clinic.read("/patients/p1/needs")["items"]
    assert (need["status"], need["said_by"]) == ("resolved", "chw")


def test_how_a_place_is_told(clinic: Clinic) -> None:
    """Set whole, read back without the secret, refused where it cannot work."""
    hook = {"webhook": "https://example.org/hook", "secret": "sixteen letters or more"}
    assert clinic.put("/partners/pantry-1", {"mail": "p@example.org", **hook}).status_code == 200
    shown = clinic.read("/partners/pantry-1")
    assert shown == {
        "service_id": "pantry-1",
        "mail": "p@example.org",
        "phone": None,
        "webhook": "https://example.org/hook",
    }
    assert fields(clinic.put("/partners/x", hook | {"webhook": "http://example.org"})) == ["webhook"]
    assert fields(clinic.put("/partners/x", {"phone": "12"})) == ["phone"]
    assert fields(clinic.put("/partners/x", {"mail": "nobody"})) == ["mail"]
    assert clinic.put("/partners/x", {"webhook": "https://example.org"}).status_code == 422
    assert clinic.get("/partners/unknown").status_code == 404


def test_a_navigation_case_from_assignment_to_its_end(both: Clinic) -> None:
    """Assigned, planned with goals and steps, spoken with, closed; then nothing can be changed."""
    referred(both)
    with both.deps.db.write() as tx:
        case_id = navigation.offer(tx, "p1")
    path = f"/navigation/{case_id}"
    assert both.post(f"{path}/assign", {"chw": "Ana"}).get_json()["chw"] == "Ana"
    goals = [{"goal": "Food for the month", "steps": [{"what": "Apply for SNAP", "done": False}]}]
    planned = both.post(f"{path}/plan", {"goals": goals, "visits": ["2026-03-06T14:30:00-05:00"]}).get_json()
    assert (planned["plan"], planned["visits"]) == (goals, ["2026-03-06T19:30:00+00:00"])
    assert both.post(f"{path}/contacted").get_json()["contacted_at"] is not None
    assert both.post(f"{path}/close", {"status": "resolved"}).get_json()["said_by"] == "chw"
    assert both.post(f"{path}/assign", {"chw": "Ben"}).status_code == 409
    assert [case["id"] for case in both.read("/navigation?state=closed")["items"]] == [case_id]
    assert both.read("/navigation?state=open")["items"] == []
    with both.deps.db.read() as tx:
        actions = [entry.action for entry in audit.of_subject(tx, "navigation_case", str(case_id))]
    assert actions[-1] == "navigation_closed"
    assert both.get("/navigation/none").status_code == 404


def test_an_appointment_is_planned_for_when_it_is_written(clinic: Clinic) -> None:
    """A reminder to the patient, and two notices that say nothing unless somebody is eligible."""
    visit = {"at": "2026-03-06T19:30:00Z", "place": "Clinic A"}
    clinic.put("/patients/p1", PATIENT | {"appointments": [visit]})
    kinds = sorted(followup["kind"] for followup in clinic.read("/patients/p1/followups")["items"])
    assert kinds == ["appointment_reminder", "visit_notice", "visit_notice"]


def test_erasure_takes_everything_with_it(both: Clinic) -> None:
    """Referrals, events, needs and cases of the patient are gone."""
    referral_id = referred(both)
    with both.deps.db.write() as tx:
        case_id = navigation.offer(tx, "p1")
    assert both.delete("/patients/p1").status_code in (200, 204)
    assert both.get(f"/referrals/{referral_id}").status_code == 404
    assert both.get(f"/navigation/{case_id}").status_code == 404
