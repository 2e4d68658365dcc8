"""Keeps what Twilio sent before it is answered: in the database, or on disk while that is away."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from webhooks import spool
from webhooks.arrivals import Arrival
from webhooks.faults import describe

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from webhooks.meters import Meters

Outcome = Literal["stored", "duplicate", "spooled"]
_log = logging.getLogger(__name__)


def keep(deps: Deps, meters: Meters, route: str, arrival: Arrival) -> Outcome:
    """Keep it for good, count it, and wake who works on it.

    Whatever goes wrong in the database, a bug included, the text is not lost: it goes to the spool. Raises
    when the disk will not take it either, so that the answer is 500 and Twilio takes its fallback address.
    """
    try:
        outcome = _keep(deps, arrival)
    except Exception:
        meters.count(route, "lost")
        raise
    meters.count(route, outcome)
    return outcome


def _keep(deps: Deps, arrival: Arrival) -> Outcome:
    if spool.is_empty(deps):
        try:
            return _store(deps, arrival)
        except Exception as error:
            _log.error("not_stored_spooling error=%s", describe(error))
    spool.put(deps, arrival)
    return "spooled"


def _store(deps: Deps, arrival: Arrival) -> Outcome:
    with deps.db.write() as tx:
        is_new = arrival.store(tx)
    if not is_new:
        return "duplicate"
    deps.wakeups.notify(arrival.topic)
    return "stored"
