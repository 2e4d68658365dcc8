"""What a patient says of a place without being asked: its time does not suit, help came already; and what is shared."""

from __future__ import annotations

import pytest

from bot.store import escalations, needs, patients
from tests.referrals.world import PAT, ReferralWorld


@pytest.mark.parametrize("ours", [True, False])
def test_a_person_hears_that_the_time_of_a_place_does_not_suit(world: ReferralWorld, ours: bool) -> None:
    """Today, with the referral and no word of the patient; nothing of a referral that is not theirs."""
    referral = world.agrees()
    refused = {"type": "patient_cannot_make_it", "referral_id": referral.id if ours else "ref-of-nobody"}
    world.texts_in(refused, body="i work on friday")
    assert world.cases() == (["referral_time_refused"] if ours else [])
    with world.db.read() as tx:
        case = escalations.unresolved(tx, PAT, "referral_time_refused")
    if ours:
        assert case is not None
        assert (case.urgency, referral.id in (case.note or ""), "friday" in (case.note or "")) == ("today", True, False)


def test_a_need_that_was_met_before_a_place_was_chosen_is_closed(world: ReferralWorld) -> None:
    """By the patient's word, and nothing more is planned for it."""
    world.texts_in({"type": "places_offered", "ids": ["svc-1"], "domain": "food"})
    world.texts_in({"type": "need_met", "domain": "food"})
    with world.db.read() as tx:
        assert [(need.domain, need.status) for need in needs.of_patient(tx, PAT)] == [("food", "resolved")]
    assert "places_reminder" not in world.kinds()


@pytest.mark.parametrize(("share", "language"), [(True, "en"), (False, None)])
def test_the_language_that_is_shared_is_that_of_the_texts(
    world: ReferralWorld, share: bool, language: str | None
) -> None:
    """Where the clinic does not know it; the place reads it on its page."""
    with world.db.write() as tx:
        patients.upsert(tx, PAT, profile=patients.Profile(zip="20001"), language=None)
    world.agrees(share=share)
    with world.db.read() as tx:
        patient = patients.get(tx, PAT)
    assert patient is not None
    assert patient.language == language
