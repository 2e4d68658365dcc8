"""``POST /twilio/sms``: a person texted. The row is stored, then Twilio is answered, then a worker wakes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request

from webhooks import intake
from webhooks.arrivals import Arrival
from webhooks.twilio.answers import empty_twiml, log_unusable
from webhooks.twilio.form import is_status, read_text
from webhooks.twilio.status import keep_report

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from webhooks.meters import Meters

_log = logging.getLogger(__name__)


def receive(deps: Deps, meters: Meters) -> Callable[[], Response]:
    """The view. A repeat of a message that is there already is answered like the first."""

    def receive_text() -> Response:
        if is_status(request.form):
            keep_report(deps, meters)
        else:
            _keep_text(deps, meters)
        return empty_twiml()

    return receive_text


def _keep_text(deps: Deps, meters: Meters) -> None:
    text = read_text(request.form)
    if text is None:
        log_unusable("inbound_unusable", request.form)
        meters.count("twilio.sms", "unusable")
        return
    outcome = intake.keep(deps, meters, "twilio.sms", Arrival(text, deps.clock.now()))
    shape = (text.message_sid, text.channel, len(text.body), text.num_media)
    _log.info("inbound_%s sid=%s channel=%s characters=%d media=%d", outcome, *shape)
