"""Receipts find their message, in any order, and errors in them count as errors of the send."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from bot.adapters.twilio_messages import SendUnknown
from bot.core.send_policy import MAX_ATTEMPTS_AFTER_RECEIPT, RESEND_WAIT
from bot.sending.receipts import KEPT_FOR
from bot.store import campaigns, receipts
from tests.sending.test_sender import open_cases
from tests.sending.world import Person, World


def sent_message(world: World, person: Person, **options: object) -> tuple[str, str]:
    """A message that Twilio has; our id and Twilio's."""
    message_id = world.queue(person, **options)  # type: ignore[arg-type]
    world.send_all()
    sid = world.row(message_id).twilio_sid
    assert sid is not None
    return message_id, sid


def enrolled(world: World, person: Person) -> str:
    """The person in a campaign; gives the enrolment."""
    with world.db.write() as tx:
        campaign = campaigns.create(
            tx, name="c", kind="screening", instrument="ahc-hrsn-core", channel="sms", start_at=tx.now(), created_by="t"
        )
        enrolment = campaigns.enrol(tx, campaign, person.patient_id)
    assert enrolment is not None
    return enrolment


def standing(world: World, enrolment: str) -> tuple[str, str | None]:
    """State and reason of an enrolment."""
    with world.db.read() as tx:
        found = campaigns.enrolment(tx, enrolment)
    assert found is not None
    return found.state, found.reason


def test_receipts_move_the_status(any_world: World) -> None:
    """Sent, then delivered; each is applied once."""
    message_id, sid = sent_message(any_world, any_world.person())
    any_world.receipt(sid, "sent")
    any_world.receipt(sid, "delivered")
    assert (any_world.apply_receipts(), any_world.apply_receipts()) == (2, 0)
    assert any_world.row(message_id).status == "delivered"


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered"])))
def test_the_order_of_receipts_does_not_matter(world: World, order: tuple[str, ...]) -> None:
    """Statuses never go back."""
    message_id, sid = sent_message(world, world.person())
    for status in order:
        world.receipt(sid, status)
        world.receipt(sid, status)
    world.apply_receipts()
    assert world.row(message_id).status == "delivered"


def test_a_receipt_before_its_message_waits(any_world: World) -> None:
    """The answer to the request may come after the first receipt."""
    any_world.receipt("SM" + "0" * 32, "delivered")
    assert any_world.apply_receipts() == 0
    message_id, sid = sent_message(any_world, any_world.person())
    assert (sid, any_world.apply_receipts(), any_world.row(message_id).status) == ("SM" + "0" * 32, 1, "delivered")


def test_receipts_of_nobody_hold_up_nobody(world: World) -> None:
    """However many wait for messages that never come, the others are applied."""
    for number in range(300):
        world.receipt(f"SMunknown{number}", "delivered")
    message_id, sid = sent_message(world, world.person())
    world.receipt(sid, "delivered")
    assert (world.apply_receipts(), world.row(message_id).status) == (1, "delivered")


def test_receipts_of_nobody_are_dropped_in_the_end(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """After seven days, with a count."""
    world.receipt("SMnobody", "delivered")
    world.clock.advance(seconds=(KEPT_FOR - timedelta(seconds=1)).total_seconds())
    world.apply_receipts()
    with world.db.read() as tx:
        assert len(receipts.waiting(tx)) == 1
    world.clock.advance(seconds=2)
    world.apply_receipts()
    with world.db.read() as tx:
        assert receipts.waiting(tx) == []
    assert "receipts_dropped count=1" in caplog.text


def test_a_receipt_that_names_our_row_settles_an_unknown_outcome(any_world: World) -> None:
    """No look-up, no second message: the callback address carries our own id."""
    message_id = any_world.queue(any_world.person())
    any_world.twilio.fail_next(SendUnknown(), taken=True)
    any_world.send_all()
    sid = any_world.twilio.kept[0].sid
    any_world.receipt(sid, "sent", message_id=message_id)
    any_world.apply_receipts()
    any_world.send_until_settled(steps=5)
    row = any_world.row(message_id)
    assert (row.state, row.status, row.twilio_sid) == ("handed_over", "sent", sid)
    assert (len(any_world.twilio.kept), any_world.twilio.look_ups) == (1, 0)


def test_a_receipt_may_come_before_the_answer(world: World) -> None:
    """Bound by the receipt while the request is under way, the answer then changes nothing."""

    class Quick:
        """A Twilio whose receipt is faster than its answer."""

        def create(self, to: str, body: str, status_callback: str | None, from_: str) -> object:
            sent = world.twilio.create(to, body, status_callback, from_)
            world.receipt(sent.sid, "delivered", message_id=(status_callback or "").rpartition("=")[2])
            world.apply_receipts()
            return sent

    message_id = world.queue(world.person())
    world.send_all(world.sender(twilio=Quick()))
    assert (world.row(message_id).state, world.row(message_id).status) == ("handed_over", "delivered")


def test_a_receipt_of_a_second_message_is_reported(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """If a message ever goes out twice, the log says so and the record stays with the first."""
    message_id, sid = sent_message(world, world.person())
    world.receipt("SMother", "failed", 30003, message_id=message_id)
    assert world.apply_receipts() == 1
    assert (world.row(message_id).twilio_sid, world.row(message_id).status) == (sid, "queued")
    assert "receipt_of_a_second_message" in caplog.text


def test_an_unknown_status_changes_nothing(world: World) -> None:
    """Twilio may invent new words."""
    message_id, sid = sent_message(world, world.person())
    world.receipt(sid, "teleported")
    assert (world.apply_receipts(), world.row(message_id).status) == (1, "queued")


@pytest.mark.parametrize(("status", "state"), [("delivered", "delivered"), ("read", "delivered"), ("sent", "sent")])
def test_the_enrolment_follows(world: World, status: str, state: str) -> None:
    """A campaign counts what arrived."""
    person = world.person()
    enrolment = enrolled(world, person)
    _, sid = sent_message(world, person, proactive=True, priority=1, enrolment_id=enrolment)
    assert standing(world, enrolment) == ("sent", None)
    world.receipt(sid, status)
    world.apply_receipts()
    assert standing(world, enrolment) == (state, None)


def test_an_opt_out_in_a_receipt_counts(any_world: World) -> None:
    """21610 may come after the message was taken: suppression, cancelled queue, ended enrolment."""
    person = any_world.person()
    enrolment = enrolled(any_world, person)
    _, sid = sent_message(any_world, person, proactive=True, priority=1, enrolment_id=enrolment)
    queued = any_world.queue(person)
    any_world.receipt(sid, "failed", 21610)
    any_world.apply_receipts()
    assert any_world.suppressions(person) == {"opted_out"}
    assert (any_world.row(queued).state, standing(any_world, enrolment)) == ("cancelled", ("opted_out", None))


def test_a_landline_in_a_receipt_marks_the_number(world: World) -> None:
    """30006: the number is marked, the enrolment has failed, a person is told."""
    person = world.person()
    enrolment = enrolled(world, person)
    message_id, sid = sent_message(world, person, proactive=True, priority=1, enrolment_id=enrolment)
    world.receipt(sid, "undelivered", 30006)
    world.apply_receipts()
    row = world.row(message_id)
    assert (row.state, row.status, row.error_code) == ("handed_over", "undelivered", 30006)
    assert (world.suppressions(person), standing(world, enrolment)) == ({"undeliverable"}, ("failed", "30006"))
    assert open_cases(world, person.patient_id) == ["message_failed"]


def test_a_phone_that_was_off_gets_the_message_again(any_world: World) -> None:
    """30003: once more, later; and only when that fails too, a few times, it is given up."""
    person = any_world.person()
    sent_message(any_world, person, body="Are you there?")
    for number in range(1, MAX_ATTEMPTS_AFTER_RECEIPT + 1):
        assert any_world.bodies() == ["Are you there?"] * number
        any_world.receipt(any_world.twilio.kept[-1].sid, "undelivered", 30003)
        any_world.apply_receipts()
        any_world.clock.advance(seconds=RESEND_WAIT.total_seconds())
        any_world.send_all()
    assert len(any_world.twilio.kept) == MAX_ATTEMPTS_AFTER_RECEIPT
    assert open_cases(any_world, person.patient_id) == ["message_failed"]


def test_what_the_conversation_has_left_behind_is_not_sent_again(world: World) -> None:
    """A question that has been followed by another must not come back."""
    person = world.person()
    _, sid = sent_message(world, person, body="First?")
    world.receipt(sid, "undelivered", 30003)
    world.apply_receipts()
    world.clock.advance(seconds=60)
    world.queue(person, "Second?")
    assert world.send_all() == 1
    world.clock.advance(seconds=RESEND_WAIT.total_seconds())
    world.send_all()
    assert world.bodies() == ["First?", "Second?"]


def test_an_unregistered_sender_in_a_receipt_holds_the_queue(world: World) -> None:
    """30034 comes after Twilio has taken the message: the rest waits until the operator has looked."""
    _, sid = sent_message(world, world.person())
    world.receipt(sid, "undelivered", 30034)
    world.apply_receipts()
    world.queue(world.person(), "to somebody else")
    assert world.send_all() == 0
    world.clock.advance(seconds=RESEND_WAIT.total_seconds())
    assert world.send_all() == 2


def test_a_receipt_that_cannot_be_applied_does_not_stop_the_others(world: World) -> None:
    """It stays for the next time."""
    gone, fine = world.person(), world.person()
    bad, good = sent_message(world, gone), sent_message(world, fine)
    with world.db.write() as tx:
        from bot.store.tables import Phone

        tx.session.query(Phone).filter(Phone.id == gone.phone_id).delete()
    world.receipt(bad[1], "undelivered", 30006)
    world.receipt(good[1], "delivered")
    assert (world.apply_receipts(), world.row(good[0]).status, world.row(bad[0]).status) == (1, "delivered", "queued")
