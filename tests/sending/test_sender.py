"""Every message is handed over once, and what becomes of it is written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.twilio_messages import SendNotMade, SendRefused, SendUnknown
from bot.core.send_policy import MAX_ATTEMPTS, OPERATOR_WAIT
from bot.sending.sender import LATEST_START
from bot.store import escalations, suppressions
from tests.sending.world import MakeWorld, World


def open_cases(world: World, patient_id: str) -> list[str]:
    """The kinds of the cases that are open for a patient."""
    with world.db.read() as tx:
        return [c.kind for c in escalations.list_page(tx, None, 50).items if c.patient_id == patient_id]


def test_a_reply_is_handed_over(any_world: World) -> None:
    """From our sender to the phone, with a callback that names the message by its opaque id alone."""
    person = any_world.person()
    message_id = any_world.queue(person, "Hello.")
    assert any_world.send_all() == 1
    kept = any_world.twilio.kept[0]
    assert (kept.to, kept.from_, kept.body) == (person.number, any_world.settings.twilio_from, "Hello.")
    assert kept.status_callback == f"{any_world.settings.public_url}/twilio/status?m={message_id}"
    row = any_world.row(message_id)
    assert (row.state, row.status, row.twilio_sid, row.attempts) == ("handed_over", "queued", kept.sid, 1)


def test_whatsapp_is_answered_from_whatsapp(world: World) -> None:
    """An address of another channel gets its answer from our address there."""
    world.queue(world.person(address="whatsapp:+12025550177"), channel="whatsapp")
    world.send_all()
    assert world.twilio.kept[0].from_ == f"whatsapp:{world.settings.twilio_from}"


def test_an_opt_out_between_queue_and_send_cancels(any_world: World) -> None:
    """What was queued before the STOP does not go out after it."""
    person = any_world.person()
    message_id = any_world.queue(person)
    assert any_world.opt_out(person) == 1
    assert any_world.send_all() == 0
    assert (any_world.row(message_id).state, any_world.bodies()) == ("cancelled", [])


def test_the_gate_is_asked_again_at_the_moment_of_sending(world: World) -> None:
    """A suppression that cancelled nothing still stops the message, and only the one confirmation passes."""
    person = world.person()
    with world.db.write() as tx:
        suppressions.add(tx, tx.vault.number_hash(person.number), "opted_out", "keyword")
    refused = world.queue(person, "A question")
    world.queue(person, "You will get no more texts.", after_opt_out=True)
    world.send_all()
    assert (world.row(refused).state, world.bodies()) == ("refused", ["You will get no more texts."])


@pytest.mark.parametrize("consent", [None, False])
def test_nothing_proactive_goes_without_consent(world: World, consent: bool | None) -> None:
    """A reply may, an invitation may not."""
    person = world.person(consent=consent)
    proactive = world.queue(person, "An invitation", proactive=True, priority=1)
    reply = world.queue(person, "A reply")
    world.send_all()
    assert (world.row(proactive).state, world.row(reply).state) == ("refused", "handed_over")


def test_busy_answers_are_tried_again(world: World) -> None:
    """A 429 was never processed: no look-up, and Twilio's own wish for a pause is kept."""
    message_id = world.queue(world.person())
    world.twilio.fail_next(SendRefused(20429, 429, retry_after=30))
    sender = world.sender()
    world.send_all(sender)
    world.clock.advance(seconds=29)
    assert world.send_all(sender) == 0
    world.clock.advance(seconds=5)
    world.send_all(sender)
    assert (world.row(message_id).state, world.twilio.look_ups, len(world.twilio.kept)) == ("handed_over", 0, 1)


@pytest.mark.parametrize("taken", [True, False])
def test_a_server_fault_may_have_taken_the_message(world: World, taken: bool) -> None:
    """After a 5xx Twilio is asked first, so that exactly one message goes out either way."""
    message_id = world.queue(world.person())
    world.twilio.fail_next(SendRefused(None, 503), taken=taken)
    world.send_until_settled(steps=10)
    assert (world.row(message_id).state, len(world.twilio.kept), world.twilio.look_ups) == ("handed_over", 1, 1)


@pytest.mark.parametrize("taken", [True, False])
def test_after_a_time_out_twilio_is_asked(any_world: World, taken: bool) -> None:
    """Not before ten seconds, and then exactly one message is there, whether or not the first try was carried out."""
    message_id = any_world.queue(any_world.person())
    any_world.twilio.fail_next(SendUnknown(), taken=taken)
    sender = any_world.sender()
    any_world.send_all(sender)
    any_world.clock.advance(seconds=9)
    assert (any_world.send_all(sender), any_world.twilio.look_ups) == (0, 0)
    any_world.clock.advance(seconds=2)
    any_world.send_all(sender)
    row = any_world.row(message_id)
    assert (row.state, row.twilio_sid) == ("handed_over", any_world.twilio.kept[0].sid)
    assert (len(any_world.twilio.kept), any_world.twilio.look_ups) == (1, 1)


def test_the_same_words_sent_before_are_not_taken_for_this_message(world: World) -> None:
    """A message that is bound to another row does not count as found."""
    person = world.person()
    first = world.queue(person, "Yes or no?")
    world.send_all()
    second = world.queue(person, "Yes or no?")
    world.twilio.fail_next(SendUnknown())
    world.send_until_settled(steps=5)
    assert len(world.twilio.kept) == 2
    assert {world.row(first).twilio_sid, world.row(second).twilio_sid} == {k.sid for k in world.twilio.kept}


def test_a_look_up_that_fails_is_made_again(world: World) -> None:
    """Without an answer nothing is concluded and nothing is sent."""
    message_id = world.queue(world.person())
    world.twilio.fail_next(SendUnknown(), taken=True)
    found, answers = world.twilio.find_recent, [SendRefused(None, 503), SendNotMade(), SendUnknown()]

    def unlucky(*args: object) -> object:
        if answers:
            raise answers.pop()
        return found(*args)  # type: ignore[arg-type]

    world.twilio.find_recent = unlucky  # type: ignore[method-assign, assignment]
    world.send_until_settled(steps=20)
    assert (answers, len(world.twilio.kept), world.row(message_id).state) == ([], 1, "handed_over")


def test_an_unreachable_twilio_burns_no_attempts(world: World) -> None:
    """An outage of an hour costs nothing but the hour."""
    messages = [world.queue(world.person()) for _ in range(3)]
    for _ in range(MAX_ATTEMPTS * 3):
        world.twilio.fail_next(SendNotMade())
    world.send_until_settled(steps=60, seconds=60)
    assert [(world.row(m).state, world.row(m).attempts) for m in messages] == [("handed_over", 1)] * 3
    assert (len(world.twilio.kept), world.twilio.look_ups) == (3, 0)


def test_attempts_end_with_a_case_for_a_person(world: World) -> None:
    """After the last attempt the message has failed, and somebody is told."""
    person = world.person()
    message_id = world.queue(person)
    for _ in range(MAX_ATTEMPTS):
        world.twilio.fail_next(SendRefused(20429, 429))
    world.send_until_settled(steps=MAX_ATTEMPTS * 3, seconds=160)
    row = world.row(message_id)
    assert (row.state, row.error_code, row.attempts) == ("failed", 20429, MAX_ATTEMPTS)
    assert (open_cases(world, person.patient_id), world.bodies()) == (["message_failed"], [])


def test_time_outs_without_end_end_too(world: World) -> None:
    """A message that never gets an answer is given up, after as many look-ups as attempts."""
    person = world.person()
    message_id = world.queue(person)
    for _ in range(MAX_ATTEMPTS):
        world.twilio.fail_next(SendUnknown())
    world.send_until_settled(steps=MAX_ATTEMPTS * 3, seconds=160)
    assert (world.row(message_id).state, world.twilio.look_ups) == ("failed", MAX_ATTEMPTS)
    assert open_cases(world, person.patient_id) == ["message_failed"]


def test_an_opt_out_at_twilio_is_kept(any_world: World) -> None:
    """21610: the number is suppressed, and everything that is queued for it is cancelled."""
    person, other = any_world.person(), any_world.person()
    any_world.twilio.blocked.add(person.number)
    first, second = any_world.queue(person), any_world.queue(person)
    any_world.queue(other, "To somebody else")
    any_world.send_all()
    assert (any_world.row(first).state, any_world.row(second).state) == ("failed", "cancelled")
    assert any_world.suppressions(person) == {"opted_out"}
    assert (any_world.bodies(), open_cases(any_world, person.patient_id)) == (["To somebody else"], [])


def test_a_number_that_cannot_be_reached_is_marked(world: World) -> None:
    """21211 and its like: no further try, nothing proactive any more, and a person looks for another number."""
    person = world.person()
    message_id = world.queue(person)
    world.twilio.fail_next(SendRefused(21211, 400))
    world.send_until_settled(steps=5)
    invitation = world.queue(person, proactive=True, priority=1)
    world.send_all()
    assert (world.row(message_id).state, world.row(invitation).state) == ("failed", "refused")
    assert (world.suppressions(person), open_cases(world, person.patient_id)) == ({"undeliverable"}, ["message_failed"])


def test_refused_content_fails_that_message_alone(world: World) -> None:
    """An unknown code too: no try again, the number stays good."""
    person = world.person()
    bad, good = world.queue(person, "bad"), world.queue(person, "good")
    world.twilio.fail_next(SendRefused(21999, 400))
    world.send_all()
    assert (world.row(bad).state, world.row(good).state, world.suppressions(person)) == ("failed", "handed_over", set())


def test_an_error_of_our_own_holds_the_whole_channel(world: World) -> None:
    """One message finds out that the set-up is wrong; the others are not burnt, and all go out once it is right."""
    messages = [world.queue(world.person()) for _ in range(5)]
    senders = [world.sender(), world.sender()]
    for _ in range(3):
        world.twilio.fail_next(SendRefused(20003, 401))
    for _ in range(3):
        for sender in senders:
            world.send_all(sender)
        world.clock.advance(seconds=OPERATOR_WAIT.total_seconds() + 1)
    assert sum(world.row(m).attempts for m in messages) == 0
    world.send_until_settled(steps=3)
    assert [world.row(m).state for m in messages] == ["handed_over"] * 5


def test_a_refused_sender_address_holds_its_own_channel_alone(any_world: World) -> None:
    """One WhatsApp text to a number that has no WhatsApp sender: other WhatsApp waits, everybody's SMS goes on."""
    by_whatsapp = [any_world.person(address=f"whatsapp:+1202555017{n}") for n in range(3)]
    held = [any_world.queue(person, channel="whatsapp") for person in by_whatsapp]
    any_world.twilio.fail_next(SendRefused(21606, 400))
    sender = any_world.sender()
    for _ in range(3):
        texts = [any_world.queue(any_world.person(), "By SMS") for _ in range(2)]
        any_world.send_all(sender)
        assert [any_world.row(m).state for m in texts] == ["handed_over"] * 2
        any_world.clock.advance(seconds=OPERATOR_WAIT.total_seconds() / 4)
    assert [(any_world.row(m).state, any_world.row(m).error_code) for m in held] == [("waiting", 21606)] * 3
    any_world.send_until_settled(sender, steps=3, seconds=OPERATOR_WAIT.total_seconds())
    assert [(any_world.row(m).state, any_world.row(m).error_code) for m in held] == [("handed_over", None)] * 3


def test_a_region_that_is_switched_off_holds_nobody_else(world: World) -> None:
    """21408 is for the operator, but other numbers can be texted."""
    first, second = world.queue(world.person()), world.queue(world.person())
    world.twilio.fail_next(SendRefused(21408, 400))
    world.send_all()
    assert (world.row(first).state, world.row(second).state) == ("waiting", "handed_over")


def test_the_gate_is_asked_after_an_unknown_outcome_too(world: World) -> None:
    """Who opts out while a message is being looked up does not get it sent again."""
    person = world.person()
    message_id = world.queue(person)
    world.twilio.fail_next(SendUnknown())
    world.send_all()
    assert world.opt_out(person) == 0  # it may be at Twilio, so it is not ours to cancel
    world.send_until_settled(steps=5)
    assert (world.row(message_id).state, world.bodies()) == ("refused", [])


def test_a_clock_that_jumps_does_not_hurry_the_look_up(make_world: MakeWorld) -> None:
    """A virtual clock may be moved by a month in the middle of a request: the machine's time must pass too."""
    machine = [0.0]
    world = make_world()
    world.settings = replace(world.settings, virtual_clock=True)
    world.queue(world.person())
    world.twilio.fail_next(SendUnknown())
    sender = world.sender(monotonic=lambda: machine[0])
    world.send_all(sender)
    world.clock.advance(days=30)
    world.send_all(sender)
    assert (world.twilio.look_ups, world.bodies()) == (0, [])
    machine[0] += 11
    world.clock.advance(seconds=11)
    world.send_all(sender)
    assert (world.twilio.look_ups, world.bodies()) == (1, ["Hello."])


def test_a_request_is_not_begun_late_in_the_lease(world: World) -> None:
    """What would outlive the lease could be made twice, so it is put back."""
    message_id = world.queue(world.person())
    slow = SlowDatabase(world, writes=2, seconds=LATEST_START.total_seconds() + 1)
    assert world.sender(db=slow).send_one()
    assert (world.row(message_id).state, world.row(message_id).attempts, world.bodies()) == ("waiting", 0, [])


class SlowDatabase:
    """A database whose write number ``writes`` takes ``seconds``, by the standing clock."""

    def __init__(self, world: World, writes: int, seconds: float) -> None:
        self._world, self._left, self._seconds = world, writes, seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.db, name)

    def write(self) -> Any:
        """As ever, but late."""
        self._left -= 1
        if self._left == 0:
            self._world.clock.advance(seconds=self._seconds)
        return self._world.db.write()
