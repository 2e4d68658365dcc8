"""Who was screened not long ago is not invited: what counts as screened, and at which time that is asked."""

from __future__ import annotations

from typing import Any

import pytest

from bot.release import release_due
from bot.store import conversations, phones, screenings
from tests.api.clinic import Clinic
from tests.api.test_campaigns import INVITE, enter, followup_of, released
from tests.world import StandingClock

AT_ITS_END: dict[str, Any] = {"answered_by": "patient", "needs": []}


def left_after(*known: bool | None) -> dict[str, Any]:
    """The result of a screening that nobody went on with: what is known of each domain."""
    return {"needs": [{"domain": f"domain-{n}", "positive": each, "basis": []} for n, each in enumerate(known)]}


def screened(clinic: Clinic, state: str, result: dict[str, Any] | None) -> None:
    """A screening of mrn-1 that ends now."""
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, "mrn-1")
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, "mrn-1", "en")
        run = screenings.start(tx, "mrn-1", thread.id, "ahc-hrsn-core", "1.0", "en", "sms")
        screenings.complete(tx, run, state, result)


@pytest.mark.parametrize(
    ("state", "result", "counts"),
    [
        ("completed", AT_ITS_END, True),
        ("partial", AT_ITS_END, True),  # the private questions were skipped
        ("partial", left_after(True, False, None), True),
        ("partial", left_after(True, None, None), False),
        ("partial", left_after(True, None), False),
        ("partial", left_after(), False),
        ("partial", None, False),
        ("expired", left_after(True, True, None), False),
    ],
)
def test_what_counts_as_screened(clinic: Clinic, state: str, result: dict[str, Any] | None, counts: bool) -> None:
    """The end was reached, or most is known; the dry run and the campaign say the same."""
    enter(clinic, "mrn-1")
    screened(clinic, state, result)
    foreseen = clinic.post("/campaigns", INVITE | {"dry_run": True}).get_json()
    assert [each["reason"] for each in foreseen["would_not_text"]] == ["screened_recently"] * counts
    clinic.post("/campaigns", INVITE)
    assert len(released(clinic)) == (0 if counts else 1)


@pytest.mark.parametrize("kind", ["screening", "rescreening"])
@pytest.mark.parametrize("start_at", ["2026-05-29T15:00:00Z", "2026-06-08T15:00:00Z"])
def test_the_window_is_measured_when_the_text_would_go(
    both: Clinic, clock: StandingClock, kind: str, start_at: str
) -> None:
    """Screened on 3 March, ninety days: 29 May is within them, 8 June is not."""
    enter(both, "mrn-1")
    screened(both, "completed", {})
    body = INVITE | {"kind": kind, "start_at": start_at}
    goes = start_at > "2026-06"
    foreseen = both.post("/campaigns", body | {"dry_run": True}).get_json()
    assert bool(foreseen["would_text"]) == goes
    both.post("/campaigns", body)
    assert followup_of(both, "mrn-1") == (("planned", None) if goes else ("dropped", "screened_recently"))
    clock.advance(days=97)
    release_due(both.deps)
    assert len(released(both)) == goes


def test_a_screening_before_the_text_goes_still_counts(clinic: Clinic, clock: StandingClock) -> None:
    """Nothing stood against it when the campaign was made."""
    enter(clinic, "mrn-1")
    clinic.post("/campaigns", INVITE | {"start_at": "2026-06-08T15:00:00Z"})
    clock.advance(days=60)
    screened(clinic, "partial", AT_ITS_END)
    clock.advance(days=37)
    release_due(clinic.deps)
    assert released(clinic) == []
    assert followup_of(clinic, "mrn-1") == ("dropped", "screened_recently")


@pytest.mark.parametrize(
    ("zip_of_first", "goes"),
    [(None, "mrn-1"), ("90001", "mrn-2")],
)
def test_the_dry_run_names_who_is_texted_first_on_a_shared_phone(
    both: Clinic, zip_of_first: str | None, goes: str
) -> None:
    """Whose time comes first, and of the same time whoever is first in the list; ids decide nothing."""
    names = ["mrn-1", "mrn-2", *(f"x-{n}" for n in range(8))]
    for patient_id in names:
        enter(both, patient_id, zip=zip_of_first if patient_id == "mrn-1" else None)
    body = INVITE | {"patients": names}
    foreseen = both.post("/campaigns", body | {"dry_run": True}).get_json()
    assert [each["patient_id"] for each in foreseen["would_text"]] == [goes]
    assert {each["reason"] for each in foreseen["would_not_text"]} == {"phone_busy"}
    both.post("/campaigns", body)
    assert [row.detail["patient_id"] for row in released(both)] == [goes]
