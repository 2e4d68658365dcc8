"""Navigation and visits: who helps, by when, and who is told that a patient comes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.adapters.memory_mail import MemoryMail
from bot.importing import accept, read_list, write_batch
from bot.referrals import visits
from bot.store import followups, navigation, needs, on_call, patients
from bot.store.patients import Appointment
from tests.referrals.world import PAT, ReferralWorld

VISIT = datetime(2026, 3, 6, 19, 30, tzinfo=UTC)  # a Friday, 14:30 in New York


def on_duty(world: ReferralWorld) -> str:
    """Ana is on call."""
    with world.db.write() as tx:
        return on_call.add(tx, name="Ana", phone=None, mail="ana@example.org")


def accepted(world: ReferralWorld) -> navigation.Case:
    """The patient accepts help; gives the case."""
    world.texts_in({"type": "navigation_accepted"})
    return case(world)


def case(world: ReferralWorld) -> navigation.Case:
    """The patient's case, open or over."""
    with world.db.read() as tx:
        return navigation.page(tx, None, 10, None, PAT).items[-1]


def has_a_visit(world: ReferralWorld, at: datetime = VISIT) -> None:
    """The clinic enters an appointment."""
    with world.db.write() as tx:
        patient = patients.get(tx, PAT)
        assert patient is not None
        patients.set_profile(tx, PAT, replace(patient.profile, appointments=(Appointment(at, "Clinic A"),)))
        visits.plan(tx, PAT)


def test_accepted_help_is_assigned_and_due_in_two_business_days(both: ReferralWorld) -> None:
    """To whoever is first in line; a person is told, and told again more urgently when nobody was in touch."""
    person_id = on_duty(both)
    found = accepted(both)
    assert (found.state, found.chw, found.person_id) == ("open", "Ana", person_id)
    assert found.due_at == datetime(2026, 3, 5, 22, 0, tzinfo=UTC)
    assert both.cases() == ["navigation_accepted"]
    both.pass_days(3)
    assert both.cases() == ["navigation_accepted", "navigation_overdue"]


def test_a_patient_who_was_spoken_with_is_not_overdue(world: ReferralWorld) -> None:
    """The CHW said so in time."""
    found = accepted(world)
    with world.db.write() as tx:
        navigation.change(tx, found.id, contacted_at=tx.now())
    world.pass_days(3)
    assert world.cases() == ["navigation_accepted"]


def test_declined_help_is_not_offered_as_a_case(world: ReferralWorld) -> None:
    """It was offered, and the patient said no."""
    with world.db.write() as tx:
        navigation.offer(tx, PAT)
    world.texts_in({"type": "navigation_declined"})
    assert (case(world).state, case(world).status) == ("declined", "declined")


def test_the_case_ends_with_the_last_need(world: ReferralWorld) -> None:
    """Two needs, one resolved and one declined: the case is worth the lesser."""
    accepted(world)
    world.agrees(share=False)
    with world.db.write() as tx:
        needs.open_need(tx, PAT, "housing")
    world.says("got_help")
    assert case(world).state == "open"
    world.texts_in({"type": "referral_declined", "domain": "housing", "reason": None})
    assert (case(world).state, case(world).status, case(world).said_by) == ("closed", "declined", "patient")


def test_monthly_check_ins_for_a_year_and_then_the_end(world: ReferralWorld) -> None:
    """Twelve, and the case is closed for want of time."""
    accepted(world)
    world.pass_days(364, 24)
    months = [reading.value["month"] for reading in world.script.readings]
    assert months == list(range(1, 13))
    assert (case(world).state, case(world).status) == ("closed", "time_reached")


def test_the_chw_is_told_the_day_before_and_on_the_morning(world: ReferralWorld) -> None:
    """Of somebody who is eligible; without a name, a number or a need."""
    on_duty(world)
    with world.db.write() as tx:
        navigation.offer(tx, PAT)
    has_a_visit(world)
    world.pass_days(4, 3)
    assert isinstance(world.mail, MemoryMail)
    letters = [letter for letter in world.mail.kept if "visit" in letter.subject]
    when = "on Friday, March 6 at 14:30"
    assert [when in letter.subject for letter in letters] == [True, True]
    assert len(letters) == 2
    assert "Maria" not in letters[0].body


def test_the_chw_is_told_of_somebody_who_declined_help_too(world: ReferralWorld) -> None:
    """They are at high risk all the same; the notice says that they declined."""
    on_duty(world)
    with world.db.write() as tx:
        navigation.offer(tx, PAT)
    world.texts_in({"type": "navigation_declined"})
    has_a_visit(world)
    world.pass_days(4, 12)
    assert isinstance(world.mail, MemoryMail)
    told = [letter.subject for letter in world.mail.kept if "visit" in letter.subject]
    assert len(told) == 2
    assert all("14:30 (EST), help declined so far" in subject for subject in told)


def test_nobody_is_told_of_a_patient_who_is_not_eligible(world: ReferralWorld) -> None:
    """The patient is reminded all the same, and nobody is promised."""
    on_duty(world)
    has_a_visit(world)
    world.pass_days(4, 3)
    assert isinstance(world.mail, MemoryMail)
    assert world.mail.kept == []
    (reminder,) = world.script.readings
    assert reminder.value == {"at": "2026-03-06T14:30:00-05:00", "place": "Clinic A", "chw": None}


def test_only_a_chw_who_said_so_is_promised(world: ReferralWorld) -> None:
    """Their name is in the reminder once the visit is on their list."""
    on_duty(world)
    found = accepted(world)
    with world.db.write() as tx:
        navigation.change(tx, found.id, visits=[VISIT.isoformat()])
    has_a_visit(world)
    world.pass_days(3, 3)
    assert [reading.value["chw"] for reading in world.script.readings] == ["Ana"]


def test_a_visit_that_was_moved_is_spoken_of_at_its_new_time(world: ReferralWorld) -> None:
    """What was planned for the old one is dropped."""
    has_a_visit(world)
    has_a_visit(world, VISIT + timedelta(days=3))
    world.pass_days(8, 3)
    assert [reading.value["at"] for reading in world.script.readings] == ["2026-03-09T15:30:00-04:00"]


def test_a_visit_of_a_patient_list_is_spoken_of_as_any_other(world: ReferralWorld) -> None:
    """The list of the clinic carries appointments: the patient is reminded, the CHW told twice."""
    rows = b"patient id,next appointment,appointment place\npat-1,2026-03-11T14:30:00-05:00,Clinic A\npat-2,,\n"
    with read_list(io.BytesIO(rows), world.db.vault, date(2026, 3, 3)) as patients_listed, world.db.write() as tx:
        batch, _ = accept(tx, patients_listed, None, "token:test")
    assert write_batch(world.db, 1.0, batch) == 2
    with world.db.read() as tx:
        planned = [(each.kind, each.due_at.day) for each in followups.pending(tx, PAT)]
    assert sorted(planned) == [("appointment_reminder", 10), ("visit_notice", 10), ("visit_notice", 11)]


def write_list(world: ReferralWorld, rows: str) -> None:
    """The clinic gives a list, and it is written."""
    file = io.BytesIO(rows.encode())
    with read_list(file, world.db.vault, date(2026, 3, 3)) as found, world.db.write() as tx:
        batch, _ = accept(tx, found, None, "token:test")
    write_batch(world.db, 1.0, batch)


def visits_of(world: ReferralWorld, patient_id: str) -> list[tuple[str, str | None]]:
    """The patient's appointments: the time in UTC, the place."""
    with world.db.read() as tx:
        patient = patients.get(tx, patient_id)
    assert patient is not None
    return [(f"{each.at.astimezone(UTC):%m-%d %H:%M}", each.place) for each in patient.profile.appointments]


def test_a_time_in_a_list_is_meant_where_the_patient_lives(world: ReferralWorld) -> None:
    """By the zone of the row, its ZIP code, its number, and for who is known by what is on record."""
    write_list(
        world,
        "patient id,zip,time zone,phone,appointment at\n"
        "new-1,43215,,,03/05/2026 14:30\nnew-2,43215,America/Denver,,03/05/2026 14:30\n"
        "new-3,,,3125550123,03/05/2026 2:30 PM\nnew-4,43215,,,2026-03-05T14:30:00Z\n",
    )
    write_list(world, "patient id,appointment at\nnew-2,03/10/2026 09:00\nnew-3,03/10/2026 09:00\n")
    assert [visits_of(world, f"new-{n}")[0][0][-5:] for n in (1, 2, 3, 4)] == ["19:30", "21:30", "20:30", "14:30"]
    assert [visits_of(world, f"new-{n}")[-1][0] for n in (2, 3)] == ["03-10 15:00", "03-10 14:00"]


def test_a_row_adds_to_the_visits_that_are_known(world: ReferralWorld) -> None:
    """One at the time of a known one says more of that one; the others stay."""
    has_a_visit(world)
    write_list(world, "patient id,appointment at\npat-1,2026-03-12 09:00\n")
    write_list(world, "patient id,appointment at,appointment place\npat-1,2026-03-12T13:00:00Z,Clinic B\n")
    write_list(world, "patient id,appointment at\npat-1,2026-03-12T13:00:00Z\n")
    assert visits_of(world, PAT) == [("03-06 19:30", "Clinic A"), ("03-12 13:00", "Clinic B")]
