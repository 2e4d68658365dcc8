"""The Flask app: Twilio's webhooks, health, the clinic API and, where it is on, the simulator."""

from __future__ import annotations

import logging
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, redirect
from werkzeug.exceptions import HTTPException

from webhooks import health, simulator, spool
from webhooks.api import blueprint as api
from webhooks.api.problems import Problem
from webhooks.faults import describe
from webhooks.headers import add_headers
from webhooks.meters import Meters
from webhooks.pages import partner, places
from webhooks.twilio import blueprint as twilio

if TYPE_CHECKING:
    from bot.bootstrap import Deps

# A campaign's CSV is the largest thing that anybody sends; Twilio's forms have a limit of their own.
LARGEST_BODY = 16 * 1024 * 1024
_PLAIN = {
    400: "The request cannot be understood.",
    403: "The request was not let in: it does not carry a valid signature of Twilio.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    413: "The body is too long.",
}
_log = logging.getLogger(__name__)


def create_app(deps: Deps, stop: threading.Event | None = None) -> Flask:
    """The app on these dependencies. Opens no connection and starts no thread.

    Whoever sets ``stop`` asks requests that take long to give way, because the process is to end.
    """
    app = Flask("followthrough", static_folder=None, template_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, PROPAGATE_EXCEPTIONS=False)
    meters = Meters(deps)
    app.register_blueprint(health.make_blueprint(deps, meters))
    app.register_blueprint(twilio.make_blueprint(deps, meters))
    app.register_blueprint(places.make_blueprint(deps))
    app.register_blueprint(partner.make_blueprint(deps))
    api.register(app, deps)
    if _has_simulator(deps):
        simulator.register(app, deps, stop or threading.Event())
    app.add_url_rule("/", "start_page", lambda: redirect(_start_page(deps)))
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _broken)
    app.after_request(add_headers(deps.settings.public_url))
    return app


def start(app: Flask, deps: Deps, stop: threading.Event) -> None:
    """Begin what runs beside the requests: taking in the spool until ``stop`` is set, and the simulator's deliveries.

    The web process calls this once, before it serves.
    """
    threading.Thread(target=spool.run, args=(deps, stop), name="spool", daemon=True).start()
    if _has_simulator(deps):
        simulator.start(app)


def _start_page(deps: Deps) -> str:
    """Where somebody who opens the bare address finds something to read."""
    return "/simulator" if deps.settings.simulator else f"{api.PREFIX}/docs"


def _has_simulator(deps: Deps) -> bool:
    return bool(deps.settings.simulator or deps.settings.virtual_clock)


def _refused(error: HTTPException) -> HTTPException | Response:
    """A problem document in words of ours: nothing of the request is repeated."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    problem = Problem(error.code, _PLAIN.get(error.code) or f"{HTTPStatus(error.code).phrase}.")
    answer = problem.to_response()
    if allowed := getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _broken(error: Exception) -> Response:
    """500. The log gets the class of the error and where it arose, the caller nothing at all."""
    _log.error("request_failed error=%s", describe(error))
    return Problem(500, "Something went wrong here. It has been logged.").to_response()
