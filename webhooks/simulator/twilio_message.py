"""A message as the simulated Twilio keeps it, and as its REST API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

API_VERSION = "2010-04-01"

INBOUND = "inbound"
OUTBOUND = "outbound-api"
AUTO_REPLY = "outbound-reply"

FINAL_STATUSES = frozenset({"delivered", "undelivered", "failed", "canceled", "received"})

ERROR_MESSAGES: Mapping[int, str] = {
    21610: "Attempt to send to unsubscribed recipient",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Carrier violation",
    30008: "Unknown error",
}


@dataclass(frozen=True)
class TwilioMessage:
    """One message in either direction. ``person`` is the patient's address, ``sender`` our Twilio number."""

    sid: str
    direction: str
    person: str
    sender: str
    service_sid: str | None
    body: str
    num_media: int
    segments: int
    status: str
    error_code: int | None
    status_callback: str | None
    send_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    updated_at: datetime

    @property
    def to(self) -> str:
        """The address it goes to."""
        return self.sender if self.direction == INBOUND else self.person

    @property
    def from_(self) -> str | None:
        """The address it comes from; none while a Messaging Service has not chosen a sender yet."""
        if self.direction == INBOUND:
            return self.person
        return None if self.status in ("accepted", "scheduled", "canceled") else self.sender

    def to_json(self, account_sid: str) -> dict[str, Any]:
        """The Message resource, field for field as Twilio's REST API gives it."""
        uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{self.sid}"
        return {
            "account_sid": account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": _rfc2822(self.created_at),
            "date_sent": _rfc2822(self.sent_at),
            "date_updated": _rfc2822(self.updated_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": _error_message(self.error_code),
            "from": self.from_,
            "messaging_service_sid": self.service_sid,
            "num_media": str(self.num_media),
            # A Messaging Service has no sender yet, so Twilio does not count.
            "num_segments": "0" if self.from_ is None else str(self.segments),
            "price": None,
            "price_unit": None,
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


def _rfc2822(at: datetime | None) -> str | None:
    return None if at is None else format_datetime(at)


def _error_message(code: int | None) -> str | None:
    return None if code is None else ERROR_MESSAGES.get(code, f"Error {code}")
