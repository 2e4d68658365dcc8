"""An application that only writes down the webhooks it gets, for the simulated Twilio to call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server


@dataclass(frozen=True)
class Received:
    """One webhook: its address, form, headers, and whether the signature holds."""

    url: str
    form: dict[str, str]
    token: str
    signed: bool


@dataclass
class Receiver:
    """Serves on a free port. ``answers`` are given first (HTTP statuses), then 200."""

    auth_token: str
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = Flask("receiver")
        app.add_url_rule("/<path:path>", "take", self._take, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._server.port}"

    def _take(self, path: str) -> Response:
        form = request.form.to_dict()
        signature = request.headers.get("X-Twilio-Signature", "")
        signed = RequestValidator(self.auth_token).validate(request.url, form, signature)
        self.received.append(Received(request.url, form, request.headers["I-Twilio-Idempotency-Token"], signed))
        return Response(status=self.answers.pop(0) if self.answers else 200)

    def wait_for(self, count: int, seconds: float = 10) -> list[Received]:
        """The webhooks so far, once there are ``count``. Fails the test when they do not come."""
        wait_until(lambda: len(self.received) >= count, seconds)
        return self.received

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def wait_until(happened: Callable[[], bool], seconds: float = 10) -> None:
    """Return once ``happened``. Raises ``AssertionError`` when it has not after so many seconds."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
