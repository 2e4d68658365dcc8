"""The supervisor over real child processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.processes import free_port, is_busy
from bot.settings import SettingsError
from bot.supervisor import STOPS_WITHIN, choose_dialog_port, programs, wait_until_free
from tests.conftest import MakeSettings

# Each child writes a line when it starts; "stubborn" does not end when asked, "brief" ends at once.
SCRIPT = """
import logging, sys
from pathlib import Path
from bot.supervisor import Program, Supervisor
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
BEGIN = "import os,signal,sys,time; print('child', sys.argv[1], os.getpid(), flush=True); "
BODY = {
    "plain": "time.sleep(600)",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
    "brief": "sys.exit(3)",
}
names = sys.argv[1:]
Supervisor([
    Program(f"{name}-{n}", (sys.executable, "-c", BEGIN + BODY[name], name), ends_last=n == 0)
    for n, name in enumerate(names)
], stops_within=2.0).run()
"""

Start = Callable[..., "Watched"]


class Watched:
    """A supervisor in a process of its own, and what it wrote."""

    def __init__(self, log: Path, names: tuple[str, ...]) -> None:
        """Starts it over children of these kinds."""
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-c", SCRIPT, *names], stdout=out, stderr=out)

    def children(self, kind: str = "") -> list[int]:
        """The process ids of all children so far, or of those of one kind, in the order in which they spoke."""
        lines = self.log.read_text().splitlines()
        return [int(line.split()[2]) for line in lines if line.startswith(f"child {kind}")]

    def until(self, condition: Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait for it, or fail with the log."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts supervisors, and ends what is left of them."""
    started: list[Watched] = []

    def begin(*names: str) -> Watched:
        watched = Watched(tmp_path / f"{len(started)}.log", names)
        started.append(watched)
        watched.until(lambda: len(watched.children()) >= len(names))
        return watched

    yield begin
    for watched in started:
        watched.process.kill()
        watched.process.wait()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_killed_child_is_started_again(start: Start) -> None:
    """At once, and the others are left alone."""
    watched = start("plain", "plain")
    first, second = watched.children()
    os.kill(first, signal.SIGKILL)
    watched.until(lambda: len(watched.children()) == 3, seconds=5)
    assert _alive(second)
    assert _alive(watched.children()[2])


def test_a_child_that_keeps_ending_is_tried_ever_later(start: Start) -> None:
    """It does not eat the machine, it is never given up, and others run on."""
    watched = start("plain", "brief")
    watched.until(lambda: watched.log.read_text().count("again_in=0.4") == 1)
    waits = [line.split("again_in=")[1] for line in watched.log.read_text().splitlines() if "again_in" in line]
    assert waits == ["0.0", "0.2", "0.4"]
    assert _alive(watched.children("plain")[0])


def test_all_end_when_asked(start: Start) -> None:
    """On SIGTERM, children end and the supervisor answers 0."""
    watched = start("plain", "plain", "plain")
    watched.process.terminate()
    assert watched.process.wait(5) == 0
    assert not any(_alive(pid) for pid in watched.children())


def test_who_does_not_end_is_killed_in_time(start: Start) -> None:
    """A child that will not listen does not hold up the end; ten seconds is what we promise."""
    watched = start("stubborn", "plain", "stubborn")
    watched.until(lambda: watched.log.read_text().count("deaf") == 2)
    begun = time.monotonic()
    watched.process.terminate()
    assert watched.process.wait(10) == 0
    assert time.monotonic() - begun < 4.0
    assert STOPS_WITHIN <= 8.0
    assert not any(_alive(pid) for pid in watched.children())


def test_killing_the_supervisor_leaves_nobody_behind(start: Start) -> None:
    """Children end with it, also those that do not listen, so that a new start finds the ports free."""
    watched = start("plain", "stubborn")
    watched.until(lambda: "deaf" in watched.log.read_text())
    watched.process.kill()
    watched.process.wait()
    watched.until(lambda: not any(_alive(pid) for pid in watched.children()), seconds=5)
    assert not any(_alive(pid) for pid in watched.children())


def test_what_serve_runs(make_settings: MakeSettings) -> None:
    """Web, as many workers as set, clock, and a dialog process unless another machine has it."""
    settings = make_settings(BOT_WORKERS="3")
    names = [program.name for program in programs(settings, 5005)]
    assert names == ["dialog", "web", "worker-1", "worker-2", "worker-3", "clock"]
    assert "dialog" not in [program.name for program in programs(settings, None)]


def test_the_dialog_port(make_settings: MakeSettings) -> None:
    """A port that was asked for is used or refused; another machine's is not started here."""
    port = free_port()
    assert choose_dialog_port(make_settings(BOT_DIALOG_URL=f"http://127.0.0.1:{port}")) == port
    assert choose_dialog_port(make_settings(BOT_DIALOG_URL="http://dialog.internal:5005")) is None


def test_a_busy_dialog_port_gives_way(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default port in use by somebody else is no reason not to start; one that was asked for is."""
    import socket
    from dataclasses import replace

    with socket.create_server(("127.0.0.1", 0)) as busy:
        taken = busy.getsockname()[1]
        by_default = replace(make_settings(), dialog_url=f"http://127.0.0.1:{taken}")
        assert choose_dialog_port(by_default) not in (None, taken)
        with pytest.raises(SettingsError, match=f"Port {taken} is in use"):
            choose_dialog_port(make_settings(BOT_DIALOG_URL=f"http://127.0.0.1:{taken}"))


def test_a_port_that_frees_in_time() -> None:
    """Straight after a kill the port may be held for a moment: that is waited for."""
    import socket

    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert is_busy("127.0.0.1", port)
    wait_until_free("127.0.0.1", port, "BOT_PORT")
    assert not is_busy("127.0.0.1", port)
