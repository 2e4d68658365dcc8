"""``bot serve`` in a folder of its own, texted through signed webhooks, with a Twilio that outlives it."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from twilio.request_validator import RequestValidator

from bot.processes import dies_with_parent, free_port
from webhooks.simulator.twilio_app import TwilioServer

ROOT = Path(__file__).resolve().parents[2]
# Five processes start at once, each of which reads the content; on a loaded machine that takes its time.
READY_WITHIN = 240.0


@dataclass
class Serving:
    """A running bot. ``kill`` is kill -9; ``start`` begins again on the same data."""

    folder: Path
    twilio: TwilioServer
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    _sids: int = 0

    def __post_init__(self) -> None:
        """Settings as a clinic would have them, with keys of this run."""
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("BOT_", "TWILIO_"))},
            "BOT_DATA_DIR": str(self.folder / "var"),
            "BOT_PORT": str(self.port),
            "BOT_PUBLIC_URL": self.url,
            "BOT_SECRET_KEY": secrets.token_hex(32),
            "BOT_ENCRYPTION_KEYS": f"k1:{key}",
            "BOT_DIALOG_URL": f"http://127.0.0.1:{free_port()}",
            "BOT_HELP_CONTACT": "555-555-0123",
            "BOT_CLINIC_NAME": "Elm Clinic",
            "TWILIO_ACCOUNT_SID": self.twilio.account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio.auth_token,
            "TWILIO_FROM": self.twilio.number,
            "TWILIO_API_URL": self.twilio.url,
            **self.extra,
        }
        self.twilio.webhook_base = self.url

    @property
    def url(self) -> str:
        """Where the web process listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything that was logged."""
        return (self.folder / "serve.log").read_text()

    def start(self) -> None:
        """Start ``bot serve`` and wait until it is ready."""
        with (self.folder / "serve.log").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve"],
                cwd=ROOT,
                env=self.environ,
                stdout=out,
                stderr=out,
                preexec_fn=dies_with_parent(),
            )
        self.until(self.is_ready, READY_WITHIN)

    def is_ready(self) -> bool:
        """What ``/readyz`` says."""
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait for it, or fail with the end of the log."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.log[-6000:]
            time.sleep(0.05)

    def children(self) -> dict[str, int]:
        """The process id of each running child, by its part of the command line."""
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = {}
        for pid in map(int, listed):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            name = "dialog" if "dialogs.server" in command else command[3] if len(command) > 3 else command[-1]
            found[name] = pid
        return found

    def kill(self, name: str) -> None:
        """kill -9 a child, or ``serve``: the supervisor, with whom all its children go."""
        assert self.process is not None
        if name == "serve":
            self.process.kill()
            self.process.wait()
            return
        self.until(lambda: name in self.children(), 30)
        os.kill(self.children()[name], signal.SIGKILL)

    def text(self, person: str, body: str, sid: str | None = None) -> str:
        """Text the bot as Twilio would: signed, and again until somebody answers 200. Gives the MessageSid."""
        self._sids += 1
        form = {
            "MessageSid": sid or f"SM{self._sids:032x}",
            "AccountSid": self.twilio.account_sid,
            "From": person,
            "To": self.twilio.number,
            "Body": body,
            "NumMedia": "0",
        }
        self.until(lambda: self._delivered(form), 90)
        return form["MessageSid"]

    def _delivered(self, form: dict[str, str]) -> bool:
        url = f"{self.url}/twilio/sms"
        signature = RequestValidator(self.twilio.auth_token).compute_signature(url, form)
        try:
            return (
                requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=15).status_code == 200
            )
        except requests.RequestException:
            return False

    def heard(self, person: str) -> list[str]:
        """What the person was sent, in order."""
        return [message.body for message in self.twilio.sent_to(person)]

    def until_heard(self, person: str, count: int, seconds: float = 60.0) -> None:
        """Wait until the person was sent ``count`` texts in all."""
        self.until(lambda: len(self.heard(person)) >= count, seconds)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(15)


@contextmanager
def serving(folder: Path, **extra: str) -> Iterator[Serving]:
    """A bot that serves in ``folder``, and its Twilio."""
    with TwilioServer(folder) as twilio:
        bot = Serving(folder, twilio, extra)
        bot.start()
        try:
            yield bot
        finally:
            if bot.process is not None and bot.process.poll() is None:
                bot.process.terminate()
                bot.process.wait(20)
