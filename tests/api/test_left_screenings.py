"""A screening that nobody goes on with: it holds up no invitation for ever, and ends with what was answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.content.policy import load_policy
from bot.release import release_due
from bot.store import campaigns, conversations, inbound, phones, screenings
from bot.store.screenings import Screening
from tests.api.clinic import Clinic
from tests.api.test_campaigns import INVITE, enter, followup_of, released
from tests.world import StandingClock

CORE = "ahc-hrsn-core"
A_MINUTE = timedelta(minutes=1)
LEFT_AFTER = load_policy().cadence.rests_after


def begin(clinic: Clinic, patient_id: str, version: str | None = None) -> str:
    """The patient answers the first question, worried about the place they live in; gives the run's id."""
    core = clinic.deps.content.instruments[CORE]
    item = core.item("1")
    option = next(option for option in item.options if option.need)
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, patient_id)
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, patient_id, "en")
        run = screenings.start(tx, patient_id, thread.id, CORE, version or core.version, "en", "sms")
        screenings.record_answer(tx, run, item.link_id, item.code, {"code": option.code}, "sms")
    return run


def write(clinic: Clinic, patient_id: str) -> None:
    """The patient texts, and a turn is taken on it."""
    with clinic.deps.db.write() as tx:
        inbound.store(
            tx, message_sid="SM1", kind="text", channel="sms", from_address="+12025550123", to_address="+12025550100",
            body="hello", received_at=tx.now(),
        )  # fmt: skip
        (thread,) = conversations.of_patient(tx, patient_id)
    row = inbound.claim(clinic.deps.db, "w1", timedelta(minutes=1))
    assert row is not None
    with clinic.deps.db.write() as tx:
        inbound.finish(tx, row, "answered", thread.id, patient_id)


def read(clinic: Clinic, run: str) -> Screening:
    """The run as it stands."""
    with clinic.deps.db.read() as tx:
        return screenings.get(tx, run)


def test_an_invitation_waits_for_a_screening_and_not_for_ever(both: Clinic, clock: StandingClock) -> None:
    """Two weeks after its last move the screening counts as left: it ends with its result, and the patient is asked."""
    enter(both, "mrn-1")
    run = begin(both, "mrn-1")
    both.post("/campaigns", INVITE)
    clock.advance(seconds=(LEFT_AFTER - A_MINUTE).total_seconds())
    release_due(both.deps)
    assert followup_of(both, "mrn-1") == ("held", "screening_open")
    assert read(both, run).state == "in_progress"
    clock.advance(days=1)
    release_due(both.deps)
    assert [row.detail["patient_id"] for row in released(both)] == ["mrn-1"]
    ended = read(both, run)
    assert (ended.state, ended.completed_at) == ("expired", clock.now())
    assert ended.result is not None
    needs = {need["domain"]: need["positive"] for need in ended.result["needs"]}
    assert needs["housing"] is True
    assert needs["food"] is None
    (shown,) = both.read("/patients/mrn-1/screenings")["items"]
    assert shown["state"] == "expired"


@pytest.mark.parametrize("move", ["an answer", "a text"])
def test_a_screening_that_moves_is_not_left(clinic: Clinic, clock: StandingClock, move: str) -> None:
    """An answer or a text of the patient begins the two weeks anew, however long ago the first question was."""
    enter(clinic, "mrn-1")
    run = begin(clinic, "mrn-1")
    clock.advance(days=12)
    if move == "an answer":
        with clinic.deps.db.write() as tx:
            screenings.record_answer(tx, run, "2", None, [], "sms")
    else:
        write(clinic, "mrn-1")
    clock.advance(days=13)
    clinic.post("/campaigns", INVITE)
    assert followup_of(clinic, "mrn-1") == ("held", "screening_open")


def test_a_screening_of_another_edition_ends_without_a_result(clinic: Clinic, clock: StandingClock) -> None:
    """Its answers are not read by rules that were made for other questions."""
    enter(clinic, "mrn-1")
    run = begin(clinic, "mrn-1", version="0.9")
    clock.advance(days=15)
    clinic.post("/campaigns", INVITE)
    assert len(released(clinic)) == 1
    assert (read(clinic, run).state, read(clinic, run).result) == ("expired", None)


def test_the_campaign_before_says_that_it_was_left_half_way(clinic: Clinic, clock: StandingClock) -> None:
    """Started becomes partial; the new campaign is at its beginning."""
    enter(clinic, "mrn-1")
    before = clinic.post("/campaigns", INVITE).get_json()["id"]
    released(clinic)
    begin(clinic, "mrn-1")
    with clinic.deps.db.write() as tx:
        (enrolment,) = campaigns.enrolments(tx, before)
        campaigns.set_enrolment_state(tx, enrolment.id, "started")
    clock.advance(days=15)
    after = clinic.post("/campaigns", INVITE).get_json()["id"]
    assert clinic.read(f"/campaigns/{before}")["counts"]["partial"] == 1
    assert clinic.read(f"/campaigns/{after}")["counts"]["enrolled"] == 1


def test_a_dry_run_ends_nothing(clinic: Clinic, clock: StandingClock) -> None:
    """It foresees the invitation and leaves the screening as it is."""
    enter(clinic, "mrn-1")
    run = begin(clinic, "mrn-1")
    clock.advance(days=15)
    assert clinic.post("/campaigns", INVITE | {"dry_run": True}).get_json()["would_not_text"] == []
    assert read(clinic, run).state == "in_progress"


def test_a_shared_phone_is_held_as_long_as_a_screening_on_it_moves(both: Clinic, clock: StandingClock) -> None:
    """Not two days only: the other patient's questions would be answered in the wrong name. Left, it holds no more."""
    enter(both, "mrn-1")
    enter(both, "mrn-2")
    run = begin(both, "mrn-2")
    both.post("/campaigns", INVITE)
    for _ in range(3):
        clock.advance(days=4)
        release_due(both.deps)
        assert followup_of(both, "mrn-1") == ("held", "phone_busy")
    clock.advance(days=3)
    release_due(both.deps)
    assert followup_of(both, "mrn-1")[0] == "sent"
    assert read(both, run).state == "in_progress"


def test_a_screening_on_another_phone_holds_nobody(clinic: Clinic, clock: StandingClock) -> None:
    """Only the phone on which it goes on is held."""
    enter(clinic, "mrn-2", "2025550177")
    begin(clinic, "mrn-2")
    enter(clinic, "mrn-2")
    enter(clinic, "mrn-1")
    clinic.post("/campaigns", INVITE)
    assert followup_of(clinic, "mrn-1")[0] == "sent"
