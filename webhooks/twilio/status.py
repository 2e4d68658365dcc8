"""``POST /twilio/status``: what became of a message of ours. The report is kept; the sender applies it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response, request

from webhooks import intake
from webhooks.arrivals import Arrival
from webhooks.twilio.answers import empty_twiml, log_unusable
from webhooks.twilio.form import read_status

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from webhooks.meters import Meters

_log = logging.getLogger(__name__)


def receive(deps: Deps, meters: Meters) -> Callable[[], Response]:
    """The view. Reports may come in any order, twice, and before their message is known; all are kept."""

    def receive_report() -> Response:
        keep_report(deps, meters)
        return empty_twiml()

    return receive_report


def keep_report(deps: Deps, meters: Meters) -> None:
    """Keep the report of the request at hand; one without a usable id or status is counted and told by names."""
    report = read_status(request.form, request.args.get("m"))
    if report is None:
        log_unusable("receipt_unusable", request.form)
        meters.count("twilio.status", "unusable")
        return
    outcome = intake.keep(deps, meters, "twilio.status", Arrival(report, deps.clock.now()))
    _log.info("receipt_%s sid=%s status=%s error=%s", outcome, report.message_sid, report.status, report.error_code)
