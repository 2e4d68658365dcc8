"""Campaigns, enrolments and follow-ups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.store import campaigns, followups, inbound, patients, phones
from bot.store.database import Database, Transaction
from bot.store.errors import NotFound, WrongState
from bot.store.patients import Profile
from tests.store.building import LEASE, MARIA, Thread, a_thread, at_once, in_one
from tests.world import START, StandingClock


def a_campaign(tx: Transaction, instrument: str = "ahc-hrsn-core") -> str:
    """A running campaign."""
    return campaigns.create(
        tx,
        name="Spring",
        kind="screening",
        instrument=instrument,
        channel="sms",
        start_at=START,
        created_by="token:1",
    )


@pytest.fixture
def thread(db: Database) -> Thread:
    """Somebody to invite."""
    with db.write() as tx:
        return a_thread(tx)


def test_a_campaign_runs_pauses_and_stays_cancelled(db: Database) -> None:
    """Pause and resume as often as wanted; cancel is for good."""
    with db.write() as tx:
        campaign = a_campaign(tx)
        moves = [campaigns.set_state(tx, campaign, s).state for s in ("paused", "paused", "running", "cancelled")]
        assert moves == ["paused", "paused", "running", "cancelled"]
        assert campaigns.set_state(tx, campaign, "cancelled").state == "cancelled"
        with pytest.raises(WrongState, match="cancelled"):
            campaigns.set_state(tx, campaign, "running")
        with pytest.raises(NotFound):
            campaigns.set_state(tx, "none", "running")


def test_a_patient_is_enrolled_once(db: Database, thread: Thread) -> None:
    """Eight requests at once enrol one time."""
    with db.write() as tx:
        campaign = a_campaign(tx)

    def enrol(_: int) -> str | None:
        with db.write() as tx:
            return campaigns.enrol(tx, campaign, thread.patient_id)

    assert len([e for e in at_once(8, enrol) if e]) == 1
    with db.read() as tx:
        assert [e.patient_id for e in campaigns.enrolments(tx, campaign)] == [thread.patient_id]


FORWARD = ["sent", "delivered", "started", "partial", "completed"]


def test_an_enrolment_moves_forward_only(db: Database, thread: Thread) -> None:
    """Along the usual way every step is taken, and no step back to where Twilio's late news would take it."""
    with db.write() as tx:
        enrolment = campaigns.enrol(tx, a_campaign(tx), thread.patient_id)
        assert enrolment is not None
        assert campaigns.set_enrolment_state(tx, enrolment, "held", "no_consent")
        for state in FORWARD:
            assert campaigns.set_enrolment_state(tx, enrolment, state, "why")
            assert not campaigns.set_enrolment_state(tx, enrolment, "sent")
        for state in campaigns.ENROLMENT_STATES:
            assert not campaigns.set_enrolment_state(tx, enrolment, state)
        found = campaigns.enrolment(tx, enrolment)
        assert found is not None
        assert (found.state, found.reason) == ("completed", "why")


@pytest.mark.parametrize("no", ["declined", "opted_out"])
def test_who_said_no_may_begin_after_all(db: Database, thread: Thread, no: str) -> None:
    """No receipt changes a no, the person can."""
    with db.write() as tx:
        enrolment = campaigns.enrol(tx, a_campaign(tx), thread.patient_id) or ""
        assert campaigns.set_enrolment_state(tx, enrolment, no)
        assert not campaigns.set_enrolment_state(tx, enrolment, "delivered")
        assert not campaigns.set_enrolment_state(tx, enrolment, "failed")
        assert campaigns.set_enrolment_state(tx, enrolment, "started")


def test_no_such_enrolment_state(db: Database) -> None:
    """A state that does not exist is a mistake of the program."""
    with db.write() as tx, pytest.raises(KeyError):
        campaigns.set_enrolment_state(tx, "enr", "finished")


def test_counts_have_every_state_and_the_reasons(db: Database) -> None:
    """Empty states count 0; those held are counted by reason."""
    with db.write() as tx:
        campaign = a_campaign(tx)
        held = [("held", "no_consent"), ("held", "no_consent"), ("held", "no_phone"), ("enrolled", None)]
        for number, (state, reason) in enumerate(held):
            patients.upsert(tx, f"c-{number}", profile=Profile())
            campaigns.enrol(tx, campaign, f"c-{number}", state, reason)
        counts = campaigns.counts(tx, campaign)
    assert counts.by_state == dict.fromkeys(campaigns.ENROLMENT_STATES, 0) | {"enrolled": 1, "held": 3}
    assert counts.held_reasons == {"no_consent": 2, "no_phone": 1}


def test_open_enrolments_are_those_not_completed(db: Database, thread: Thread, clock: StandingClock) -> None:
    """A turn finds the campaign that a screening belongs to, the latest first."""
    with db.write() as tx:
        ids = []
        for instrument in ("ahc-hrsn-core", "phq-2", "ahc-hrsn-core", "ahc-hrsn-core"):
            ids.append(campaigns.enrol(tx, a_campaign(tx, instrument), thread.patient_id) or "")
            clock.advance(hours=1)
        campaigns.set_enrolment_state(tx, ids[2], "completed")
        found = campaigns.open_enrolments(tx, thread.patient_id, "ahc-hrsn-core")
        assert [e.id for e in found] == [ids[3], ids[0]]
        assert len(campaigns.open_enrolments(tx, thread.patient_id)) == 3


def test_campaigns_in_pages(db: Database) -> None:
    """Five campaigns in pages of two, each once."""
    with db.write() as tx:
        made = [a_campaign(tx) for _ in range(5)]
    seen: list[str] = []
    after = None
    with db.read() as tx:
        for _ in range(3):
            page = campaigns.list_page(tx, after, 2)
            seen += [c.id for c in page.items]
            after = page.next
    assert (seen, after) == (made, None)


def plan(db: Database, thread: Thread, key: str, minutes: int = 0) -> str | None:
    """Plan an invitation so many minutes from the start."""
    due = START + timedelta(minutes=minutes)
    with db.write() as tx:
        return followups.plan(tx, thread.patient_id, "campaign_invitation", due, {"enrolment_id": "enr_1"}, key)


def test_a_follow_up_is_planned_once(db: Database, thread: Thread) -> None:
    """Eight plans with one dedupe key at once give one row."""
    assert len([p for p in at_once(8, lambda _: plan(db, thread, "k")) if p]) == 1


def test_what_is_due_is_released_once_in_order_as_inbound_rows(db: Database, thread: Thread) -> None:
    """Four clocks at once release each due row once; what is not due stays; the workers find them."""
    ids = [plan(db, thread, f"k{m}", m) for m in (5, 1, 3, 60)]
    released = at_once(4, lambda _: followups.claim_due(db, START + timedelta(minutes=5), 10))
    assert sorted(f.id for some in released for f in some) == sorted(str(i) for i in ids[:3])
    claimed = inbound.claim(db, "w1", LEASE)
    assert claimed is not None
    assert (claimed.kind, claimed.from_address, claimed.body) == ("due", MARIA, "")
    assert claimed.detail == {
        "followup_id": ids[1],
        "followup_kind": "campaign_invitation",
        "patient_id": thread.patient_id,
        "phone_id": thread.phone_id,
        "guard": {"enrolment_id": "enr_1"},
        "enrolment_id": "enr_1",
    }
    with db.read() as tx:
        assert inbound.counts(tx) == {"claimed": 1, "waiting": 2}
        assert [f.state for f in followups.list_for_patient(tx, thread.patient_id, None, 9).items] == [
            "sent",
            "sent",
            "sent",
            "planned",
        ]
        assert followups.next_due(tx) == START + timedelta(minutes=60)


def test_a_release_that_fails_leaves_the_row_planned(db: Database, thread: Thread) -> None:
    """A database that goes away while handing on loses nothing: the row is released the next time."""
    followup_id = plan(db, thread, "k")

    def fail(*_: object) -> None:
        raise OperationalError("gone", None, OSError())

    with pytest.raises(OperationalError):
        followups.claim_due(db, START, 10, fail)
    assert [f.id for f in followups.claim_due(db, START, 10)] == [followup_id]


def test_a_held_follow_up_comes_back(db: Database, thread: Thread) -> None:
    """Held until a time, it is released again then, as another inbound row."""
    followup_id = plan(db, thread, "k") or ""
    followups.claim_due(db, START, 10)
    until = START + timedelta(hours=9)
    in_one(db, lambda tx: followups.hold(tx, followup_id, "quiet_hours", until))
    assert followups.claim_due(db, START, 10) == []
    (again,) = followups.claim_due(db, until, 10)
    assert (again.id, again.reason) == (followup_id, "quiet_hours")
    with db.read() as tx:
        assert inbound.counts(tx) == {"waiting": 2}


def test_done_and_dropped_are_ends(db: Database, thread: Thread) -> None:
    """What was done cannot be dropped, what was dropped is not released."""
    one, two, three = (plan(db, thread, f"k{i}") or "" for i in range(3))
    with db.write() as tx:
        assert followups.done(tx, one)
        assert not followups.drop(tx, one, "late")
        assert followups.drop(tx, two, "declined")
        assert followups.drop_for_patient(tx, thread.patient_id, "opted_out") == 1
        found = followups.get(tx, three)
        assert found is not None
        assert (found.state, found.reason) == ("dropped", "opted_out")
    assert followups.claim_due(db, START, 10) == []


def test_without_a_phone_a_follow_up_is_dropped(db: Database, thread: Thread) -> None:
    """There is nobody to text, and the reason says so."""
    followup_id = plan(db, thread, "k") or ""
    in_one(db, lambda tx: phones.unlink(tx, thread.patient_id, thread.phone_id))
    followups.claim_due(db, START, 10)
    with db.read() as tx:
        found = followups.get(tx, followup_id)
        assert found is not None
        assert (found.state, found.reason) == ("dropped", "no_phone")
        assert inbound.counts(tx) == {}
