"""The HTTP side of the dialog manager, as the worker sees it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import requests

from bot.core.dialog import Guess, JsonObject, TurnRequest, TurnResult

CONNECT_SECONDS, READ_SECONDS, PARSE_SECONDS = 2.0, 10.0, 60.0


class DialogUnavailable(Exception):
    """Nobody answers, or no model is loaded: try again soon; the turn was not taken."""


class DialogFailed(Exception):
    """The turn failed inside the dialog process; nothing happened. Try again a few times."""


class DialogRefused(Exception):
    """The request cannot be taken as it is (400, 409, 422): trying again changes nothing."""


class DialogClient(Protocol):
    """Takes turns."""

    def take_turn(self, request: TurnRequest) -> TurnResult:
        """Take one turn. Raises one of the three errors above."""
        ...

    def ready(self) -> bool:
        """Whether the process answers and its model is loaded."""
        ...


class HttpDialog:
    """The dialog process behind ``BOT_DIALOG_URL``. Keeps one connection per thread."""

    def __init__(self, url: str) -> None:
        """``url`` is the base address, such as ``http://127.0.0.1:5005``."""
        self._base = url.rstrip("/") + "/webhooks/followthrough"
        self._local = threading.local()

    def take_turn(self, request: TurnRequest) -> TurnResult:
        """See :class:`DialogClient`. A turn is a pure function, so that asking twice does no harm."""
        body = self._result("/turn", request.to_json(), READ_SECONDS)
        try:
            return TurnResult.from_json(body)
        except (KeyError, TypeError, ValueError) as error:
            raise DialogFailed(f"not a turn result: {type(error).__name__}") from None

    def parse(self, texts: Sequence[str]) -> list[Guess]:
        """What the NLU makes of each text in a turn, in order. Raises as :meth:`take_turn`."""
        body = self._result("/parse", {"texts": list(texts)}, PARSE_SECONDS)
        try:
            return [Guess(str(each["name"]), float(each["confidence"])) for each in body["intents"]]
        except (KeyError, TypeError, ValueError) as error:
            raise DialogFailed(f"not a list of intents: {type(error).__name__}") from None

    def ready(self) -> bool:
        """See :class:`DialogClient`."""
        try:
            return self._send("GET", "/ready", None, CONNECT_SECONDS).status_code == 200
        except DialogUnavailable:
            return False

    def _result(self, path: str, body: JsonObject, seconds: float) -> JsonObject:
        """The answer's JSON object. Raises the error that its status stands for."""
        response = self._send("POST", path, body, seconds)
        if response.status_code == 503:
            raise DialogUnavailable("no model is loaded")
        if response.status_code >= 500:
            raise DialogFailed(f"status {response.status_code}")
        if response.status_code != 200:
            raise DialogRefused(f"status {response.status_code}")
        try:
            return dict(response.json())
        except (TypeError, ValueError) as error:
            raise DialogFailed(f"not a JSON object: {type(error).__name__}") from None

    def _send(self, method: str, path: str, body: JsonObject | None, seconds: float) -> requests.Response:
        try:
            return self._session().request(method, self._base + path, json=body, timeout=(CONNECT_SECONDS, seconds))
        except requests.RequestException as error:
            raise DialogUnavailable(type(error).__name__) from None

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session
