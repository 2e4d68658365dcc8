"""Twilio's webhooks under ``/twilio``: every route of the blueprint checks the signature first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from webhooks.twilio import sms, status
from webhooks.twilio.signature import require_signature

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from webhooks.meters import Meters


def make_blueprint(deps: Deps, meters: Meters) -> Blueprint:
    """The blueprint; a route added to it is checked like the others without further ado."""
    blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")
    blueprint.before_request(require_signature(deps, meters))
    blueprint.add_url_rule("/sms", "sms", sms.receive(deps, meters), methods=["POST"])
    blueprint.add_url_rule("/status", "status", status.receive(deps, meters), methods=["POST"])
    return blueprint
