"""Texts through Twilio's REST API: the port, its errors, and the adapter on twilio-python.

The only module that knows twilio-python's REST client. Nothing here logs: a request holds a number and a
patient's words, and so does the text of the library's own exceptions, which therefore never leave this module.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

CONNECT_SECONDS = 10.0
READ_SECONDS = 10.0
PAGE_SIZE = 50
MOST_PAGES = 20

Result = TypeVar("Result")

# A trial account puts this before every text, also in what the API gives back.
TRIAL_PREFIX = "Sent from your Twilio trial account - "


@dataclass(frozen=True)
class SentMessage:
    """A message that Twilio has. ``segments`` is 0 while Twilio has not counted (always so at first with a service)."""

    sid: str
    status: str
    segments: int


class SendRefused(Exception):
    """Twilio answered, and did not take it. ``code`` is Twilio's error code, ``retry_after`` is in seconds."""

    def __init__(self, code: int | None, http_status: int, retry_after: float | None = None) -> None:
        """Codes only: Twilio's own words can quote the number."""
        super().__init__(f"code {code}, HTTP {http_status}")
        self.code = code
        self.http_status = http_status
        self.retry_after = retry_after


class SendUnknown(Exception):
    """The request may have been carried out: it timed out, the connection broke, or the answer makes no sense."""


class SendNotMade(Exception):
    """No connection came about, so the request was surely not carried out."""


class MessagesApi(Protocol):
    """Twilio's messages. Every call may raise :class:`SendRefused`, :class:`SendUnknown` or :class:`SendNotMade`."""

    def create(self, to: str, body: str, status_callback: str | None, from_: str) -> SentMessage:
        """Send ``body`` from a number, a short code or a messaging service (``MG…``). Tried once, never repeated."""
        ...

    def find_recent(self, to: str, body: str, since: datetime) -> list[SentMessage]:
        """Messages of ours to ``to`` with exactly this text, made at ``since`` (aware) or later, oldest first."""
        ...

    def cancel(self, sid: str) -> None:
        """Cancel a message that is scheduled at Twilio; refused for any other."""
        ...


class TwilioMessages:
    """:class:`MessagesApi` on twilio-python. Safe to share between threads."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_url: str,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """``api_url`` is where every REST call goes (``TWILIO_API_URL``). Opens no connection yet."""
        transport = RestTransport(api_url, connect_seconds, read_seconds)
        # A mapping of our own, not the process's: TWILIO_EDGE and TWILIO_REGION would change the host in silence.
        own = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}
        self._client = Client(account_sid, auth_token, http_client=transport, environment=own)

    def create(self, to: str, body: str, status_callback: str | None, from_: str) -> SentMessage:
        """See :class:`MessagesApi`. A service is told not to rewrite the text, which the look-up compares as it is."""
        arguments: dict[str, Any] = {"to": to, "body": body}
        if from_.startswith("MG"):
            arguments |= {"messaging_service_sid": from_, "smart_encoded": False}
        else:
            arguments["from_"] = from_
        if status_callback:
            arguments["status_callback"] = status_callback
        return _checked(lambda: _sent(self._client.messages.create(**arguments)))

    def find_recent(self, to: str, body: str, since: datetime) -> list[SentMessage]:
        """See :class:`MessagesApi`. Twilio's own date filter is not used: it misses what has no send date yet."""
        return _checked(lambda: [_sent(item) for item in self._newest_first(to, since) if _says(item, body)][::-1])

    def cancel(self, sid: str) -> None:
        """See :class:`MessagesApi`."""
        _checked(lambda: self._client.messages(sid).update(status="canceled"))

    def _newest_first(self, to: str, since: datetime) -> Iterator[Any]:
        """Twilio lists the newest first, so the first page with nothing new in it is the last one read."""
        page = self._client.messages.page(to=to, page_size=PAGE_SIZE)
        for _ in range(MOST_PAGES):
            recent = [item for item in page if _made_at(item) >= since.replace(microsecond=0)]
            yield from recent
            page = page.next_page() if recent else None
            if page is None:
                return


class RestTransport(HttpClient):  # type: ignore[misc]
    """Carries twilio-python's requests to ``api_url``: one try, with time-outs, without a word in any log."""

    def __init__(self, api_url: str, connect_seconds: float, read_seconds: float) -> None:
        """``api_url`` may have a path, which is put before Twilio's own."""
        self._base = urlsplit(api_url.rstrip("/"))
        self._timeout = (connect_seconds, read_seconds)
        self._session = requests.Session()
        self.is_async = False
        # It logs the address of every request at DEBUG, and a look-up has the number in its query.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """The answer when it is a success, otherwise one of the port's errors. ``timeout`` is the transport's own."""
        try:
            answer = self._session.request(
                method, self._moved(uri), params=params, data=data, headers=headers, auth=auth,
                timeout=self._timeout, allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            # Without the cause: its text holds the address, and that the number.
            raise (SendNotMade() if _never_left(error) else SendUnknown()) from None
        if not answer.ok or answer.is_redirect:
            raise SendRefused(_error_code(answer), answer.status_code, _retry_after(answer))
        return Response(answer.status_code, answer.text, answer.headers)

    def _moved(self, uri: str) -> str:
        asked = urlsplit(uri)
        return urlunsplit((self._base.scheme, self._base.netloc, self._base.path + asked.path, asked.query, ""))


def _checked(call: Callable[[], Result]) -> Result:
    """Run one call; an answer that cannot be read is an unknown outcome, and says nothing of what was in it."""
    try:
        return call()
    except (TwilioException, ValueError, KeyError, TypeError, AttributeError):
        raise SendUnknown from None


def _sent(item: Any) -> SentMessage:
    if not isinstance(item.sid, str) or not item.sid:
        raise ValueError("an answer without a sid")
    return SentMessage(sid=item.sid, status=str(item.status), segments=int(item.num_segments or 0))


def _says(item: Any, body: str) -> bool:
    ours = item.direction == "outbound-api"  # Twilio's own answers to STOP are outbound-reply
    return ours and str(item.body or "").removeprefix(TRIAL_PREFIX).strip() == body.strip()


def _made_at(item: Any) -> datetime:
    made: datetime = item.date_created
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _never_left(error: requests.RequestException) -> bool:
    """True only when the connection itself could not be made, or the other side could not prove who it is."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    unproven = isinstance(reason, SSLError) and any(isinstance(a, ssl.SSLCertVerificationError) for a in reason.args)
    return unproven or isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _error_code(answer: requests.Response) -> int | None:
    try:
        code = json.loads(answer.text).get("code")
    except (ValueError, AttributeError):
        return None
    return code if type(code) is int else None


def _retry_after(answer: requests.Response) -> float | None:
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None
