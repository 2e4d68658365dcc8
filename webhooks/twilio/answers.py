"""What Twilio is answered, and how a request that is no use is told to the log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from flask import Response

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_MOST_NAMES = 60
_log = logging.getLogger(__name__)


def empty_twiml() -> Response:
    """200 and nothing to say: replies go out by REST, so that a repeated webhook cannot send one twice."""
    return Response(EMPTY_TWIML, mimetype="text/xml")


def log_unusable(event: str, names: Iterable[str]) -> None:
    """Say which parameters came, by name. It is answered 200 all the same: trying it again would not help."""
    _log.warning("%s parameters: %s", event, parameter_names(names))


def parameter_names(names: Iterable[str]) -> str:
    """Names for the log, only such as Twilio would use: the request may be a stranger's."""
    usual = sorted(name for name in names if _NAME.fullmatch(name))[:_MOST_NAMES]
    return ", ".join(usual) or "none"
