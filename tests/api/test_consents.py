"""Consent as the clinic tells it, beside what the patients say themselves."""

from __future__ import annotations

from typing import Any

from bot.store import consents
from tests.api.clinic import Clinic
from tests.api.test_patients import ROSA
from tests.world import StandingClock


def test_consent_is_a_history_and_a_repeat_adds_nothing(both: Clinic, clock: StandingClock) -> None:
    """Each decision is a row of its own; the same PUT again is the same decision; the latest counts."""
    both.put("/patients/mrn-1", ROSA)
    both.put("/patients/mrn-1", ROSA)
    clock.advance(days=1)
    withdrawn = both.put("/patients/mrn-1", {"consent": {"granted": False, "method": "front desk"}}).get_json()
    both.put("/patients/mrn-1", {"consent": {"granted": False, "method": "front desk"}})
    assert withdrawn["consent"] == {"granted": False, "method": "front desk", "at": "2026-03-04T15:00:00Z"}
    with both.deps.db.read() as tx:
        kept = [(c.granted, c.method, c.channel) for c in consents.list_for_patient(tx, "mrn-1")]
    assert kept == [(False, "front desk", "clinic"), (True, "intake form", "clinic")]


CLINIC_SAYS_YES: dict[str, Any] = {"consent": {"granted": True, "method": "intake form"}}


def _refuse(clinic: Clinic) -> None:
    """The patient says no by text."""
    with clinic.deps.db.write() as tx:
        consents.record(
            tx,
            patient_id="mrn-1",
            phone_id=None,
            granted=False,
            method="sms",
            text_version="1",
            channel="sms",
            at=tx.now(),
        )


def test_a_nightly_update_does_not_undo_a_refusal(both: Clinic, clock: StandingClock) -> None:
    """Without a time, a yes never counts against the patient's own no, in these words or in others."""
    both.put("/patients/mrn-1", ROSA | CLINIC_SAYS_YES)
    clock.advance(days=1)
    _refuse(both)
    for method in ("intake form", "intake form, second edition"):
        clock.advance(days=1)
        answer = both.put("/patients/mrn-1", {"consent": {"granted": True, "method": method}})
        assert (answer.status_code, answer.get_json()["consent"]["method"]) == (200, "sms")
    both.put("/patients/mrn-1", {"consent": {"granted": False, "method": "front desk"}})
    both.put("/patients/mrn-1", CLINIC_SAYS_YES)
    assert both.read("/patients/mrn-1")["consent"]["granted"] is False
    with both.deps.db.read() as tx:
        assert len(consents.list_for_patient(tx, "mrn-1")) == 3


def test_a_dated_yes_after_a_refusal_counts(both: Clinic, clock: StandingClock) -> None:
    """Who signs again later has changed their mind; a signature from before the no has not."""
    both.put("/patients/mrn-1", ROSA)
    _refuse(both)
    clock.advance(days=1)
    both.put("/patients/mrn-1", {"consent": {"granted": True, "method": "form", "at": "2026-03-03T14:00:00Z"}})
    assert both.read("/patients/mrn-1")["consent"]["granted"] is False
    both.put("/patients/mrn-1", {"consent": {"granted": True, "method": "form", "at": "2026-03-04T14:00:00Z"}})
    assert both.read("/patients/mrn-1")["consent"]["granted"] is True


def test_a_refusal_told_at_the_desk_is_the_patients_own(clinic: Clinic, clock: StandingClock) -> None:
    """After an opt-out in the clinic, an undated yes changes nothing either."""
    clinic.put("/patients/mrn-1", ROSA)
    clinic.post("/patients/mrn-1/opt-out")
    clock.advance(days=1)
    assert clinic.put("/patients/mrn-1", CLINIC_SAYS_YES).get_json()["consent"]["granted"] is False


def test_a_clinic_may_take_back_its_own_no(clinic: Clinic, clock: StandingClock) -> None:
    """What the clinic itself withdrew it may give again."""
    clinic.put("/patients/mrn-1", ROSA)
    clock.advance(days=1)
    clinic.put("/patients/mrn-1", {"consent": {"granted": False, "method": "front desk"}})
    clock.advance(days=1)
    assert clinic.put("/patients/mrn-1", CLINIC_SAYS_YES).get_json()["consent"]["granted"] is True
