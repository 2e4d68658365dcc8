"""The simulator's pages as a program sees them, and a bot of one's own when none is running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import requests

from bot.processes import dies_with_parent, free_port

STARTS_WITHIN = 180.0
ENDS_WITHIN = 12.0
LOOKS_EVERY = 0.3
ANSWERS_WITHIN = 10.0
MOVES_WITHIN = 600.0
NO_SIMULATOR = "there is no phone simulator at {url}; start one with BOT_SIMULATOR=1 bot serve"


class SimulatorClient:
    """Calls a simulator. What it refuses, or that it does not answer, is a ``click.ClickException``."""

    def __init__(self, url: str) -> None:
        """``url`` is the address of the web process."""
        self._base = f"{url.rstrip('/')}/simulator"
        self._session = requests.Session()
        self._session.trust_env = False

    def is_there(self) -> bool:
        """Whether a simulator answers."""
        try:
            return self._session.get(f"{self._base}/phones", timeout=ANSWERS_WITHIN).ok
        except requests.RequestException:
            return False

    def make_phone(self, number: str | None) -> dict[str, Any]:
        """A phone with this number, or with a fictional one."""
        return self._call("POST", "phones", {"number": number} if number else {})

    def read_phone(self, phone_id: str) -> dict[str, Any]:
        """The phone's texts, what was recorded, and whether the bot is still at it."""
        return self._call("GET", f"phones/{phone_id}")

    def send(self, phone_id: str, body: str) -> None:
        """Text the bot."""
        self._call("POST", "phone/send", {"phone_id": phone_id, "body": body})

    def advance(self, seconds: float) -> str:
        """Let time pass; gives the new time. Refused where the clock is not virtual."""
        return str(self._call("POST", "clock", {"advance_seconds": seconds}, MOVES_WITHIN)["now"])

    def _call(self, method: str, path: str, body: Any = None, within: float = ANSWERS_WITHIN) -> dict[str, Any]:
        try:
            answer = self._session.request(method, f"{self._base}/{path}", json=body, timeout=within)
            result: dict[str, Any] = answer.json()
        except requests.RequestException:
            raise click.ClickException("the bot does not answer; is it still running?") from None
        if not answer.ok:
            raise click.ClickException(str(result.get("detail", f"the simulator answered {answer.status_code}")))
        return result


@contextmanager
def bot_of_our_own(environ: Mapping[str, str]) -> Iterator[str]:
    """Start ``bot serve`` on a free port in a temporary folder; gives its address, and ends it afterwards."""
    with tempfile.TemporaryDirectory(prefix="followthrough-chat-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        with (Path(folder) / "bot.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "serve"],
                env=_own_environment(environ, Path(folder), port),
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own, so that Ctrl-C ends the chat first and the chat ends the bot.
                process_group=0,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_until_ready(url, process, Path(folder) / "bot.log")
                yield url
            finally:
                _end(process)


def _own_environment(environ: Mapping[str, str], folder: Path, port: int) -> dict[str, str]:
    """The caller's environment without its Twilio and its data."""
    kept = {name: value for name, value in environ.items() if not name.startswith("TWILIO_")}
    for name in ("BOT_DATABASE_URL", "BOT_REDIS_URL", "BOT_PUBLIC_URL"):
        # Empty and not absent: a file .env would fill in what is absent.
        kept[name] = ""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "TWILIO_API_URL"):
        kept[name] = ""
    own = {"BOT_DATA_DIR": str(folder), "BOT_PORT": str(port), "BOT_SIMULATOR": "1", "BOT_VIRTUAL_CLOCK": "1"}
    return kept | own | {"BOT_WORKERS": "1", "PYTHONUNBUFFERED": "1"}


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise click.ClickException(f"the bot could not be started; its last words: {_last_line(log)}")
        if _is_ready(url):
            return
        time.sleep(LOOKS_EVERY)
    raise click.ClickException(f"the bot is not ready after {STARTS_WITHIN:.0f} s; its last words: {_last_line(log)}")


def _is_ready(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(f"{url}/readyz", timeout=2.0).ok
        except requests.RequestException:
            return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "none"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
