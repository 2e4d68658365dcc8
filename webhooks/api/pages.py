"""Lists in pages: ``{items, next}``, where ``next`` is a whole address with an opaque cursor."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Request


def next_address(request: Request, public_url: str, cursor: str | None) -> str | None:
    """The address of the next page: this request's own, with the cursor put in. ``None`` at the end."""
    if cursor is None:
        return None
    kept = [(k, v) for k, v in request.args.items(multi=True) if k != "cursor"]
    return f"{_base(request, public_url)}{request.path}?{urlencode([*kept, ('cursor', cursor)])}"


def _base(request: Request, public_url: str) -> str:
    """The public address when the caller used it (a proxy may have taken off the TLS), else the caller's."""
    is_public = urlsplit(public_url).netloc == request.host
    return public_url.rstrip("/") if is_public else request.host_url.rstrip("/")
