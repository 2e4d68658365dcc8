"""The queue of what a person must look at: in order, claimed by one, resolved once."""

from __future__ import annotations

from bot.store import escalations
from tests.api.clinic import Clinic
from tests.world import StandingClock


def test_an_escalation_is_claimed_and_resolved(both: Clinic, clock: StandingClock) -> None:
    """Open, then claimed by somebody, then resolved; the note of opening is kept beside the one of closing."""
    escalation_id = _escalate(both, "crisis", "Call her sister.")
    opened = both.read("/escalations")["items"][0]
    assert opened == {
        "id": escalation_id,
        "patient_id": "mrn-1",
        "kind": "crisis",
        "urgency": "now",
        "state": "open",
        "opened_at": "2026-03-03T15:00:00Z",
        "claimed_by": None,
        "claimed_at": None,
        "resolved_at": None,
        "note": "Call her sister.",
    }
    clock.advance(minutes=5)
    claimed = both.post(f"/escalations/{escalation_id}/claim", {"by": "Ana"})
    assert claimed.get_json() == opened | {
        "state": "claimed",
        "claimed_by": "Ana",
        "claimed_at": "2026-03-03T15:05:00Z",
    }
    resolved = both.post(f"/escalations/{escalation_id}/resolve", {"note": "Spoke to her."}).get_json()
    assert (resolved["state"], resolved["resolved_at"]) == ("resolved", "2026-03-03T15:05:00Z")
    assert resolved["note"] == "Call her sister.\n\nSpoke to her."


def test_an_escalation_is_claimed_by_one(both: Clinic) -> None:
    """The second one is told so (409); the first may ask again; nobody claims what is resolved."""
    escalation_id = _escalate(both, "crisis")
    assert both.post(f"/escalations/{escalation_id}/claim").get_json()["claimed_by"].startswith("token:")
    assert both.post(f"/escalations/{escalation_id}/claim").status_code == 200
    assert both.post(f"/escalations/{escalation_id}/claim", {"by": "Ana"}).status_code == 409
    assert both.post(f"/escalations/{escalation_id}/resolve").status_code == 200
    assert both.post(f"/escalations/{escalation_id}/resolve").status_code == 409
    assert both.post(f"/escalations/{escalation_id}/claim").status_code == 409


def test_escalations_are_filtered_by_state(clinic: Clinic) -> None:
    """All when no state is asked for."""
    first, second = (_escalate(clinic, "crisis") for _ in range(2))
    clinic.post(f"/escalations/{first}/claim")
    assert [e["id"] for e in clinic.read("/escalations")["items"]] == [first, second]
    assert [e["id"] for e in clinic.read("/escalations?state=claimed")["items"]] == [first]
    assert clinic.read("/escalations?state=resolved")["items"] == []


def test_next_is_an_address_that_keeps_the_question(clinic: Clinic) -> None:
    """It can be fetched as it is, holds the limit and the filter, and no identifier but ids."""
    for _ in range(3):
        _escalate(clinic, "asked_for_a_person")
    page = clinic.read("/escalations?state=open&limit=2")
    assert page["next"].startswith("http://localhost/api/v1/escalations?state=open&limit=2&cursor=")
    assert len(clinic.read(page["next"])["items"]) == 1


def test_next_uses_the_public_address_when_the_caller_does(clinic: Clinic) -> None:
    """Behind a proxy that takes off TLS the app sees http; the address given is still the public one."""
    for _ in range(2):
        _escalate(clinic, "asked_for_a_person")
    public = clinic.deps.settings.public_url
    page = clinic.get("/escalations?limit=1", base_url=public.replace("http:", "https:")).get_json()
    assert page["next"].startswith(f"{public}/api/v1/escalations?")


def _escalate(clinic: Clinic, kind: str, note: str | None = None) -> str:
    with clinic.deps.db.write() as tx:
        return escalations.create(
            tx, patient_id="mrn-1", conversation_id=None, inbound_id=None, kind=kind, urgency="now", note=note
        )
