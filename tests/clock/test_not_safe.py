"""Who spoke of violence is not texted unasked until a person has settled it: somebody else may hold the phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.gate import NOT_SAFE
from bot.explaining import explain
from bot.store import conversations, escalations, followups, inbound, phones
from tests.api.clinic import Clinic
from tests.api.test_campaigns import INVITE, enter, followup_of, released
from tests.clock.test_reminders import begin, by_kind, due_kinds
from tests.sending.test_late_invitations import take_turn
from tests.sending.world import World
from tests.world import StandingClock

WISH = "resume_screening"


def open_case(clinic: Clinic, kind: str = "danger") -> str:
    """The patient said something of this kind."""
    with clinic.deps.db.write() as tx:
        return escalations.create(
            tx, patient_id="mrn-1", conversation_id=None, inbound_id=None, kind=kind, urgency="now"
        )


def plan(clinic: Clinic, kind: str, **wait: float) -> None:
    """Planned now, due after a while."""
    with clinic.deps.db.write() as tx:
        guard = {"instrument": "ahc-hrsn-core", "after": None}
        followups.plan(tx, "mrn-1", kind, tx.now() + timedelta(**wait), guard, f"{kind}:{tx.new_id('k')}")


def says_not_safe(clinic: Clinic) -> None:
    """The patient answers no to whether it is safe to text."""
    with clinic.deps.db.write() as tx:
        inbound.store(
            tx, message_sid="SM1", kind="text", channel="sms", from_address="+12025550123", to_address="+12025550100",
            body="no", received_at=tx.now(),
        )  # fmt: skip
    row = inbound.claim(clinic.deps.db, "w1", timedelta(minutes=1))
    assert row is not None
    with clinic.deps.db.write() as tx:
        inbound.finish(tx, row, "danger_not_safe", None, "mrn-1")


def ask_whether_well(clinic: Clinic, kind: str) -> None:
    """The question after an alarm is open in the patient's thread."""
    with clinic.deps.db.write() as tx:
        phone = phones.primary(tx, "mrn-1")
        assert phone is not None
        thread = conversations.find_or_create(tx, phone.id, "mrn-1", "en")
        check = {"kind": kind, "certain": False, "language": "en"}
        conversations.save_state(tx, thread.id, thread.version, {"check": check}, "en")


@pytest.mark.parametrize("kind", ["danger", "abuse_report"])
@pytest.mark.parametrize("claimed", [True, False])
def test_reminders_wait_until_the_case_is_resolved(
    clinic: Clinic, clock: StandingClock, kind: str, claimed: bool
) -> None:
    """Open or claimed it holds them back, and `bot explain` says so; resolved, they go on."""
    enter(clinic, "mrn-1")
    begin(clinic)
    case = open_case(clinic, kind)
    if claimed:
        with clinic.deps.db.write() as tx:
            escalations.claim(tx, case, "token:t1")
    clock.advance(days=1)
    assert due_kinds(clinic) == []
    (waits,) = by_kind(clinic, "screening_reminder")
    assert (waits.state, waits.reason) == ("held", NOT_SAFE)
    with clinic.deps.db.read() as tx:
        told = "\n".join(explain(tx, "mrn-1"))
    assert "it may not be safe for the patient to be texted, until a person has resolved the case" in told
    with clinic.deps.db.write() as tx:
        escalations.resolve(tx, case)
    clock.advance(days=1)
    assert due_kinds(clinic) == ["screening_reminder"]


def test_an_invitation_waits_too(clinic: Clinic) -> None:
    """A campaign shows whom it holds back, and why."""
    enter(clinic, "mrn-1")
    open_case(clinic)
    clinic.post("/campaigns", INVITE)
    assert released(clinic) == []
    assert followup_of(clinic, "mrn-1") == ("held", NOT_SAFE)


def test_however_long_it_takes_what_was_held_goes_on(clinic: Clinic, clock: StandingClock) -> None:
    """A case that is resolved after two months: the questions come again then."""
    enter(clinic, "mrn-1")
    case = open_case(clinic)
    plan(clinic, "rescreening", days=1)
    for _ in range(4):
        clock.advance(days=15)
        assert due_kinds(clinic) == []
    with clinic.deps.db.write() as tx:
        escalations.resolve(tx, case)
    clock.advance(days=2)
    assert due_kinds(clinic) == ["rescreening"]


@pytest.mark.parametrize(
    ("named", "goes"),
    [
        ("before the case", False),
        ("after the case", True),
        ("before they said no", False),
        ("after they said no", True),
    ],
)
def test_a_time_that_the_patient_named_since_is_their_own_word(
    clinic: Clinic, clock: StandingClock, named: str, goes: bool
) -> None:
    """Named after the case was opened and after the last "not safe" it is kept, else held."""
    enter(clinic, "mrn-1")
    for event in ("before the case", "case", "after the case", "no", "after they said no"):
        clock.advance(minutes=1)
        if event == "case":
            open_case(clinic)
        elif event == "no" and named != "after the case":
            says_not_safe(clinic)
        if named == event or (named == "before they said no" and event == "after the case"):
            plan(clinic, WISH, hours=2)
    clock.advance(hours=3)
    assert (due_kinds(clinic) == [WISH]) is goes


def test_a_doubt_that_is_not_answered_holds_too(clinic: Clinic, clock: StandingClock) -> None:
    """ "Are you safe right now?" waits for its answer; a case without that question holds nothing, nor does hunger."""
    enter(clinic, "mrn-1")
    open_case(clinic, "no_food")
    ask_whether_well(clinic, "no_food")
    plan(clinic, "rescreening")
    assert due_kinds(clinic) == ["rescreening"]
    case = open_case(clinic, "crisis")
    plan(clinic, "rescreening")
    assert due_kinds(clinic) == ["rescreening"]
    ask_whether_well(clinic, "crisis")
    plan(clinic, "rescreening")
    assert due_kinds(clinic) == []
    with clinic.deps.db.write() as tx:
        escalations.resolve(tx, case)
    clock.advance(hours=2)
    assert due_kinds(clinic) == ["rescreening"]


def test_what_was_written_before_is_asked_again_when_it_is_sent(world: World) -> None:
    """A text that waits in the outbox when violence is spoken of elsewhere is not sent, and falls due again."""
    person = world.person()
    with world.db.write() as tx:
        followup = followups.plan(tx, person.patient_id, "check_in", tx.now(), {}, "check_in:1")
    turn = take_turn(world, person, "followup:1", "due", {"followup_id": followup, "followup_kind": "check_in"})
    world.queue(person, "Did you get there?", proactive=True, inbound_id=turn)
    with world.db.write() as tx:
        escalations.create(
            tx, patient_id=person.patient_id, conversation_id=None, inbound_id=None, kind="danger", urgency="now"
        )
    world.send_all()
    assert world.bodies() == []
    with world.db.read() as tx:
        (held,) = followups.pending(tx, person.patient_id)
    assert (held.state, held.reason) == ("held", NOT_SAFE)
