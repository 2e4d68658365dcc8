"""The browsable documents: Swagger UI from the files that come with the ``flask-openapi3-swagger`` package.

Nothing is fetched from elsewhere, and the page may run no script but its own files.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePosixPath

from flask import Blueprint, Response, abort, render_template_string

_ASSETS = {
    "swagger-ui.css": ("css", "text/css"),
    "swagger-ui-bundle.js": ("js", "text/javascript"),
    "swagger-ui-standalone-preset.js": ("js", "text/javascript"),
    "swagger.svg": ("images", "image/svg+xml"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Followthrough clinic API</title>
  <link rel="icon" href="docs/swagger.svg">
  <link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
  <div id="swagger-ui"></div>
  <noscript>This page needs JavaScript. The document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
  <script src="docs/swagger-ui-bundle.js"></script>
  <script src="docs/start.js"></script>
</body>
</html>
"""
_START = """window.ui = SwaggerUIBundle({
  url: new URL("openapi.json", document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""


def add_to(blueprint: Blueprint) -> None:
    """Serve ``/docs`` and its files below the blueprint's prefix, to anybody."""
    blueprint.add_url_rule("/docs", "docs", _page)
    blueprint.add_url_rule("/docs/start.js", "docs_start", _start)
    blueprint.add_url_rule("/docs/<name>", "docs_file", _asset)


def _page() -> Response:
    return Response(render_template_string(_PAGE), headers={"Content-Security-Policy": _POLICY}, mimetype="text/html")


def _start() -> Response:
    return Response(_START, mimetype="text/javascript")


def _asset(name: str) -> Response:
    if name not in _ASSETS:
        abort(404)
    folder, media_type = _ASSETS[name]
    path = PurePosixPath("templates", "swagger", folder, name)
    content = files("flask_openapi3_swagger").joinpath(str(path)).read_bytes()
    return Response(content, mimetype=media_type, headers={"Cache-Control": "max-age=86400"})
