"""Patients, phones, consents and conversations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.store import consents, conversations, enrolling, patients, people_in_bulk, phones
from bot.store.database import Database
from bot.store.errors import NotFound, StaleConversation
from bot.store.patients import Appointment, Profile
from tests.store.building import JOSE, MARIA, a_thread, at_once, in_one
from tests.world import START, StandingClock

PROFILE = Profile(
    given_name="María",
    zip="02139",
    birth_date=date(1950, 2, 28),
    emergency_visits_12m=3,
    appointments=(Appointment(datetime(2026, 4, 1, 14, 30, tzinfo=UTC), "North clinic"), Appointment(START)),
)


def test_a_patient_is_written_whole_and_read_back(db: Database, clock: StandingClock) -> None:
    """Every field comes back; writing again replaces them all and keeps origin and creation."""
    with db.write() as tx:
        assert patients.upsert(tx, "c-1", profile=PROFILE, language="es", timezone="America/New_York", clinic="North")
    clock.advance(days=1)
    with db.write() as tx:
        assert not patients.upsert(tx, "c-1", profile=Profile(zip="02140"), origin="texter", proxy=True)
    with db.read() as tx:
        found = patients.get(tx, "c-1")
    assert found is not None
    assert (found.origin, found.profile, found.language, found.proxy) == ("clinic", Profile(zip="02140"), None, True)
    assert (found.created_at, found.updated_at) == (START, START + timedelta(days=1))


def test_a_profile_survives_storage(db: Database) -> None:
    """Dates, times with their zone and accents come back as they were."""
    with db.write() as tx:
        patients.upsert(tx, "c-1", profile=Profile())
        patients.set_profile(tx, "c-1", PROFILE)
        patients.set_language(tx, "c-1", "es")
    with db.read() as tx:
        found = patients.get(tx, "c-1")
    assert found is not None
    assert (found.profile, found.language) == (PROFILE, "es")


def test_one_phone_is_found_by_its_number_however_many_ask(db: Database) -> None:
    """Eight first texts at once make one phone."""

    def find(_: int) -> str:
        with db.write() as tx:
            return phones.find_or_create(tx, MARIA).id

    assert len(set(at_once(8, find))) == 1
    with db.read() as tx:
        phone = phones.by_hash(tx, db.vault.number_hash(MARIA))
        assert phone is not None
        assert phones.address(tx, phone.id) == MARIA


def test_many_patients_on_one_phone(db: Database) -> None:
    """Everybody whom a phone reaches is found by its number, the longest known first."""
    with db.write() as tx:
        phone = phones.find_or_create(tx, MARIA)
        for patient_id in ("c-2", "c-1", "c-3"):
            patients.upsert(tx, patient_id, profile=Profile())
            phones.link(tx, patient_id, phone.id)
            db.clock.advance(seconds=1)  # type: ignore[attr-defined]
    with db.read() as tx:
        assert [p.id for p in patients.by_number(tx, MARIA)] == ["c-2", "c-1", "c-3"]
        assert patients.by_number(tx, JOSE) == []


def test_many_phones_of_one_patient(db: Database) -> None:
    """The phone linked last as primary is the one to text; linking again moves it, unlinking leaves the other."""
    with db.write() as tx:
        patients.upsert(tx, "c-1", profile=Profile())
        home, mobile, work = (phones.find_or_create(tx, f"+1202555014{i}").id for i in range(3))
        assert phones.primary(tx, "c-1") is None
        for phone_id, primary in ((home, True), (mobile, True), (work, False)):
            phones.link(tx, "c-1", phone_id, primary)
        assert [p.id for p in phones.of_patient(tx, "c-1")][0] == mobile
        phones.link(tx, "c-1", home)
        assert [p.id for p in phones.of_patient(tx, "c-1")][0] == home
        phones.unlink(tx, "c-1", home)
        assert {p.id for p in phones.of_patient(tx, "c-1")} == {mobile, work}


def test_whoever_texts_in_gets_a_record(db: Database) -> None:
    """A texter's record has an id of its own, no profile, and is found by the number."""
    with db.write() as tx:
        thread = a_thread(tx)
        (found,) = patients.by_number(tx, MARIA)
        assert (found.id, found.origin, found.profile) == (thread.patient_id, "texter", Profile())


def test_the_latest_consent_counts(db: Database) -> None:
    """By the time of the decision, not of its recording; of equal times the one recorded last."""

    def decide(granted: bool, at: datetime) -> None:
        with db.write() as tx:
            consents.record(
                tx,
                patient_id="c-1",
                phone_id=None,
                granted=granted,
                method="sms",
                text_version="en-3",
                channel="sms",
                at=at,
            )

    def now() -> bool | None:
        with db.read() as tx:
            latest = consents.latest(tx, "c-1")
            return latest.granted if latest else None

    with db.write() as tx:
        patients.upsert(tx, "c-1", profile=Profile())
    seen = [now()]
    for granted, at in ((True, START), (False, START), (True, START - timedelta(days=1)), (True, START)):
        decide(granted, at)
        seen.append(now())
    assert seen == [None, True, False, False, True]
    with db.read() as tx:
        assert len(consents.list_for_patient(tx, "c-1")) == 4


@pytest.mark.parametrize("in_bulk", [True, False])
def test_a_consent_that_is_dated_ahead_outlasts_no_later_no(db: Database, in_bulk: bool) -> None:
    """No decision counts from later than it was recorded."""
    ahead = START + timedelta(days=365 * 30)
    person = people_in_bulk.Newcomer(
        patient_id="c-1",
        profile=Profile(),
        address=None,
        own={"language": None, "timezone": None, "clinic": None, "proxy": False},
        consent=(True, "patient list", ahead) if in_bulk else None,
    )
    with db.write() as tx:
        people_in_bulk.insert(tx, [person])
        for granted, at in ((False, START),) if in_bulk else ((True, ahead), (False, START)):
            consents.record(
                tx,
                patient_id="c-1",
                phone_id=None,
                granted=granted,
                method="sms",
                text_version=None,
                channel="sms",
                at=at,
            )
    with db.read() as tx:
        latest = consents.latest(tx, "c-1")
        assert latest is not None
        assert not latest.granted
        assert enrolling.known(tx, ["c-1"], START)["c-1"].consent is False


def test_a_conversation_is_one_per_phone_and_patient(db: Database) -> None:
    """Asking again gives the same thread; the first one of a phone is its current one until another is chosen."""
    with db.write() as tx:
        thread = a_thread(tx)
        again = conversations.find_or_create(tx, thread.phone_id, thread.patient_id, "es")
        assert (again.id, again.language, again.state, again.version) == (thread.conversation_id, "en", None, 0)
        patients.upsert(tx, "c-1", profile=Profile())
        other = conversations.find_or_create(tx, thread.phone_id, "c-1", "es")
        assert conversations.current_for_phone(tx, thread.phone_id) == again
        phones.make_current(tx, thread.phone_id, other.id)
        assert conversations.current_for_phone(tx, thread.phone_id) == other
        phones.make_current(tx, thread.phone_id, None)
        assert conversations.current_for_phone(tx, thread.phone_id) is None
        assert [c.id for c in conversations.of_patient(tx, "c-1")] == [other.id]


def test_a_turn_on_an_old_state_is_refused(db: Database) -> None:
    """Of two turns taken on one version the first is saved, the second must be taken again."""
    with db.write() as tx:
        thread = a_thread(tx)
    save = conversations.save_state
    in_one(db, lambda tx: save(tx, thread.conversation_id, 0, {"form": "ahc"}, "es"))
    with pytest.raises(StaleConversation):
        in_one(db, lambda tx: save(tx, thread.conversation_id, 0, {"form": None}, "en"))
    with db.read() as tx:
        found = conversations.get(tx, thread.conversation_id)
    assert (found.state, found.language, found.version) == ({"form": "ahc"}, "es", 1)


def test_of_two_turns_at_once_one_is_saved(db: Database) -> None:
    """Eight turns on the same version: one wins, seven are told."""
    with db.write() as tx:
        thread = a_thread(tx)

    def turn(number: int) -> bool:
        try:
            in_one(db, lambda tx: conversations.save_state(tx, thread.conversation_id, 0, {"n": number}, "en"))
        except StaleConversation:
            return False
        return True

    assert sum(at_once(8, turn)) == 1


def test_what_is_not_there_is_not_found(db: Database) -> None:
    """Unknown ids are said to be unknown."""
    with db.read() as tx:
        assert patients.get(tx, "c-9") is None
        for look in (conversations.get, phones.get, phones.address):
            with pytest.raises(NotFound):
                look(tx, "none")
        with pytest.raises(NotFound):
            patients.set_language(tx, "c-9", "es")
