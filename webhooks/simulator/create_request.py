"""What Twilio checks before it takes a message, and the errors it answers with."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import phonenumbers

from webhooks.simulator.twilio_errors import bad_request

MAX_BODY = 1600
CHANNELS = ("whatsapp:", "client:", "messenger:", "rcs:")

# Twilio's test numbers, kept as a convention: what a message to them, or from them, is refused with.
MAGIC_TO = {
    "+15005550001": (21211, "Invalid 'To' Phone Number: +1500555XXXX"),
    "+15005550002": (21612, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters"),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region of the 'To' number"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
MAGIC_FROM = {
    "+15005550001": (21212, "Invalid From Number (caller ID)"),
    "+15005550007": (21606, "The 'From' phone number provided is not a valid, message-capable Twilio phone number"),
    "+15005550008": (21611, "This 'From' number has exceeded the maximum number of queued messages"),
}


@dataclass(frozen=True)
class CreateRequest:
    """A request to send that Twilio takes."""

    to: str
    from_: str | None
    service_sid: str | None
    body: str
    status_callback: str | None
    send_at: datetime | None


def read_create(form: Mapping[str, str], senders: Collection[str] | None) -> CreateRequest:
    """Check the form of a create request. Raises :class:`TwilioRefusal` with Twilio's code for the first fault.

    ``senders`` are the numbers of the account; None lets every well-formed sender pass.
    """
    to = _checked_to(form.get("To", ""))
    from_, service = _checked_sender(form, senders)
    return CreateRequest(
        to=to,
        from_=from_,
        service_sid=service,
        body=_checked_body(form),
        status_callback=_checked_callback(form.get("StatusCallback")),
        send_at=_checked_send_at(form, service),
    )


def _checked_to(to: str) -> str:
    if not to:
        raise bad_request(21604, "A 'To' phone number is required.")
    if to in MAGIC_TO:
        raise bad_request(*MAGIC_TO[to])
    if not to.startswith(CHANNELS) and not _is_number(to):
        raise bad_request(21211, f"Invalid 'To' Phone Number: {to[:-4]}XXXX")
    return to


def _checked_sender(form: Mapping[str, str], senders: Collection[str] | None) -> tuple[str | None, str | None]:
    from_, service = form.get("From") or None, form.get("MessagingServiceSid") or None
    # twilio-python puts a service SID where it was given; some callers put it into From.
    if from_ and from_.startswith("MG"):
        from_, service = None, from_
    if service is not None:
        if not re.fullmatch(r"MG[0-9a-zA-Z]{32}", service):
            raise bad_request(21703, "The Messaging Service does not exist")
        return None, service
    if from_ is None:
        raise bad_request(21603, "A 'From' phone number is required.")
    if from_ in MAGIC_FROM:
        raise bad_request(*MAGIC_FROM[from_])
    if senders is not None and from_ not in senders:
        raise bad_request(21606, f"The 'From' phone number provided ({from_}) is not a valid Twilio phone number")
    return from_, None


def _checked_body(form: Mapping[str, str]) -> str:
    body = form.get("Body", "")
    if not body and not form.get("MediaUrl"):
        raise bad_request(21602, "Message body is required.")
    if len(body) > MAX_BODY:
        raise bad_request(21617, "The concatenated message body exceeds the 1600 character limit")
    return body


def _checked_callback(url: str | None) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise bad_request(21609, "The 'StatusCallback' URL is not a valid URL.")
    return url


def _checked_send_at(form: Mapping[str, str], service: str | None) -> datetime | None:
    if form.get("ScheduleType") != "fixed":
        return None
    if service is None:
        raise bad_request(35118, "MessagingServiceSid is required to schedule a message")
    try:
        return datetime.fromisoformat(form["SendAt"])
    except (KeyError, ValueError):
        raise bad_request(35111, "SendAt parameter is missing or not a time") from None


def _is_number(to: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(to, "US"))
    except phonenumbers.NumberParseException:
        return False
