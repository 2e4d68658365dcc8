"""A text from a simulated phone: kept, answered by Twilio where it is Twilio's word, and told to the application."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.segments import segments
from webhooks.simulator.twilio_message import API_VERSION
from webhooks.simulator.twilio_store import TwilioStore

MAX_BODY = 1600


@dataclass(frozen=True)
class InboundLine:
    """Where texts to our number go: the account, the number (and service) texted, the application's address."""

    account_sid: str
    number: str
    webhook_url: str
    service_sid: str | None = None


def send_from_phone(store: TwilioStore, line: InboundLine, person: str, body: str, num_media: int = 0) -> str:
    """Text ``body`` from ``person`` to our number; gives the MessageSid.

    The text, Twilio's own answer and block, and the webhook to make are kept in one transaction. Raises
    ``ValueError`` for an empty text without media and for more than 1,600 characters.
    """
    if not body and not num_media:
        raise ValueError("the text is empty")
    if len(body) > MAX_BODY:
        raise ValueError(f"the text has more than {MAX_BODY} characters")
    with store.file.write() as db:
        sid, _ = store.receive(db, person, line.number, body, num_media, line.service_sid)
        form = inbound_form(line, sid, person, body, num_media)
        store.webhooks.put(db, "inbound", queue_of(store, person), line.webhook_url, form)
    store.phones.of_number(person)
    return sid


def queue_of(store: TwilioStore, person: str) -> str:
    """The queue in which this person's texts wait for one another."""
    return f"person:{store.sealing.number_hash(person)}"


def inbound_form(line: InboundLine, sid: str, person: str, body: str, num_media: int) -> dict[str, str]:
    """All parameters that Twilio sends with an inbound text, empty ones included."""
    form = {
        "AccountSid": line.account_sid,
        "ApiVersion": API_VERSION,
        "Body": body,
        "From": person,
        "MessageSid": sid,
        "NumMedia": str(num_media),
        "NumSegments": str(segments(body)),
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": line.number,
    }
    for end in ("From", "To"):
        form |= {f"{end}City": "", f"{end}Country": "US", f"{end}State": "", f"{end}Zip": ""}
    if line.service_sid:
        form["MessagingServiceSid"] = line.service_sid
    for index in range(num_media):
        form[f"MediaUrl{index}"] = f"https://media.invalid/{sid}/{index}"
        form[f"MediaContentType{index}"] = "image/jpeg"
    return form
