"""A sender that ends at any point leaves what the next one needs: every message goes out exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from bot.adapters.twilio_messages import SentMessage
from bot.sending.sender import LEASE
from tests.sending.world import World


class Killed(BaseException):
    """The process is gone; nothing after this line runs."""


@dataclass
class DyingDatabase:
    """Ends the process just before or just after the commit of its write number ``left``."""

    world: World
    left: int
    after: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.db, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        """As ever, once too often."""
        self.left -= 1
        with self.world.db.write() as tx:
            yield tx
            if self.left == 0 and not self.after:
                raise Killed
        if self.left == 0:
            raise Killed


@dataclass
class DyingTwilio:
    """Ends the process just before or just after Twilio takes the message."""

    world: World
    after: bool

    def create(self, to: str, body: str, status_callback: str | None, from_: str) -> SentMessage:
        """Never answers."""
        if self.after:
            self.world.twilio.create(to, body, status_callback, from_)
        raise Killed

    def find_recent(self, to: str, body: str, since: datetime) -> list[SentMessage]:
        """As ever."""
        return self.world.twilio.find_recent(to, body, since)

    def cancel(self, sid: str) -> None:
        """As ever."""
        self.world.twilio.cancel(sid)


# Claim, attempt, [request], record: a process can end on either side of each.
WRITES = [(number, after) for number in (1, 2, 3) for after in (False, True)]


def recover(world: World, messages: list[str]) -> None:
    """Another sender comes, after the lease of the first has run out, and finds the world in order."""
    world.clock.advance(seconds=LEASE.total_seconds() + 1)
    world.send_until_settled(steps=10)
    assert world.bodies() == [f"message {number}" for number in range(len(messages))]
    assert [world.row(m).state for m in messages] == ["handed_over"] * len(messages)
    assert [world.row(m).twilio_sid for m in messages] == [kept.sid for kept in world.twilio.kept]


@pytest.mark.parametrize(("number", "after"), WRITES)
def test_a_crash_around_each_commit(any_world: World, number: int, after: bool) -> None:
    """Before or after the claim, the attempt and the record is committed."""
    person = any_world.person()
    messages = [any_world.queue(person, f"message {n}") for n in range(2)]
    with pytest.raises(Killed):
        any_world.sender(db=DyingDatabase(any_world, number, after)).send_one()
    recover(any_world, messages)


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_the_request(any_world: World, after: bool) -> None:
    """Before or after Twilio has it."""
    person = any_world.person()
    messages = [any_world.queue(person, f"message {n}") for n in range(2)]
    with pytest.raises(Killed):
        any_world.sender(twilio=DyingTwilio(any_world, after)).send_one()
    recover(any_world, messages)


@pytest.mark.parametrize(("number", "after"), WRITES)
def test_a_second_crash_while_recovering(world: World, number: int, after: bool) -> None:
    """The look-up and the second try may be cut short as well."""
    messages = [world.queue(world.person(), "message 0")]
    with pytest.raises(Killed):
        world.sender(twilio=DyingTwilio(world, after=True)).send_one()
    world.clock.advance(seconds=LEASE.total_seconds() + 1)
    dying = world.sender(db=DyingDatabase(world, number, after))
    if number < 3:
        with pytest.raises(Killed):
            world.send_all(dying)
    recover(world, messages)


def test_nothing_of_the_phone_overtakes_what_is_unknown(world: World) -> None:
    """While one message is being looked up the next one of the same phone waits; other phones do not."""
    person, other = world.person(), world.person()
    messages = [world.queue(person, f"message {n}") for n in range(2)]
    with pytest.raises(Killed):
        world.sender(twilio=DyingTwilio(world, after=False)).send_one()
    elsewhere = world.queue(other, "message 2")
    world.send_all()
    assert (world.bodies(), world.row(elsewhere).state) == (["message 2"], "handed_over")
    world.clock.advance(seconds=LEASE.total_seconds() + 1)
    world.send_until_settled(steps=10)
    assert world.bodies() == ["message 2", "message 0", "message 1"]
    assert [world.row(m).state for m in messages] == ["handed_over"] * 2


def test_a_sender_that_lost_its_lease_changes_nothing(world: World) -> None:
    """Who wakes up after another has taken over must not undo what was done since."""
    message_id = world.queue(world.person(), "message 0")
    slow = world.sender(twilio=TakenOver(world))
    slow.send_one()
    recover(world, [message_id])
    assert world.bodies() == ["message 0"]


@dataclass
class TakenOver:
    """While this request is under way the lease runs out and another sender finishes the job."""

    world: World

    def create(self, to: str, body: str, status_callback: str | None, from_: str) -> SentMessage:
        """Answers very late."""
        sent = self.world.twilio.create(to, body, status_callback, from_)
        self.world.clock.advance(seconds=LEASE.total_seconds() + 1)
        self.world.send_until_settled(steps=3)
        return sent
