"""Turns whatever stopped a call into a problem document: the one table from errors to statuses."""

from __future__ import annotations

import logging

from flask import Response, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from bot.store.errors import KeyReused, NotFound, RequestInProgress, WrongState
from bot.store.paging import BadCursor
from webhooks.api.problems import Problem, unusable_field, unusable_header
from webhooks.faults import describe

logger = logging.getLogger(__name__)

_RETRY = {"Retry-After": "1"}


def answer_failure(error: Exception) -> Response:
    """The problem for this error. What nobody foresaw is a 500, logged by class and place, without its text."""
    return problem_for(error).to_response()


def problem_for(error: Exception) -> Problem:
    """Which problem an error is."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _http(error)
    known = _known(error)
    if known is None:
        _log(error)
        known = Problem(500, "Something went wrong on our side. It was logged; trying again is safe.")
    return known


def _known(error: Exception) -> Problem | None:
    match error:
        case NotFound():
            return Problem(404, "There is no such record.")
        case WrongState():
            return Problem(409, "Its state does not allow this now.")
        case KeyReused():
            return unusable_header("Idempotency-Key", "was used before for a different request")
        case RequestInProgress():
            return Problem(409, "The first request with this Idempotency-Key is still being answered.", headers=_RETRY)
        case BadCursor():
            return unusable_field("cursor", "is not a cursor of this list; take the address in next as it is")
        case OperationalError() | InterfaceError() | DBAPIError(connection_invalidated=True):
            _log(error)
            return Problem(503, "The database cannot be reached just now. Try again.", headers=_RETRY)
    return None


def _http(error: HTTPException) -> Problem:
    status = error.code or 500
    headers = {"Allow": ", ".join(sorted(methods))} if (methods := getattr(error, "valid_methods", None)) else {}
    details = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    return Problem(status, details.get(status, "The request cannot be answered."), headers=headers)


def _log(error: Exception) -> None:
    logger.error("api call failed: call=%s %s", request.endpoint, describe(error))
