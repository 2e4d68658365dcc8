"""kill -9 of any process at any moment of a conversation: every message is answered once."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.whole.serving import Serving, serving

CALM, SHAKEN = "+12025550141", "+12025550142"
TEXTS = ["hi", "yes", "1", "why", "8", "3", "back", "3", "3", "2", "2", "yes", "1", "1", "1", "1", "0"]
KILLED = ["worker", "dialog", "web", "clock", "worker", "serve", "web", "worker"]
ANSWERED_WITHIN = 120.0


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A bot of this module's own."""
    with serving(tmp_path_factory.mktemp("killed")) as running:
        yield running


@pytest.mark.timeout(900)
def test_every_message_is_answered_once_whatever_is_killed(bot: Serving) -> None:
    """The same conversation twice, once in peace and once with processes shot down: word for word the same."""
    expected = [_said_to(bot, CALM, text) for text in TEXTS]
    chance = random.Random(7)
    shots = dict(zip(chance.sample(range(len(TEXTS)), len(KILLED)), KILLED, strict=True))
    for number, text in enumerate(TEXTS):
        already = len(bot.heard(SHAKEN))
        bot.text(SHAKEN, text)
        if number in shots:
            time.sleep(chance.random() * 0.4)
            bot.kill(shots[number])
            if shots[number] == "serve":
                bot.start()
        bot.until_heard(SHAKEN, already + len(expected[number]), ANSWERED_WITHIN)
        assert bot.heard(SHAKEN)[already:] == expected[number], bot.log[-4000:]
    time.sleep(2)
    assert bot.heard(SHAKEN) == bot.heard(CALM)


@pytest.mark.timeout(300)
def test_eight_redeliveries_of_one_text_are_one_turn_and_one_reply(bot: Serving) -> None:
    """Twilio delivers a text again when the answer was slow; several at once."""
    person = "+12025550143"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bot.text(person, "hi", sid="SM" + "e" * 32), range(8)))
    bot.until(lambda: len(bot.heard(person)) >= 1, 30)
    time.sleep(2)
    said = bot.heard(person)
    assert len(said) == len(set(said))
    assert sum(text.startswith("Hi, this is") for text in said) == 1


@pytest.mark.timeout(300)
def test_it_ends_in_good_order_within_ten_seconds(bot: Serving) -> None:
    """SIGTERM to ``bot serve``: exit code 0, nothing left behind."""
    children = bot.children()
    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < 10
    assert {"web", "worker", "clock", "dialog"} <= set(children)


def _said_to(bot: Serving, person: str, text: str) -> list[str]:
    """What one text is answered with, in peace: everything that comes until it is quiet."""
    already = len(bot.heard(person))
    bot.text(person, text)
    bot.until(lambda: len(bot.heard(person)) > already, ANSWERED_WITHIN)
    quiet_since = time.monotonic()
    count = len(bot.heard(person))
    while time.monotonic() - quiet_since < 0.7:
        if len(bot.heard(person)) != count:
            count, quiet_since = len(bot.heard(person)), time.monotonic()
        time.sleep(0.05)
    return bot.heard(person)[already:]
