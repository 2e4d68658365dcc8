"""A screening that was left: two reminders, then it rests; and asking again months later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot import reminders, rescreening
from bot.content.policy import load_policy
from bot.release import release_due
from bot.store import conversations, followups, phones, screenings
from bot.store.followups import FollowUp
from tests.api.clinic import Clinic
from tests.api.test_campaigns import enter, released
from tests.api.test_left_screenings import write
from tests.world import StandingClock

CORE = "ahc-hrsn-core"
DAY = timedelta(days=1)
CADENCE = load_policy().cadence


def begin(clinic: Clinic, patient_id: str = "mrn-1") -> str:
    """A screening begins, as a turn begins one; gives its id."""
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, patient_id)
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, patient_id, "en")
        version = clinic.deps.content.instruments[CORE].version
        run = screenings.start(tx, patient_id, thread.id, CORE, version, "en", "sms")
        reminders.plan_first(tx, patient_id, run, CORE)
    return run


def by_kind(clinic: Clinic, kind: str, patient_id: str = "mrn-1") -> list[FollowUp]:
    """The patient's follow-ups of a kind, by their time."""
    with clinic.deps.db.read() as tx:
        return [f for f in followups.list_for_patient(tx, patient_id, None, 100).items if f.kind == kind]


def due_kinds(clinic: Clinic) -> list[str]:
    """The kinds of the follow-ups that are handed on now."""
    release_due(clinic.deps)
    return [row.detail["followup_kind"] for row in released(clinic)]


def test_two_reminders_and_then_it_rests(both: Clinic, clock: StandingClock) -> None:
    """The next day, the third day, and after two weeks it ends as partial; nothing comes after that."""
    enter(both, "mrn-1")
    run = begin(both)
    heard = []
    for day in range(1, 30):
        clock.advance(days=1)
        heard += [(day, kind) for kind in due_kinds(both)]
    assert heard == [(1, "screening_reminder"), (3, "screening_reminder")]
    with both.deps.db.read() as tx:
        ended = screenings.get(tx, run)
    assert ended.state == "partial"
    assert ended.completed_at is not None
    assert ended.completed_at - ended.started_at == CADENCE.rests_after


def test_who_goes_on_is_not_reminded(clinic: Clinic, clock: StandingClock) -> None:
    """A text puts the reminder off until a day after it; the end of the screening ends the reminders."""
    enter(clinic, "mrn-1")
    run = begin(clinic)
    clock.advance(hours=20)
    write(clinic, "mrn-1")
    clock.advance(hours=5)
    assert due_kinds(clinic) == []
    (waits,) = by_kind(clinic, "screening_reminder")
    assert (waits.state, waits.due_at) == ("planned", clock.now() + timedelta(hours=19))
    with clinic.deps.db.write() as tx:
        screenings.complete(tx, run, "completed", {})
    clock.advance(days=15)
    assert due_kinds(clinic) == []
    assert [f.state for f in by_kind(clinic, "screening_reminder")] == ["dropped"]
    assert [f.state for f in by_kind(clinic, "screening_rest")] == ["dropped"]


def test_a_promised_time_comes_before_a_reminder(clinic: Clinic, clock: StandingClock) -> None:
    """ "Text me in two days": no reminder before that, and the promise is kept to the minute, on a Saturday evening."""
    enter(clinic, "mrn-1")
    begin(clinic)
    saturday = clock.now() + timedelta(days=4, hours=9)
    with clinic.deps.db.write() as tx:
        followups.plan(tx, "mrn-1", "resume_screening", saturday, {}, "resume:1")
    while clock.now() < saturday:
        assert due_kinds(clinic) == []
        clock.advance(hours=1)
    assert due_kinds(clinic) == ["resume_screening"]


def test_an_opt_out_ends_the_reminders_but_not_the_end(clinic: Clinic, clock: StandingClock) -> None:
    """Nothing is sent any more, and the screening still ends."""
    enter(clinic, "mrn-1")
    run = begin(clinic)
    clinic.post("/patients/mrn-1/opt-out")
    clock.advance(days=15)
    assert due_kinds(clinic) == []
    with clinic.deps.db.read() as tx:
        assert screenings.get(tx, run).state == "partial"


def test_the_questions_come_again(clinic: Clinic, clock: StandingClock) -> None:
    """Half a year after needs, a year without; a newer screening takes the place of the older plan."""
    enter(clinic, "mrn-1")
    needs: dict[str, Any] = {"needs": [{"domain": "food", "positive": True, "basis": []}]}
    for number, result in enumerate((needs, {"needs": []})):
        with clinic.deps.db.write() as tx:
            rescreening.plan_next(tx, "mrn-1", f"scr_{number}", CORE, result)
    first, second = by_kind(clinic, "rescreening")
    assert (first.state, first.reason, first.due_at) == (
        "dropped",
        "screened_again",
        clock.now() + CADENCE.rescreen_with_needs,
    )
    assert (second.state, second.due_at) == ("planned", clock.now() + CADENCE.rescreen_without)
    clock.advance(days=CADENCE.rescreen_without.days)
    assert due_kinds(clinic) == ["rescreening"]


def test_what_was_left_is_asked_again_too(clinic: Clinic, clock: StandingClock) -> None:
    """A screening that rests as partial: the questions come again, after a year where no need is known."""
    enter(clinic, "mrn-1")
    begin(clinic)
    clock.advance(days=15)
    release_due(clinic.deps)
    (again,) = by_kind(clinic, "rescreening")
    assert (again.state, again.due_at) == ("planned", clock.now() + CADENCE.rescreen_without)


def test_a_short_screening_does_not_take_the_place_of_the_long_one(clinic: Clinic) -> None:
    """Each instrument is asked again in its own time."""
    enter(clinic, "mrn-1")
    with clinic.deps.db.write() as tx:
        rescreening.plan_next(tx, "mrn-1", "scr_0", CORE, {"needs": []})
        rescreening.plan_next(tx, "mrn-1", "scr_1", "hunger-vital-sign", {"needs": []})
    assert [(f.state, f.guard["instrument"]) for f in by_kind(clinic, "rescreening")] == [
        ("planned", CORE), ("planned", "hunger-vital-sign"),
    ]  # fmt: skip


def test_who_was_screened_since_is_not_asked_again(clinic: Clinic, clock: StandingClock) -> None:
    """The clinic screened the patient in between: the plan is dropped when it falls due."""
    enter(clinic, "mrn-1")
    with clinic.deps.db.write() as tx:
        rescreening.plan_next(tx, "mrn-1", "scr_0", CORE, {"needs": []})
    clock.advance(days=100)
    run = begin(clinic)
    with clinic.deps.db.write() as tx:
        screenings.complete(tx, run, "completed", {})
    clock.advance(days=300)
    assert due_kinds(clinic) == []
    assert by_kind(clinic, "rescreening")[0].reason == "screened_again"


def test_on_request_it_comes_at_once(clinic: Clinic, clock: StandingClock) -> None:
    """Something changed: as soon as the gate allows, once."""
    enter(clinic, "mrn-1")
    with clinic.deps.db.write() as tx:
        assert rescreening.plan_now(tx, "mrn-1", CORE) is not None
        assert rescreening.plan_now(tx, "mrn-1", CORE) is None
    assert due_kinds(clinic) == ["rescreening"]
