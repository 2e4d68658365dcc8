"""Serves the calls of the clinic API below ``/api/v1``.

Each request goes the same way: token and role, then path, query and body, then the call in one
transaction, then the answer. Called by the app factory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version

from flask import Blueprint, Flask, Response, jsonify, request

from bot.bootstrap import Deps
from webhooks.api import (
    campaigns,
    docs,
    escalations,
    failures,
    histories,
    navigation,
    openapi,
    patients,
    referrals,
    screenings,
    serving,
)
from webhooks.api.auth import authenticate
from webhooks.api.calls import Call

PREFIX = "/api/v1"
CALLS: tuple[Call, ...] = (
    *patients.CALLS,
    *histories.CALLS,
    *screenings.CALLS,
    *campaigns.CALLS,
    *escalations.CALLS,
    *referrals.CALLS,
    *navigation.CALLS,
)


def register(app: Flask, deps: Deps) -> None:
    """Add the API, its document and its browsable docs to the app."""
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    for call in CALLS:
        rule = re.sub(r"{(\w+)}", r"<\1>", call.path)
        blueprint.add_url_rule(rule, call.endpoint, _view(deps, call), methods=[call.method])
    blueprint.add_url_rule("/openapi.json", "openapi", _document_view())
    docs.add_to(blueprint)
    blueprint.register_error_handler(Exception, failures.answer_failure)
    blueprint.after_request(_guard_headers)
    app.register_blueprint(blueprint)


def _view(deps: Deps, call: Call) -> Callable[..., Response]:
    def view(**names: str) -> Response:
        caller = authenticate(deps, request, call.roles)
        return serving.serve(deps, call, caller, request, names)

    return view


def _document_view() -> Callable[[], Response]:
    document = openapi.document(CALLS, version("followthrough"), PREFIX)
    return lambda: jsonify(document)


def _guard_headers(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
