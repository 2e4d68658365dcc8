"""``/healthz``, ``/readyz`` and ``/metrics``: for whoever keeps the service running."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST
from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import is_current
from webhooks import spool
from webhooks.backlog import Backlog, read_backlog
from webhooks.faults import describe
from webhooks.meters import Meters

if TYPE_CHECKING:
    from bot.bootstrap import Deps

OK = "ok"
_REDIS_SECONDS = 2.0
_log = logging.getLogger(__name__)


def make_blueprint(deps: Deps, meters: Meters) -> Blueprint:
    """The three pages. None of them names a patient; keep them off the internet all the same."""
    blueprint = Blueprint("health", __name__)
    blueprint.add_url_rule("/healthz", "healthz", lambda: jsonify(status="alive"))
    blueprint.add_url_rule("/readyz", "readyz", lambda: readiness(deps))
    blueprint.add_url_rule("/metrics", "metrics", lambda: Response(meters.page(), content_type=CONTENT_TYPE_LATEST))
    return blueprint


def readiness(deps: Deps) -> Response:
    """200 when every part answers, else 503 with the parts that do not in ``not_ready``.

    A backlog is told, with its age, and so is what keeps people on call from hearing of a case; neither is a reason
    for 503: a web process taken out of service for it would make Twilio drop texts, which it does not offer again.
    """
    checks = {"database": _database(deps), "dialog": _dialog(deps), "redis": _redis(deps)}
    checks = {name: state for name, state in checks.items() if state}
    not_ready = [name for name, state in checks.items() if state != OK]
    body: dict[str, Any] = {"ready": not not_ready, "not_ready": not_ready, "checks": checks}
    body["spooled"] = spool.count(deps)
    if checks["database"] == OK:
        backlog = _backlog(deps)
        body["waiting"] = None if backlog is None else _as_json(backlog)
        body["warnings"] = ([] if backlog is None else _warnings(backlog)) + _rules_alone(deps)
    answer = jsonify(body)
    answer.status_code = 503 if not_ready else 200
    return answer


def _database(deps: Deps) -> str:
    try:
        return OK if is_current(deps.db.engine) else "the schema is not the newest; run: bot db upgrade"
    except SQLAlchemyError as error:
        _log.warning("part_not_ready part=database error=%s", describe(error))
        return "cannot be reached"


def _dialog(deps: Deps) -> str:
    return _answers("dialog", lambda: bool(deps.dialog.ready()))


def _redis(deps: Deps) -> str:
    """Empty where none is configured."""
    url = deps.settings.redis_url
    if not url:
        return ""

    def ping() -> bool:
        limits = {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
        with closing(Redis.from_url(url, **limits)) as client:
            return bool(client.ping())

    return _answers("redis", ping)


def _answers(name: str, ask: Callable[[], bool]) -> str:
    try:
        return OK if ask() else "is not ready"
    except Exception as error:
        _log.warning("part_not_ready part=%s error=%s", name, describe(error))
        return "cannot be reached"


def _backlog(deps: Deps) -> Backlog | None:
    try:
        with deps.db.read() as tx:
            return read_backlog(tx)
    except SQLAlchemyError as error:
        _log.warning("backlog_not_read error=%s", describe(error))
        return None


def _warnings(backlog: Backlog) -> list[str]:
    """What keeps a case that cannot wait from being heard of."""
    found = []
    if not backlog.on_call:
        found.append("nobody is on call; run: bot on-call add")
    if backlog.cases_unheard:
        found.append(f"{backlog.cases_unheard} urgent cases could be told to nobody")
    if backlog.alerts_failing:
        found.append(f"{backlog.alerts_failing} alerts to people on call do not go out")
    return found


def _rules_alone(deps: Deps) -> list[str]:
    """Danger is looked for all the same, but some of it is heard only by the model."""
    return [] if deps.content.second_opinion else ["danger is looked for by rules alone; run: bot train"]


def _as_json(backlog: Backlog) -> dict[str, Any]:
    """``held_by_error`` names each Twilio error for which messages wait, and how many do."""
    outbox = {"count": backlog.outbox_waiting, "oldest_seconds": round(backlog.outbox_oldest, 1)}
    return {
        "inbound": {"count": backlog.inbound_waiting, "oldest_seconds": round(backlog.inbound_oldest, 1)},
        "outbox": {**outbox, "held_by_error": dict(backlog.held)},
    }
