"""Invitations that wait: when they are released, held, dropped, and that each goes out once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.release import LOOK_AGAIN, TOO_LATE, release_due
from bot.store import campaigns, conversations, followups, phones, suppressions
from tests.api.clinic import Clinic
from tests.api.test_campaigns import GRANTED, INVITE, enter, followup_of, make_refusable, released
from tests.world import StandingClock


def test_what_may_pass_is_looked_at_again(both: Clinic, clock: StandingClock) -> None:
    """Consent that comes later lets the invitation out, once, at the next look."""
    both.put("/patients/mrn-1", {"phone": "2025550123"})
    both.post("/campaigns", INVITE)
    assert followup_of(both, "mrn-1") == ("held", "no_consent")
    both.put("/patients/mrn-1", {"consent": GRANTED})
    assert release_due(both.deps) == 0
    clock.advance(seconds=LOOK_AGAIN.total_seconds())
    assert release_due(both.deps) == 1
    assert len(released(both)) == 1
    assert followup_of(both, "mrn-1")[0] == "sent"


def test_what_will_not_pass_is_dropped(clinic: Clinic, clock: StandingClock) -> None:
    """After an opt-out no later look brings the invitation back, not even a new START."""
    make_refusable(clinic, "opted_out")
    clinic.post("/campaigns", INVITE)
    with clinic.deps.db.write() as tx:
        suppressions.lift(tx, clinic.deps.vault.number_hash("+12025550123"), "opted_out")
    clock.advance(days=1)
    assert release_due(clinic.deps) == 0
    assert followup_of(clinic, "mrn-1") == ("dropped", "opted_out")


def test_an_invitation_does_not_wait_for_ever(clinic: Clinic, clock: StandingClock) -> None:
    """A month after its campaign began it is dropped."""
    clinic.put("/patients/mrn-1", {"phone": "2025550123"})
    clinic.post("/campaigns", INVITE)
    clock.advance(seconds=TOO_LATE.total_seconds() + 1)
    release_due(clinic.deps)
    assert followup_of(clinic, "mrn-1") == ("dropped", "too_late")


def test_a_campaign_waits_for_its_start(both: Clinic, clock: StandingClock) -> None:
    """Nothing before; the gate is asked again at the moment itself."""
    enter(both, "mrn-1")
    enter(both, "mrn-2", "2025550177")
    both.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-2"], "start_at": "2026-03-04T10:00:00-06:00"})
    assert released(both) == []
    both.post("/patients/mrn-2/opt-out")
    clock.advance(hours=25)
    release_due(both.deps)
    assert [row.detail["patient_id"] for row in released(both)] == ["mrn-1"]
    assert followup_of(both, "mrn-2") == ("dropped", "opted_out")


def test_two_patients_on_one_phone_are_invited_in_turn(both: Clinic, clock: StandingClock) -> None:
    """The second waits while the first is being spoken to, and comes the day after: one text a day to one phone."""
    enter(both, "mrn-1")
    enter(both, "mrn-2")
    foreseen = both.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-2"], "dry_run": True}).get_json()
    assert foreseen["would_not_text"] == [{"patient_id": "mrn-2", "reason": "phone_busy"}]
    campaign_id = both.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-2"]}).get_json()["id"]
    (first,) = released(both)
    other = {"mrn-1": "mrn-2", "mrn-2": "mrn-1"}[first.detail["patient_id"]]
    assert both.read(f"/campaigns/{campaign_id}")["held_reasons"] == {"phone_busy": 1}
    with both.deps.db.write() as tx:
        campaigns.set_enrolment_state(tx, first.detail["enrolment_id"], "completed")
    clock.advance(hours=25)
    release_due(both.deps)
    assert [row.detail["patient_id"] for row in released(both)] == [other]


def test_a_shared_phone_is_free_when_nobody_answers(clinic: Clinic, clock: StandingClock) -> None:
    """An invitation without an answer does not keep the others waiting for more than some days."""
    enter(clinic, "mrn-1")
    enter(clinic, "mrn-2")
    clinic.post("/campaigns", INVITE | {"patients": ["mrn-1", "mrn-2"]})
    (first,) = released(clinic)
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, "mrn-1")
        assert phone is not None
        conversations.find_or_create(tx, phone.id, first.detail["patient_id"], "en")
        campaigns.set_enrolment_state(tx, first.detail["enrolment_id"], "delivered")
    clock.advance(hours=2)
    release_due(clinic.deps)
    assert released(clinic) == []
    clock.advance(days=3)
    release_due(clinic.deps)
    assert len(released(clinic)) == 1


def test_four_at_once_release_each_invitation_once(both: Clinic, clock: StandingClock) -> None:
    """Any number of clocks may run."""
    names = [f"mrn-{number}" for number in range(12)]
    for number, name in enumerate(names):
        enter(both, name, f"20255501{number:02}")
    both.post("/campaigns", INVITE | {"patients": names, "start_at": "2026-03-03T16:00:00Z"})
    clock.advance(hours=1)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: release_due(both.deps), range(4)))
    assert sum(counts) == 12
    assert sorted(row.detail["patient_id"] for row in released(both)) == sorted(names)


@pytest.mark.parametrize(("state", "outcome"), [("paused", "held"), ("cancelled", "dropped")])
def test_a_stopped_campaign_invites_nobody(clinic: Clinic, clock: StandingClock, state: str, outcome: str) -> None:
    """Paused, it waits; cancelled, it is over."""
    enter(clinic, "mrn-1")
    made = clinic.post("/campaigns", INVITE | {"start_at": "2026-03-03T16:00:00Z"}).get_json()
    with clinic.deps.db.write() as tx:
        campaigns.set_state(tx, made["id"], state)
    clock.advance(hours=1)
    release_due(clinic.deps)
    assert followup_of(clinic, "mrn-1") == (outcome, f"campaign_{state}")


def test_a_patient_who_is_further_already_is_not_invited(clinic: Clinic, clock: StandingClock) -> None:
    """Who texted in and started by themselves before the campaign began is left in peace."""
    enter(clinic, "mrn-1")
    made = clinic.post("/campaigns", INVITE | {"start_at": "2026-03-03T16:00:00Z"}).get_json()
    with clinic.deps.db.write() as tx:
        (enrolment,) = campaigns.enrolments(tx, made["id"])
        campaigns.set_enrolment_state(tx, enrolment.id, "completed")
    clock.advance(hours=1)
    release_due(clinic.deps)
    assert followup_of(clinic, "mrn-1") == ("dropped", "no_longer_needed")
    assert clinic.read(f"/campaigns/{made['id']}")["counts"]["completed"] == 1


def test_other_follow_ups_go_the_same_way(clinic: Clinic) -> None:
    """What is no invitation is handed on as it is."""
    enter(clinic, "mrn-1")
    with clinic.deps.db.write() as tx:
        followups.plan(tx, "mrn-1", "other", tx.now(), {"about": "r1"}, "k")
    release_due(clinic.deps)
    (row,) = released(clinic)
    assert (row.detail["followup_kind"], row.detail["guard"]) == ("other", {"about": "r1"})


def test_a_start_that_lies_back_means_now(clinic: Clinic) -> None:
    """The follow-up says when it really went, not when the clinic wished it had."""
    enter(clinic, "mrn-1")
    clinic.post("/campaigns", INVITE | {"start_at": "2026-02-20T16:00:00Z"})
    (followup,) = clinic.read("/patients/mrn-1/followups")["items"]
    assert (followup["state"], followup["due_at"]) == ("sent", "2026-03-03T15:00:00Z")
    assert len(released(clinic)) == 1


def test_an_opt_out_ends_the_outreach_to_everybody_on_the_phone(both: Clinic, clock: StandingClock) -> None:
    """Planned invitations are dropped and every campaign says opted_out, also for who shares the phone."""
    enter(both, "mrn-1")
    enter(both, "mrn-2")
    body = INVITE | {"patients": ["mrn-1", "mrn-2"], "start_at": "2026-03-03T16:00:00Z"}
    campaign_id = both.post("/campaigns", body).get_json()["id"]
    both.post("/patients/mrn-1/opt-out")
    clock.advance(hours=2)
    assert release_due(both.deps) == 0
    assert both.read(f"/campaigns/{campaign_id}")["counts"]["opted_out"] == 2
    assert followup_of(both, "mrn-2") == ("dropped", "opted_out")
    assert both.read("/patients/mrn-2")["consent"]["granted"] is True
