"""``GET Messages.json``: filters and pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from webhooks.simulator.twilio_errors import bad_request
from webhooks.simulator.twilio_message import API_VERSION, TwilioMessage
from webhooks.simulator.twilio_store import TwilioStore

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000


def page_of(store: TwilioStore, account_sid: str, args: Mapping[str, str]) -> dict[str, Any]:
    """One page of messages, newest first, as Twilio gives it. Raises :class:`TwilioRefusal` for a bad filter.

    ``DateSent>`` and ``DateSent<`` are inclusive bounds (``DateSent>=`` on the wire), ``DateSent`` a day or an
    instant; each in whole seconds. A message that is not sent yet counts by the time it was made.
    """
    found = [m for m in store.newest(args.get("To"), args.get("From")) if _is_in_range(m, args)]
    size = min(max(_whole(args, "PageSize", DEFAULT_PAGE_SIZE), 1), MAX_PAGE_SIZE)
    page = _whole(args, "Page", 0)
    start = page * size
    shown = found[start : start + size]

    def uri(number: int) -> str:
        filters = {name: value for name, value in args.items() if name not in ("Page", "PageSize", "PageToken")}
        query = urlencode({**filters, "PageSize": size, "Page": number})
        return f"/{API_VERSION}/Accounts/{account_sid}/Messages.json?{query}"

    return {
        "messages": [message.to_json(account_sid) for message in shown],
        "start": start,
        "end": max(start + len(shown) - 1, start),
        "page": page,
        "page_size": size,
        "uri": uri(page),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page else None,
        "next_page_uri": uri(page + 1) if start + size < len(found) else None,
    }


def _is_in_range(message: TwilioMessage, args: Mapping[str, str]) -> bool:
    at = (message.sent_at or message.created_at).replace(microsecond=0)
    earliest, _ = _bounds(args.get("DateSent>"))
    _, latest = _bounds(args.get("DateSent<"))
    exactly_from, exactly_to = _bounds(args.get("DateSent"))
    lowest = max(bound for bound in (earliest, exactly_from, _FIRST) if bound)
    highest = min(bound for bound in (latest, exactly_to, _LAST) if bound)
    return lowest <= at <= highest


_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def _bounds(value: str | None) -> tuple[datetime | None, datetime | None]:
    """First and last instant of a filter value: a day (twilio-python writes its midnight) or one second."""
    if not value:
        return None, None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise bad_request(20001, "DateSent is not a date") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at, at + timedelta(days=1, seconds=-1) if at.time() == time.min else at


def _whole(args: Mapping[str, str], name: str, default: int) -> int:
    value = args.get(name, "")
    return int(value) if value.isdigit() else default
