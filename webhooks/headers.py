"""Headers that every answer carries; a page that needs another policy sets its own first."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def add_headers(public_url: str) -> Callable[[Response], Response]:
    """An ``after_request``. HTTPS is insisted on where the public address has it."""
    headers = dict(_ALWAYS)
    if public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"

    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return add
