"""``make bench``: what a dialog turn costs, beside stock Rasa running the same form in the same run.

First the turn by itself, which the bars are about; then, over HTTP, the CPU time of the processes that serve a
turn (from /proc), divided by the number of turns. Stock Rasa: its REST channel, its SQL tracker store on SQLite, its
action server, its RulePolicy; our domain, rules, NLU data and actions. Results go to ``docs/bench/dialog.json``.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from bot.processes import dies_with_parent, free_port

ROOT = Path(__file__).resolve().parents[2]
DIALOG_BIN = ROOT / ".venv-dialog" / "bin"
RESULTS = ROOT / "docs" / "bench" / "dialog.json"
TICKS = os.sysconf("SC_CLK_TCK")
SCREENINGS = 8
CALLERS = 4
RUN = 40
RUNS = 15
PERSONS = 5
ANSWERS = ["1", "8", "3", "3", "2", "2", "yes", "1", "1", "1", "1", "0"]
READ: list[Any] = [1, [8], 3, 3, 2, 2, True, 1, 1, 1, 1, 0]
BARS = {"parsed_ms": 3.0, "nlu_ms": 6.0, "eighth_to_first": 1.2}


@dataclass(frozen=True)
class Server:
    """A bot under measurement: where it listens and which processes serve a turn."""

    url: str
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """CPU seconds used so far by its processes."""
        return sum(_cpu_of(pid) for pid in self.pids)


def main() -> int:
    """Measure both, print the table, keep the results; 1 when a bar is missed."""
    alone = measure_alone()
    with ours() as server:
        mine = measure_ours(server)
    with stock() as server:
        theirs = measure_stock(server)
    results = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "turn_alone": alone, "ours_over_http": mine}
    results |= {"stock_rasa_over_http": theirs, "bars": BARS}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    return report(alone, mine, theirs)


def measure_alone() -> dict[str, float]:
    """The turn by itself, in a process of its own (:mod:`tests.bench.turns_in_process`)."""
    command = [str(DIALOG_BIN / "python"), "-W", "ignore", "-m", "tests.bench.turns_in_process"]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure_ours(server: Server) -> dict[str, Any]:
    """Turns with a parsed answer, with NLU, and eight screenings of one person."""
    session = requests.Session()
    opened = _our_turn(session, server, None, {"reading": {"intent": "greet", "value": None}})
    opened = _our_turn(session, server, opened, {"reading": {"intent": "affirm", "value": None}})
    parsed = {"reading": {"intent": "give_answer", "value": 1}}
    asked = {"text": "i never have any trouble with that"}
    digression = {"text": "why are you asking me this"}
    return {
        "parsed_ms": _busy(server, lambda session: _our_turn(session, server, opened, parsed)),
        "nlu_ms": _busy(server, lambda session: _our_turn(session, server, opened, asked)),
        "nlu_digression_ms": _busy(server, lambda session: _our_turn(session, server, opened, digression)),
        "screenings_ms": _typical_screenings(session, server),
        "state_bytes": len(json.dumps(opened)),
    }


def measure_stock(server: Server) -> dict[str, Any]:
    """Eight screenings of one person, every reply through NLU as stock Rasa does it."""
    session = requests.Session()
    _stock_turn(session, server, "hi")
    _stock_turn(session, server, "yes")
    costs = []
    for _ in range(SCREENINGS):
        costs.append(_cost(server, ANSWERS, lambda text: _stock_turn(session, server, text)))
        _stock_turn(session, server, "hi")
        _stock_turn(session, server, "1")
    return {"screenings_ms": costs}


def report(alone: dict[str, float], mine: dict[str, Any], theirs: dict[str, Any]) -> int:
    """Print what was measured against the bars."""
    first, eighth = mine["screenings_ms"][0], mine["screenings_ms"][-1]
    ratio = round(eighth / first, 2)
    rows = [
        ("turn with a parsed answer", alone["parsed_ms"], BARS["parsed_ms"]),
        ("turn with NLU", alone["nlu_ms"], BARS["nlu_ms"]),
        ("turn with NLU, digression", alone["nlu_digression_ms"], BARS["nlu_ms"]),
        ("the same three over HTTP", mine["parsed_ms"], None),
        ("", mine["nlu_ms"], None),
        ("", mine["nlu_digression_ms"], None),
        ("eighth screening / first", ratio, BARS["eighth_to_first"]),
    ]
    for name, value, bar in rows:
        verdict = "" if bar is None else f"bar {bar}  {'ok' if value <= bar else 'MISSED'}"
        sys.stdout.write(f"{name:32} {value:8.2f}  {verdict}\n")
    sys.stdout.write(f"{'ms of CPU a turn, screening':32} {'ours':>8} {'stock':>9}\n")
    for number, (a, b) in enumerate(zip(mine["screenings_ms"], theirs["screenings_ms"], strict=True), start=1):
        sys.stdout.write(f"{number:>32} {a:8.2f} {b:9.2f}\n")
    sys.stdout.write(f"Results: {RESULTS.relative_to(ROOT)}\n")
    return int(any(bar is not None and value > bar for _, value, bar in rows))


@contextmanager
def ours() -> Iterator[Server]:
    """Our dialog process."""
    port = free_port()
    command = [str(DIALOG_BIN / "python"), "-m", "dialogs.server", "--port", str(port)]
    with _running(command) as pid:
        url = f"http://127.0.0.1:{port}/webhooks/followthrough"
        _wait(f"{url}/ready")
        yield Server(url, (pid,))


@contextmanager
def stock() -> Iterator[Server]:
    """``rasa run`` with a SQL tracker store and ``rasa run actions``, on a model with the stock RulePolicy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port, actions = free_port(), free_port()
        _train_stock(folder)
        (folder / "credentials.yml").write_text("rest:\n")
        (folder / "endpoints.yml").write_text(
            f"action_endpoint:\n  url: http://127.0.0.1:{actions}/webhook\n"
            f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {folder}/tracker.db\n"
        )
        rasa = str(DIALOG_BIN / "rasa")
        serve = [rasa, "run", "--model", f"{folder}/models/stock.tar.gz", "--port", str(port), "-i", "127.0.0.1"]
        serve += ["--credentials", f"{folder}/credentials.yml", "--endpoints", f"{folder}/endpoints.yml"]
        act = [rasa, "run", "actions", "--actions", "dialogs.actions", "--port", str(actions)]
        with _running(act) as action_pid, _running(serve) as pid:
            _wait(f"http://127.0.0.1:{actions}/health")
            _wait(f"http://127.0.0.1:{port}/")
            yield Server(f"http://127.0.0.1:{port}/webhooks/rest/webhook", (pid, action_pid))


def _train_stock(folder: Path) -> None:
    config = (ROOT / "dialogs/config.yml").read_text()
    (folder / "config.yml").write_text(config.replace("dialogs.indexed_rules.IndexedRulePolicy", "RulePolicy"))
    shutil.copytree(ROOT / "dialogs/domain", folder / "domain")
    command = [str(DIALOG_BIN / "rasa"), "train", "--config", f"{folder}/config.yml", "--domain", f"{folder}/domain"]
    command += ["--data", "dialogs/rules", "nlu_data", "--out", f"{folder}/models", "--fixed-model-name", "stock"]
    subprocess.run(command, cwd=ROOT, env=_environment(), check=True, capture_output=True)


def _our_turn(session: requests.Session, server: Server, state: Any, message: dict[str, Any]) -> Any:
    body = {
        "conversation_id": "cv_bench",
        "state": state,
        "message": message,
        "context": {},
        "now": "2026-01-01T00:00:00Z",
    }
    answer = session.post(f"{server.url}/turn", json=body, timeout=60)
    answer.raise_for_status()
    return answer.json()["state"]


def _stock_turn(session: requests.Session, server: Server, text: str) -> None:
    answer = session.post(server.url, json={"sender": "bench", "message": text}, timeout=600)
    answer.raise_for_status()
    if not answer.json():
        raise RuntimeError("stock Rasa said nothing")


def _typical_screenings(session: requests.Session, server: Server) -> list[float]:
    """For the first, second … screening of one person the median over several persons."""
    persons = [_our_screenings(session, server) for _ in range(PERSONS)]
    return [round(statistics.median(costs), 2) for costs in zip(*persons, strict=True)]


def _our_screenings(session: requests.Session, server: Server) -> list[float]:
    state = _our_turn(session, server, None, {"reading": {"intent": "greet", "value": None}})
    state = _our_turn(session, server, state, {"reading": {"intent": "affirm", "value": None}})
    costs = []
    for _ in range(SCREENINGS):
        kept = [state]

        def take(value: Any, kept: list[Any] = kept) -> None:
            reading = {"intent": "affirm" if value is True else "give_answer", "value": value}
            kept[0] = _our_turn(session, server, kept[0], {"reading": reading})

        costs.append(_cost(server, READ, take))
        state = _our_turn(session, server, kept[0], {"text": "hi"})
        state = _our_turn(session, server, state, {"reading": {"intent": "give_answer", "value": 1}})
    return costs


def _busy(server: Server, turn: Callable[[requests.Session], Any]) -> float:
    """CPU of a turn while the process is kept busy by several callers, as a worker pool does.

    A process that sleeps between two turns pays for cold caches as well, half as much again on the machine this
    was written on; that is in the figures of the screenings, which are taken one turn at a time. The median of
    several runs leaves out what other work on the machine costs now and then.
    """
    with ThreadPoolExecutor(CALLERS) as pool:
        sessions = [requests.Session() for _ in range(CALLERS)]

        def run(count: int) -> None:
            list(pool.map(lambda n: turn(sessions[n % CALLERS]), range(count)))

        run(20)
        return round(statistics.median(_cost(server, [None], lambda _: run(RUN)) / RUN for _ in range(RUNS)), 2)


def _cost(server: Server, inputs: list[Any], turn: Callable[[Any], Any]) -> float:
    before = server.cpu()
    for given in inputs:
        turn(given)
    return round((server.cpu() - before) / len(inputs) * 1000, 2)


def _cpu_of(pid: int) -> float:
    """Seconds from the per-thread clock of the scheduler, which is finer than the ticks of ``stat``."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (OSError, IndexError):
            continue
    if total:
        return total / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _environment() -> dict[str, str]:
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}


@contextmanager
def _running(command: list[str]) -> Iterator[int]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(), preexec_fn=dies_with_parent(), **quiet)  # type: ignore[call-overload]
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=2).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise RuntimeError("a server under measurement did not start")


if __name__ == "__main__":
    sys.exit(main())
