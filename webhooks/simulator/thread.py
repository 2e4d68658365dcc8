"""The texts on a simulated phone, as JSON for its screen."""

from __future__ import annotations

from typing import Any

from webhooks.simulator.inbound import InboundLine, queue_of
from webhooks.simulator.phone_book import SimulatedPhone
from webhooks.simulator.twilio_message import AUTO_REPLY, INBOUND, TwilioMessage
from webhooks.simulator.twilio_store import TwilioStore


def read_thread(store: TwilioStore, line: InboundLine, phone: SimulatedPhone) -> dict[str, Any]:
    """Every text of the phone, oldest first. ``blocked``: the person told our number STOP."""
    messages = [_bubble(message) for message in store.thread(phone.number)]
    waiting = store.webhooks.waiting_in(queue_of(store, phone.number))
    mine = [bubble for bubble in messages if bubble["from"] == "person"]
    for bubble in mine[len(mine) - waiting :]:
        bubble["status"] = "sending"
    return {
        "phone": {"id": phone.id, "number": phone.number},
        "bot": line.number,
        "blocked": store.is_blocked(phone.number, line.number),
        "messages": messages,
    }


def _bubble(message: TwilioMessage) -> dict[str, Any]:
    return {
        "id": message.sid,
        "from": _author(message),
        "body": message.body,
        "media": message.num_media,
        "status": message.status,
        "error_code": message.error_code,
        "segments": message.segments,
        "at": message.created_at.isoformat(),
    }


def _author(message: TwilioMessage) -> str:
    if message.direction == INBOUND:
        return "person"
    return "twilio" if message.direction == AUTO_REPLY else "bot"
