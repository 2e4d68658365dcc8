"""Is this request from Twilio? Checked before every route of the Twilio blueprint.

Twilio signs the address it was given, byte for byte, so the address is put together from
``BOT_PUBLIC_URL`` and the raw request target: never from ``Host`` or forwarded headers, which anyone can
send, and never from Flask's decoded URL, which turns ``%27`` into ``'``.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from flask import Request, abort, request
from twilio.request_validator import RequestValidator

from webhooks.twilio.answers import parameter_names

if TYPE_CHECKING:
    from bot.bootstrap import Deps
    from webhooks.meters import Meters

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 256 * 1024

_DEFAULT_PORTS = {"https": 443, "http": 80}
_log = logging.getLogger(__name__)


def require_signature(deps: Deps, meters: Meters) -> Callable[[], None]:
    """A ``before_request`` that answers 403 unless one of the account's tokens signed this very form."""

    def refuse_unsigned() -> None:
        request.max_content_length = LARGEST_BODY
        if is_signed(request, deps.settings.public_url, deps.settings.twilio_auth_tokens):
            return
        names = request.form if request.mimetype == FORM else ()
        _log.warning("signature_refused parameters: %s", parameter_names(names))
        meters.count(request.endpoint or "", "refused")
        abort(403)

    return refuse_unsigned


def is_signed(incoming: Request, public_url: str, tokens: Iterable[str]) -> bool:
    """True for a form post with a valid signature; a JSON body, another type or no header is False."""
    if incoming.mimetype != FORM:
        return False
    url = public_url.rstrip("/") + raw_target(incoming.environ)
    return is_genuine(url, incoming.form, incoming.headers.get(HEADER), tokens)


def is_genuine(url: str, body: Mapping[str, Any] | str, signature: str | None, tokens: Iterable[str]) -> bool:
    """Whether any of the tokens gives this signature for this address and body. Never raises for bad input.

    ``body`` is the form's fields, or the text of another kind of body: that must match ``bodySHA256``.
    """
    if not signature:
        return False
    if isinstance(body, str):
        if not _hash_matches(url, body):
            return False
        body = {}
    given = signature.encode()
    return any(
        hmac.compare_digest(RequestValidator(token).compute_signature(candidate, body).encode(), given)
        for token in tokens
        if token
        for candidate in _with_and_without_port(url)
    )


def raw_target(environ: Mapping[str, Any]) -> str:
    """The path and query as they came over the wire, or put together again where the server does not tell."""
    raw = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or "")
    if not raw:
        query = environ.get("QUERY_STRING", "")
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        raw = quote(path.encode("latin-1")) + (f"?{query}" if query else "")
    raw = raw.encode("latin-1", "replace").decode("utf-8", "replace")
    return raw if raw.startswith("/") else "/" + raw.partition("://")[2].partition("/")[2]


def _with_and_without_port(url: str) -> tuple[str, str]:
    """Twilio signs either (its SDKs accept both); done here because the SDK mangles ``user:pass@host:port``."""
    parts = urlsplit(url)
    host, colon, port = parts.netloc.rpartition(":")
    bare = host if colon and port.isdigit() else parts.netloc
    full = parts.netloc if bare != parts.netloc else f"{bare}:{_DEFAULT_PORTS.get(parts.scheme, 80)}"
    return urlunsplit(parts._replace(netloc=bare)), urlunsplit(parts._replace(netloc=full))


def _hash_matches(url: str, body: str) -> bool:
    promised = parse_qs(urlsplit(url).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(hashlib.sha256(body.encode()).hexdigest().encode(), promised.encode())
