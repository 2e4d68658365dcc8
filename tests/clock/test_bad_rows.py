"""A follow-up that cannot be done is set aside, and the others go their way; a promise keeps its phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from bot.explaining import explain
from bot.release import release_due
from bot.store import escalations, followups, phones, tables
from bot.store.database import Database, Transaction
from bot.store.followups import FollowUp
from bot.store.referral_tables import PartnerContact
from tests.api.clinic import Clinic
from tests.api.test_campaigns import enter, released
from tests.conftest import MakeSettings
from tests.referrals.world import FIRST, SECOND, ReferralWorld
from tests.world import StandingClock

LOST = "v1.a-key-that-is-gone.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
WISH = "resume_screening"


def plan(clinic: Clinic, patient_id: str, kind: str = WISH, **guard: str) -> str:
    """Due now."""
    with clinic.deps.db.write() as tx:
        planned = followups.plan(tx, patient_id, kind, tx.now(), guard, f"{kind}:{patient_id}")
    assert planned is not None
    return planned


def test_one_bad_row_stops_nobody_else(both: Clinic) -> None:
    """Neither one whose guard lacks what its kind needs nor one whose number cannot be read; a person is told once."""
    for number in range(3):
        enter(both, f"mrn-{number}", f"202555012{number}")
    bad = [plan(both, "mrn-0", "check_in", referral_id="gone", need_id="gone"), plan(both, "mrn-0", "rescreening")]
    unreadable = plan(both, "mrn-1")
    plan(both, "mrn-2")
    with both.deps.db.write() as tx:
        phone = phones.primary(tx, "mrn-1")
        assert phone is not None
        tx.session.execute(update(tables.Phone).where(tables.Phone.id == phone.id).values(number_sealed=LOST))
    release_due(both.deps)
    assert [row.detail["patient_id"] for row in released(both)] == ["mrn-2"]
    with both.deps.db.read() as tx:
        cases = [(case.patient_id, case.kind, case.urgency) for case in escalations.list_page(tx, None, 10).items]
        found = [followups.get(tx, each) for each in (*bad, unreadable)]
        told = "\n".join(explain(tx, "mrn-0"))
    assert sorted(cases) == [(f"mrn-{n}", "followup_not_handled", "today") for n in (0, 1)]
    assert [(each.state, each.reason) for each in found if each] == [
        ("dropped", "no_longer_needed"), ("dropped", "could_not_be_done"), ("dropped", "could_not_be_done"),
    ]  # fmt: skip
    assert "could not be done, and somebody was told" in told
    assert release_due(both.deps) == 0


def test_what_a_bad_row_had_begun_is_undone(both: Clinic) -> None:
    """Nothing of it stays but the case."""
    enter(both, "mrn-1")
    followup_id = plan(both, "mrn-1")

    def fails(tx: Transaction, followup: FollowUp) -> None:
        followups.plan(tx, followup.patient_id, "note", tx.now() + timedelta(days=1), {}, "half-way")
        raise ValueError("something of no interest")

    followups.claim_due(both.deps.db, both.deps.clock.now(), 10, fails)
    with both.deps.db.read() as tx:
        rows = followups.list_for_patient(tx, "mrn-1", None, 10).items
    assert [(row.id, row.state) for row in rows] == [(followup_id, "dropped")]


def test_what_is_planned_is_told_of_a_patient_of_many_years(clinic: Clinic, clock: StandingClock) -> None:
    """However much is over, what is planned is said, and of what is over the latest."""
    enter(clinic, "mrn-1")
    with clinic.deps.db.write() as tx:
        for number in range(201):
            at = clock.now() + timedelta(minutes=number)
            planned = followups.plan(tx, "mrn-1", WISH if number == 200 else "check_in", at, {}, f"over:{number}")
            assert planned is not None
            followups.drop(tx, planned, "screened_again")
        followups.plan(tx, "mrn-1", "rescreening", clock.now() + timedelta(days=90), {}, "to-come")
    with clinic.deps.db.read() as tx:
        told = explain(tx, "mrn-1")
    assert any(line.endswith("the questions again") for line in told)
    assert any("the text that the patient asked for, dropped" in line for line in told)


def test_a_database_that_is_away_drops_nothing(both: Clinic) -> None:
    """The whole release is tried again later."""
    enter(both, "mrn-1")
    followup_id = plan(both, "mrn-1")

    def away(tx: Transaction, followup: FollowUp) -> None:
        raise OperationalError("SELECT", {}, Exception())

    with pytest.raises(OperationalError):
        followups.claim_due(both.deps.db, both.deps.clock.now(), 10, away)
    with both.deps.db.read() as tx:
        kept = followups.get(tx, followup_id)
    assert kept is not None
    assert kept.state == "planned"


@pytest.mark.parametrize("still_reached", [True, False])
def test_a_promise_goes_to_the_phone_it_was_made_on(clinic: Clinic, still_reached: bool) -> None:
    """While that phone reaches the patient; else to the one that does now."""
    enter(clinic, "mrn-1", "2025550123")
    with clinic.deps.db.write() as tx:
        second = phones.find_or_create(tx, "+12025550199")
        phones.link(tx, "mrn-1", second.id, primary=False)
    plan(clinic, "mrn-1", WISH, phone_id=second.id)
    if not still_reached:
        with clinic.deps.db.write() as tx:
            phones.unlink(tx, "mrn-1", second.id)
    release_due(clinic.deps)
    (row,) = released(clinic)
    assert row.from_address == ("+12025550199" if still_reached else "+12025550123")


def test_a_notice_that_cannot_be_written_waits_by_itself(
    sqlite_db: Database, clock: StandingClock, make_settings: MakeSettings
) -> None:
    """The contact of one place cannot be opened: it is tried again later, and the other place hears at once."""
    world = ReferralWorld(sqlite_db, clock, make_settings(BOT_PUBLIC_URL="https://bot.example.org"))
    for place in (FIRST, SECOND):
        world.reach_by(place, mail=f"{place}@example.org")
    first = {"type": "place_chosen", "service_id": FIRST, "domain": "food"}
    world.texts_in(first, {**first, "type": "referral_agreed", "share": True, "text_version": "share-1"})
    with sqlite_db.write() as tx:
        spoilt = update(PartnerContact).where(PartnerContact.service_id == FIRST)
        tx.session.execute(spoilt.values(mail_sealed=LOST))
    world.agrees(SECOND)
    assert [(purpose, state) for purpose, _, state in world.sent()] == [("request", "waiting"), ("request", "sent")]
