"""Nothing that a patient wrote, no name and no number stands anywhere but sealed in the database and in the texts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import redis
import requests

from bot.processes import free_port
from tests.whole.serving import ROOT, Serving, serving

NAME, WORDS, FREE = "Zebulonquist", "quokkamarmalade", "wombatserenade"
PERSON = "+12025550147"
MARKERS = (NAME, WORDS, FREE, "2025550147", "202-555-0147")


class Recorder:
    """Stands between the worker and the dialog process and writes down what passes."""

    def __init__(self, upstream: str) -> None:
        """Forwards to ``upstream``."""
        self.bodies: list[str] = []
        self.paths: list[str] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._forward(b"")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                recorder.bodies.append(body.decode())
                self._forward(body)

            def _forward(self, body: bytes) -> None:
                recorder.paths.append(self.path)
                headers = {"Content-Type": "application/json"}
                answer = requests.request(self.command, upstream + self.path, data=body, headers=headers, timeout=30)
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *args: object) -> None:
                return

        # Another loopback address: a dialog process "on another machine", which bot serve does not start itself.
        self._server = ThreadingHTTPServer(("127.0.0.2", free_port()), Handler)
        self.url = f"http://127.0.0.2:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


@pytest.fixture
def recorder(dialog_url: str) -> Recorder:
    """A recorder before the dialog process of the test run."""
    return Recorder(dialog_url)


@pytest.fixture
def bot(tmp_path: Path, recorder: Recorder, redis_url: str) -> Iterator[Serving]:
    """A bot that logs all it can, with Redis and the recorder before its dialog process."""
    extra = {"BOT_REDIS_URL": redis_url, "BOT_LOG_LEVEL": "debug", "BOT_DIALOG_URL": recorder.url}
    with serving(tmp_path, **extra) as running:
        yield running


@pytest.mark.timeout(600)
def test_planted_markers_appear_nowhere_outside(bot: Serving, recorder: Recorder, redis_client: redis.Redis) -> None:
    """Logs, metrics, URLs, Redis, dialog requests, database files."""
    keys = _watch(redis_client)
    _put_patient(bot)
    texts = [f"hi {WORDS}", "yes", f"1 {FREE}", "1", f"{WORDS}?", "skip", "stop texting me", f"{FREE}"]
    for number, text in enumerate(texts):
        bot.text(PERSON, text)
        bot.until(lambda number=number: _taken(bot) > number, 60)  # type: ignore[misc]
    found = {
        "log": bot.log,
        "metrics": requests.get(f"{bot.url}/metrics", timeout=10).text,
        "readiness": requests.get(f"{bot.url}/readyz", timeout=10).text,
        "dialog paths": "\n".join(recorder.paths),
        "callback addresses": "\n".join(m.status_callback or "" for m in bot.twilio.sent_to(PERSON)),
        "redis": "\n".join(keys),
        "database": "".join(p.read_bytes().decode("latin-1") for p in (bot.folder / "var").glob("*.db*")),
    }
    leaks = [(place, marker) for place, text in found.items() for marker in MARKERS if marker in text]
    assert not leaks
    assert len(recorder.bodies) >= 3
    for body in recorder.bodies:
        _check_dialog_request(json.loads(body))


def _check_dialog_request(body: dict[str, object]) -> None:
    """Only the message being read may hold the patient's words; names and numbers never."""
    message = body.pop("message")
    rest = json.dumps(body)
    assert not [marker for marker in MARKERS if marker in rest]
    assert not [marker for marker in (NAME, "2025550147") if marker in json.dumps(message)]


def _taken(bot: Serving) -> int:
    return bot.log.count("turn_taken")


def _watch(client: redis.Redis) -> list[str]:
    """Every command that reaches Redis from now on, as text."""
    seen: list[str] = []

    def listen() -> None:
        # The server ends with the test run, and with it the connection, in whatever way it notices.
        with suppress(Exception), client.monitor() as monitor:  # type: ignore[no-untyped-call]
            for command in monitor.listen():
                seen.append(str(command["command"]))

    threading.Thread(target=listen, daemon=True).start()
    return seen


def _put_patient(bot: Serving) -> None:
    """A patient with a name on the texting phone, by the API; the token comes from the command line."""
    made = subprocess.run(
        [sys.executable, "-m", "bot.cli", "token", "create", "--role", "clinic"],
        cwd=ROOT,
        env=bot.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    token = next(word for word in made.stdout.split() if word.startswith("ft_"))
    answer = requests.put(
        f"{bot.url}/api/v1/patients/pat-1",
        json={"phone": "(202) 555-0147", "given_name": NAME, "consent": {"granted": True, "method": "paper"}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
