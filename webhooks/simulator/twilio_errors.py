"""Twilio's refusals: HTTP status, code and words, in the JSON shape of its REST API."""

from __future__ import annotations

from typing import Any

MORE_INFO = "https://www.twilio.com/docs/errors"


class TwilioRefusal(Exception):
    """A request that Twilio would refuse: ``http_status``, ``code`` and ``words``."""

    def __init__(self, http_status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.http_status = http_status
        self.code = code
        self.words = words

    def to_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "code": self.code,
            "message": self.words,
            "more_info": f"{MORE_INFO}/{self.code}",
            "status": self.http_status,
        }


def unauthenticated() -> TwilioRefusal:
    """Wrong account or token."""
    return TwilioRefusal(401, 20003, "Authenticate")


def not_found(path: str) -> TwilioRefusal:
    """No such resource."""
    return TwilioRefusal(404, 20404, f"The requested resource {path} was not found")


def bad_request(code: int, words: str) -> TwilioRefusal:
    """A parameter is missing or wrong."""
    return TwilioRefusal(400, code, words)


def planned(http_status: int, code: int | None) -> TwilioRefusal:
    """The refusal that a test planned."""
    if http_status == 429:
        return TwilioRefusal(429, code or 20429, "Too Many Requests")
    words = "Service unavailable" if http_status >= 500 else "Refused"
    return TwilioRefusal(http_status, code or (20500 if http_status >= 500 else 20001), words)
