"""The inspector: a web page that shows and changes a world, and one that shows the API documents.

This module serves their files only. The pages are clients of the control API like any other, and
can do nothing that the API cannot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from emulator.core.http.wsgi import Environ, StartResponse, Wsgi
from emulator.paths import CONTROL_PATH

_FILES = {
    f"{CONTROL_PATH}/": ("page.html", "text/html"),
    f"{CONTROL_PATH}/docs": ("docs.html", "text/html"),
    f"{CONTROL_PATH}/inspector/docs.js": ("docs.js", "text/javascript"),
    f"{CONTROL_PATH}/inspector/page.css": ("page.css", "text/css"),
    f"{CONTROL_PATH}/inspector/page.js": ("page.js", "text/javascript"),
    f"{CONTROL_PATH}/inspector/control.js": ("control.js", "text/javascript"),
    f"{CONTROL_PATH}/inspector/parts.js": ("parts.js", "text/javascript"),
    f"{CONTROL_PATH}/inspector/icon.svg": ("icon.svg", "image/svg+xml"),
}
"""File and media type, by path."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content policy: nothing inline, nothing from or to other origins."""

_HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)


class Inspector:
    """The WSGI application that serves the page, in front of the control API."""

    def __init__(self, control: Wsgi, accepts: Callable[[Environ], bool]) -> None:
        """Serve the page to callers that `accepts` allows; pass other requests to `control`."""
        self._control = control
        self._accepts = accepts

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method not in ("GET", "HEAD") or path not in (CONTROL_PATH, *_FILES):
            return self._control(environ, start_response)
        status, headers, body = self._answer(environ, path)
        start_response(status, [*headers, ("Content-Length", str(len(body))), *_HEADERS])
        return [] if method == "HEAD" else [body]

    def _answer(self, environ: Environ, path: str) -> tuple[str, list[tuple[str, str]], bytes]:
        if not self._accepts(environ):
            message = "Open the inspector by typing its address into a browser on this machine."
            refusal = json.dumps({"error": "Forbidden", "message": message}).encode()
            return "403 Forbidden", [("Content-Type", "application/json")], refusal
        if path not in _FILES:  # relative, so that it keeps the path of a world
            return "308 Permanent Redirect", [("Location", f"{CONTROL_PATH[1:]}/")], b""
        name, media_type = _FILES[path]
        body = (Path(__file__).parent / name).read_bytes()
        return "200 OK", [("Content-Type", f"{media_type}; charset=utf-8")], body
