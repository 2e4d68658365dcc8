"""Several senders share an outbox; each message goes out once, in the order of its phone."""

from __future__ import annotations

import threading
from collections import defaultdict
from functools import partial

from bot.sending.sender import Sender
from tests.sending.world import MakeWorld, World

PHONES, EACH, SENDERS = 6, 5, 3


def test_each_message_once_and_in_order(any_world: World) -> None:
    """Threads that claim at the same time neither double a message nor let one overtake another."""
    people = [any_world.person() for _ in range(PHONES)]
    messages = [any_world.queue(person, f"{n}") for n in range(EACH) for person in people]
    senders = [any_world.sender() for _ in range(SENDERS)]
    together([partial(any_world.send_all, sender) for sender in senders])
    any_world.send_all()
    by_phone = defaultdict(list)
    for kept in any_world.twilio.kept:
        by_phone[kept.to].append(kept.body)
    assert by_phone == {person.number: [f"{n}" for n in range(EACH)] for person in people}
    assert {any_world.row(m).state for m in messages} == {"handed_over"}


def together(jobs: list[partial[int]]) -> None:
    """Run all at once and wait for them."""
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_a_sender_runs_until_it_is_stopped(world: World) -> None:
    """It wakes by itself when something is queued, and ends soon after being told."""
    stop, sender = threading.Event(), world.sender()
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    message_id = world.queue(world.person())
    for _ in range(100):
        if world.row(message_id).state == "handed_over":
            break
        stop.wait(0.05)
    stop.set()
    thread.join(5)
    assert (world.row(message_id).state, thread.is_alive()) == ("handed_over", False)


def test_an_error_does_not_end_a_sender(world: World) -> None:
    """A database that is away for a moment is asked again."""
    stop = threading.Event()
    sender = world.sender(twilio=Broken(stop))
    message_id = world.queue(world.person())
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    thread.join(10)
    assert (world.row(message_id).state, thread.is_alive()) == ("claimed", False)


class Broken:
    """Raises what nobody expects, and stops the sender so that the test ends."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def create(self, *args: object) -> None:
        """Raises."""
        self._stop.set()
        raise RuntimeError


def test_a_reply_leaves_before_a_bulk_of_five_hundred(make_world: MakeWorld) -> None:
    """A patient who writes in the middle of an outreach is answered next, although bulk has used up its tokens."""
    world = make_world(rate=1.0, burst=10.0)
    people = [world.person() for _ in range(20)]
    for number in range(500):
        world.queue(people[number % 20], f"invitation {number}", proactive=True, priority=1)
    sender = world.sender()
    assert world.send_all(sender) == 7
    world.queue(people[3], "an answer")
    assert sender.send_one()
    assert world.bodies()[-1] == "an answer"


def test_the_rate_is_kept_in_segments(make_world: MakeWorld) -> None:
    """A long message costs what its parts cost."""
    world = make_world(rate=2.0, burst=6.0)
    for _ in range(10):
        world.queue(world.person(), "x" * 400)  # three segments
    sender = world.sender()
    sent = [world.send_all(sender)]
    for _ in range(6):
        world.clock.advance(seconds=1)
        sent.append(world.send_all(sender))
    assert sent == [2, 0, 1, 1, 0, 1, 1]


def test_bulk_leaves_the_last_tokens(make_world: MakeWorld) -> None:
    """Three segments, the longest reply, are always there for a reply that comes now."""
    world = make_world(rate=0.001, burst=5.0)
    for number in range(6):
        world.queue(world.person(), f"bulk {number}", proactive=True, priority=1)
    sender = world.sender()
    assert world.send_all(sender) == 2
    world.queue(world.person(), "x" * 400)
    assert (world.send_all(sender), len(world.twilio.kept)) == (1, 3)


def test_two_senders_share_a_rate(make_world: MakeWorld) -> None:
    """Two senders with the same bucket do not send twice as fast."""
    world = make_world(rate=1.0, burst=4.0)
    for _ in range(20):
        world.queue(world.person())
    senders: list[Sender] = [world.sender(), world.sender()]
    for _ in range(10):
        for sender in senders:
            world.send_all(sender)
        world.clock.advance(seconds=1)
    assert len(world.twilio.kept) == 4 + 9
