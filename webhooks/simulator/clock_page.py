"""``/simulator/clock``: reads and moves the virtual clock."""

from __future__ import annotations

import threading
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, jsonify, request

from webhooks.api.problems import Problem
from webhooks.api.reading import read_body
from webhooks.simulator.clock_moves import Patience, move_clock
from webhooks.simulator.requests import ClockMove

if TYPE_CHECKING:
    from bot.bootstrap import Deps

FURTHEST_YEAR = 2100


def clock_blueprint(deps: Deps, patience: Patience, stop: threading.Event) -> Blueprint:
    """``GET`` tells the time. ``POST`` moves it, and answers once all that fell due is done; 400 for the past.

    503 when ``stop`` is set meanwhile: the process is to end, and the clock stays where it has come to.
    """
    blueprint = Blueprint("simulator_clock", __name__, url_prefix="/simulator")
    one_move_at_a_time = threading.Lock()

    def tell() -> Response:
        return jsonify(_time(deps))

    def move() -> Response:
        asked = cast(ClockMove, read_body(request, ClockMove, required=True))
        with one_move_at_a_time:
            now = deps.clock.now()
            at = asked.set_.astimezone(UTC) if asked.set_ else now + timedelta(seconds=asked.advance_seconds or 0)
            if at < now:
                raise Problem(400, "The clock only moves forward.")
            if at.year >= FURTHEST_YEAR:
                raise Problem(400, f"The clock stops before the year {FURTHEST_YEAR}.")
            settled = move_clock(deps, at, patience, stop)
        if stop.is_set():
            raise Problem(503, "The process is ending; the clock stays where it has come to.")
        return jsonify({**_time(deps), "settled": settled})

    blueprint.add_url_rule("/clock", "tell", tell, methods=["GET"])
    blueprint.add_url_rule("/clock", "move", move, methods=["POST"])
    blueprint.register_error_handler(Problem, lambda problem: _as_400(problem).to_response())
    return blueprint


def _time(deps: Deps) -> dict[str, Any]:
    return {"now": deps.clock.now().isoformat()}


def _as_400(problem: Problem) -> Problem:
    """A move that cannot be made is a bad request, whatever about it is wrong."""
    return Problem(400, problem.detail, problem.errors) if problem.status == 422 else problem
