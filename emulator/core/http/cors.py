"""CORS headers for the origins in `--cors-origin`; other requests pass through.

Never sends `*` or Access-Control-Allow-Credentials: the vendors' clients send credentials in
headers, not in cookies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE, Environ, StartResponse, Wsgi

Header = tuple[str, str]

_METHODS = "DELETE, GET, HEAD, PATCH, POST, PUT"
_NAME = re.compile(r"[\w-]+", re.ASCII)  # never a `*`, which would mean any


class Cors:
    """WSGI middleware: responds to preflights and adds CORS headers, for some origins."""

    def __init__(self, app: Wsgi, origins: Iterable[str]) -> None:
        """Wrap an application; origins are written as browsers send them."""
        self._app = app
        self._origins = frozenset(origins)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        origin = environ.get("HTTP_ORIGIN", "")
        if origin not in self._origins:
            return self._app(environ, start_response)
        if _is_preflight(environ):
            start_response("204 No Content", _preflight_headers(environ, origin))
            return []

        def start(status: str, headers: list[Header], *rest: Any) -> Any:
            return start_response(status, [*headers, *_response_headers(headers, origin)], *rest)

        body = self._app(environ, start)
        if RESPONSE in environ:
            environ[RESPONSE] = _with_headers(environ[RESPONSE], origin)
        return body


def _is_preflight(environ: Environ) -> bool:
    requested = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return requested and environ["REQUEST_METHOD"] == "OPTIONS"


def _preflight_headers(environ: Environ, origin: str) -> list[Header]:
    """Allow every method and every requested header: clients have many of their own."""
    headers = [*_origin_headers(origin), ("Access-Control-Allow-Methods", _METHODS)]
    names = _NAME.findall(environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""))
    if names:
        headers.append(("Access-Control-Allow-Headers", ", ".join(names)))
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers


def _response_headers(headers: Iterable[Header], origin: str) -> list[Header]:
    """Allow the page to read the response with all its headers."""
    names = dict.fromkeys(name for name, _ in headers)
    return [*_origin_headers(origin), ("Access-Control-Expose-Headers", ", ".join(names))]


def _origin_headers(origin: str) -> list[Header]:
    return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]


def _with_headers(response: Response, origin: str) -> Response:
    """Add the headers to a faulty response and to its retries."""
    retry = response.retry
    return replace(
        response,
        headers=[*response.headers, *_response_headers(response.headers, origin)],
        retry=retry and (lambda: _with_headers(retry(), origin)),
    )
