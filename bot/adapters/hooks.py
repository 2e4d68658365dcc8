"""Webhooks of partners: one signed HTTPS POST, with nothing in it but an opaque link.

Nothing here logs, and no error quotes an address or an answer.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import requests

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class HookRefused(Exception):
    """The server answered, and did not take it, or could surely not be reached (``status`` 0)."""

    def __init__(self, status: int = 0) -> None:
        """The status only."""
        super().__init__(f"HTTP {status}")
        self.status = status

    @property
    def for_good(self) -> bool:
        """Whether to try again is of no use."""
        return 400 <= self.status < 500 and self.status not in (408, 425, 429)


class HookUnknown(Exception):
    """No answer came: the server may have taken it. It can be sent again, since it carries the same id."""


class HooksApi(Protocol):
    """Posts to partners, each tried once."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Hand it over. Raises :class:`HookRefused` or :class:`HookUnknown`."""
        ...


class HttpHooks:
    """:class:`HooksApi` on HTTPS. A redirect counts as refused: the signature is for the address that was given."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """See the port."""
        if not is_allowed(url):
            raise HookRefused(400)
        try:
            answer = requests.post(
                url,
                data=body,
                headers={"Content-Type": "application/json", **headers},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.exceptions.ConnectTimeout:
            raise HookRefused from None
        except requests.exceptions.RequestException:
            raise HookUnknown from None
        if not 200 <= answer.status_code < 300:
            raise HookRefused(answer.status_code)


def is_allowed(url: str) -> bool:
    """HTTPS, or HTTP on this machine; without a user name in it."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.password:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``t=<seconds>,v1=<hex>``: HMAC-SHA256 over the seconds, a full stop and the body."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={signed}"
