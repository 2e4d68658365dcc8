"""The result of a screening shows what is different from the one before."""

from __future__ import annotations

from typing import Any

from bot.store import conversations, phones, screenings
from tests.api.clinic import Clinic
from tests.api.test_campaigns import enter
from tests.world import StandingClock

CORE = "ahc-hrsn-core"


def screened(clinic: Clinic, answers: dict[str, Any], needs: dict[str, bool | None]) -> str:
    """A completed screening of mrn-1; gives its id."""
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, "mrn-1")
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, "mrn-1", "en")
        run = screenings.start(tx, "mrn-1", thread.id, CORE, "1.0", "en", "sms")
        for link_id, value in answers.items():
            screenings.record_answer(tx, run, link_id, None, value, "sms")
        kept: list[Any] = [{"domain": domain, "positive": positive, "basis": []} for domain, positive in needs.items()]
        screenings.complete(tx, run, "completed", {"needs": kept, "scores": {}})
    return run


def test_needs_and_answers_that_changed(both: Clinic, clock: StandingClock) -> None:
    """By domain and by item, with the screening it is compared to; the words of an answer are no difference."""
    enter(both, "mrn-1")
    steady, worried = {"code": "LA31993-1", "display": "Steady"}, {"code": "LA31994-9", "display": "Worried"}
    first = screened(both, {"1": worried, "2": [steady], "3": steady}, {"housing": True, "food": False})
    assert both.read(f"/screenings/{first}")["changed_since"] is None
    clock.advance(days=182)
    told = {"code": "LA31993-1", "display": "Un lugar fijo"}
    second = screened(both, {"1": told, "2": [told], "4": worried}, {"housing": False, "food": False})
    (_, shown) = both.read("/patients/mrn-1/screenings")["items"]
    changed = shown["changed_since"]
    assert shown["id"] == second
    assert (changed["screening_id"], changed["completed_at"]) == (first, "2026-03-03T15:00:00Z")
    assert changed["needs"] == [{"domain": "housing", "before": True, "now": False}]
    assert changed["answers"] == [
        {"link_id": "1", "before": worried, "now": told},
        {"link_id": "4", "before": None, "now": worried},
        {"link_id": "3", "before": steady, "now": None},
    ]


def test_a_screening_that_has_not_ended_shows_nothing_yet(clinic: Clinic) -> None:
    """Half the answers would look like a great change."""
    enter(clinic, "mrn-1")
    screened(clinic, {}, {})
    with clinic.deps.db.write() as tx:
        run = screenings.start(tx, "mrn-1", "cv", CORE, "1.0", "en", "sms")
    assert clinic.read(f"/screenings/{run}")["changed_since"] is None
