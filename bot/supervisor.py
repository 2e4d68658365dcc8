"""``bot serve``: every process on one machine, started, watched, started again, and ended in good order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from urllib.parse import urlsplit

from bot.processes import dies_with_parent, free_port, is_busy
from bot.settings import Settings, SettingsError

log = logging.getLogger(__name__)

LOOKS_EVERY = 0.1
STOPS_WITHIN = 7.0
PORT_FREES_WITHIN = 3.0
BACKOFF_FIRST = 0.2
BACKOFF_MOST = 10.0
STEADY_AFTER = 30.0


@dataclass(frozen=True)
class Program:
    """One child process: its name in the log and what runs."""

    name: str
    command: tuple[str, ...]
    ends_last: bool = False


def programs(settings: Settings, dialog_port: int | None) -> list[Program]:
    """What ``bot serve`` runs, in the order of starting. No dialog process when ``dialog_port`` is None."""
    bot = (sys.executable, "-m", "bot.cli")
    started = [
        Program("web", (*bot, "web")),
        *(Program(f"worker-{n}", (*bot, "worker")) for n in range(1, settings.workers + 1)),
        Program("clock", (*bot, "clock")),
    ]
    if dialog_port is not None:
        started.insert(0, dialog_program(settings, dialog_port))
    return started


def dialog_program(settings: Settings, port: int) -> Program:
    """The dialog process on ``port``. It ends last, because turns under way still need it."""
    # Rasa's libraries would fill the log with warnings that nobody here can act on.
    quiet = (str(settings.dialog_python), "-W", "ignore")
    return Program("dialog", (*quiet, "-m", "dialogs.server", "--port", str(port)), ends_last=True)


def choose_dialog_port(settings: Settings) -> int | None:
    """The port to start the dialog process on; None when another machine runs it.

    The default port gives way to a free one when it is busy; one that was asked for does not: ``SettingsError``.
    """
    if not settings.dialog_is_local:
        return None
    port = urlsplit(settings.dialog_url).port or 80
    if not is_busy("127.0.0.1", port):
        return port
    if "BOT_DIALOG_URL" not in settings.given:
        return free_port()
    wait_until_free("127.0.0.1", port, "BOT_DIALOG_URL")
    return port


def wait_until_free(host: str, port: int, setting: str) -> None:
    """Return when ``port`` can be listened on. Raises ``SettingsError`` when it stays busy for some seconds."""
    deadline = time.monotonic() + PORT_FREES_WITHIN
    while is_busy(host, port):
        if time.monotonic() > deadline:
            raise SettingsError(f"Port {port} is in use by another program; stop that, or set {setting} to another.")
        time.sleep(LOOKS_EVERY)


@dataclass
class Child:
    """A program and its running process, if any."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float = 0.0

    def start(self, environ: Mapping[str, str], now: float) -> None:
        """Start it; it ends with this process, however this ends."""
        # A group of its own, so that Ctrl-C in a terminal comes to the supervisor alone.
        self.process = subprocess.Popen(
            self.program.command, env=dict(environ), process_group=0, preexec_fn=dies_with_parent()
        )
        self.started_at = now
        log.info("process_started name=%s pid=%d", self.program.name, self.process.pid)

    def notice_end(self, now: float) -> None:
        """Note when it has ended, and when it is to be started again: soon, then ever later up to a limit."""
        if self.process is None or self.process.poll() is None:
            return
        self.failures = 1 if now - self.started_at > STEADY_AFTER else self.failures + 1
        wait = 0.0 if self.failures == 1 else min(BACKOFF_MOST, BACKOFF_FIRST * 2.0 ** (self.failures - 2))
        self.start_again_at = now + wait
        log.warning("process_ended name=%s code=%d again_in=%.1f", self.program.name, self.process.returncode, wait)
        self.process = None

    def ask_to_end(self) -> None:
        """Send SIGTERM, if it runs."""
        if self.process:
            self.process.terminate()

    def wait_for_end(self, deadline: float) -> None:
        """Return when it has ended; at ``deadline``, on the monotonic clock, it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process_killed name=%s", self.program.name)
            self.process.kill()
            self.process.wait()

    def is_due(self, now: float) -> bool:
        """True when it is not running and should be."""
        return self.process is None and now >= self.start_again_at


@dataclass
class Supervisor:
    """Runs programs until SIGTERM or SIGINT. ``while_running`` is called at every look and must be quick."""

    started: Sequence[Program]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    while_running: Callable[[], None] = lambda: None
    stops_within: float = STOPS_WITHIN
    _stopping: bool = False

    def run(self) -> None:
        """Start all, start again what ends, and return when all have been ended."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        children = [Child(program) for program in self.started]
        while not self._stopping:
            self._look(children)
            self.while_running()
            time.sleep(LOOKS_EVERY)
        end(children, self.stops_within)

    def _look(self, children: Sequence[Child]) -> None:
        now = time.monotonic()
        for child in children:
            child.notice_end(now)
            if child.is_due(now) and not self._stopping:
                child.start(self.environ, now)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def end(children: Sequence[Child], seconds: float) -> None:
    """Ask all to end, those that end last after the others, and kill what is still there after ``seconds``."""
    begun = time.monotonic()
    for last, share in ((False, 0.6), (True, 1.0)):
        running = [child for child in children if child.process and child.program.ends_last is last]
        for child in running:
            child.ask_to_end()
        for child in running:
            child.wait_for_end(begun + seconds * share)
    log.info("all_ended")
