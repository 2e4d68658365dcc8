"""``bot chat``: the simulated phone in a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click

from bot.cli.chat_record import record_lines
from bot.cli.loading import load_settings
from bot.cli.simulator_client import NO_SIMULATOR, SimulatorClient, bot_of_our_own

LOOKS_EVERY = 0.2
HOUR, DAY, WEEK = 3600.0, 86400.0, 604800.0
NAMES = {"person": "you", "bot": "bot", "twilio": "twilio"}
HELP = """\
What you type is texted to the bot. Besides:
  /record      what the bot recorded
  /skip-hour   let an hour pass     /skip-day   a day     /skip-week   a week
  /new         go on with another, new phone
  /quit        end"""


@click.command()
@click.option("--url", help="Address of a running bot. Default: this machine's, or a new one when none runs.")
@click.option("--phone", "number", help="Number to text from, such as +12025550123. Default: a new one.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for a reply when lines are piped in.")
def chat(url: str | None, number: str | None, wait: float) -> None:
    """Talk to the bot in this terminal, as a patient with a phone would.

    Lines can be piped in: each is texted after the replies to the one before have come.
    """
    with _bot(url) as address:
        talk = Talk(SimulatorClient(address), wait)
        talk.take_phone(number)
        if sys.stdin.isatty():
            _talk_live(talk)
        else:
            _talk_by_lines(talk)


@dataclass
class Talk:
    """One conversation: its phone, and which texts were shown."""

    client: SimulatorClient
    wait: float
    phone_id: str = ""
    shown: set[str] = field(default_factory=set)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def take_phone(self, number: str | None) -> None:
        """Go on with the phone of this number, or with a new one."""
        phone = self.client.make_phone(number)
        self.phone_id = phone["id"]
        self.shown = {message["id"] for message in self.client.read_phone(self.phone_id)["messages"]}
        click.echo(f"Texting from {phone['number']}. /help says what else can be typed, /quit ends.")

    def show_new(self, mine: bool) -> bool:
        """Print the texts that were not printed yet, one's own if asked; gives whether the bot is still at it."""
        with self.turn:
            state = self.client.read_phone(self.phone_id)
            for message in state["messages"]:
                if message["id"] not in self.shown:
                    self.shown.add(message["id"])
                    if mine or message["from"] != "person":
                        _print(message)
            return bool(state["busy"])

    def wait_for_replies(self) -> None:
        """Print what comes until the bot has done with what was texted."""
        until = time.monotonic() + self.wait
        while self.show_new(mine=True):
            if time.monotonic() > until:
                click.echo(f"(no more within {self.wait:.0f} s)")
                return
            time.sleep(LOOKS_EVERY)

    def obey(self, line: str) -> bool:
        """Text the line, or do what it commands; False when it ends the chat."""
        if not line.startswith("/"):
            self.client.send(self.phone_id, line)
            return True
        if line == "/quit":
            return False
        command = self._commands().get(line)
        if command is None:
            click.echo(f"{line.split()[0]} is not known.\n{HELP}")
        else:
            command()
        return True

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "/help": lambda: click.echo(HELP),
            "/record": self._show_record,
            "/new": lambda: self.take_phone(None),
            "/skip-hour": lambda: self._skip(HOUR),
            "/skip-day": lambda: self._skip(DAY),
            "/skip-week": lambda: self._skip(WEEK),
        }

    def _show_record(self) -> None:
        for line in record_lines(self.client.read_phone(self.phone_id)["record"]):
            click.echo(line)

    def _skip(self, seconds: float) -> None:
        click.echo(f"It is now {self.client.advance(seconds)[:19]} UTC.")


def _print(message: dict[str, Any]) -> None:
    name = NAMES[message["from"]]
    lines = (message["body"] or "(no text)").splitlines()
    click.echo(f"{click.style(f'{name:>6}', fg='cyan' if name == 'you' else 'green')}  {lines[0]}")
    for line in lines[1:]:
        click.echo(f"        {line}")


def _talk_by_lines(talk: Talk) -> None:
    for line in sys.stdin:
        text = line.rstrip("\n")
        if not text:
            continue
        if not talk.obey(text):
            return
        talk.wait_for_replies()


def _talk_live(talk: Talk) -> None:
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(talk, stop), daemon=True)
    watcher.start()
    try:
        while True:
            text = input()
            if text and not _obeyed(talk, text):
                return
    except (EOFError, KeyboardInterrupt):
        click.echo()
    finally:
        stop.set()
        watcher.join(timeout=5)


def _obeyed(talk: Talk, text: str) -> bool:
    """Like :meth:`Talk.obey`; a refusal is shown and the chat goes on."""
    try:
        return talk.obey(text)
    except click.ClickException as refusal:
        click.echo(f"({refusal.message})")
        return True


def _watch(talk: Talk, stop: threading.Event) -> None:
    while not stop.wait(LOOKS_EVERY):
        try:
            talk.show_new(mine=False)
        except click.ClickException as refusal:
            click.echo(f"({refusal.message})")
            stop.wait(3.0)


@contextmanager
def _bot(url: str | None) -> Iterator[str]:
    """The address of the bot to talk to; one is started when none was named and none runs here."""
    address = url or f"http://127.0.0.1:{load_settings().port}"
    if SimulatorClient(address).is_there():
        yield address
        return
    if url is not None:
        raise click.ClickException(NO_SIMULATOR.format(url=url))
    click.echo("No bot with a simulator runs here; starting one for this chat (a few seconds) …", err=True)
    with bot_of_our_own(os.environ) as own:
        yield own
