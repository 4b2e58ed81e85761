"""Leave for web pages of listed origins to ask and to read answers, as browsers want it said.

Stands in front of everything, and only where `--cors-origin` lists somebody. Whoever is not
listed is answered as if it were not there. Never said: `*`, and that credentials of the
browser may be sent along; the vendors' clients send theirs in headers.
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
    """Answers preflights of some origins, and lets their pages read what an application says."""

    def __init__(self, app: Wsgi, origins: Iterable[str]) -> None:
        """Stand in front of an application; origins are written as browsers write them."""
        self._app = app
        self._origins = frozenset(origins)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        origin = environ.get("HTTP_ORIGIN", "")
        if origin not in self._origins:
            return self._app(environ, start_response)
        if _is_preflight(environ):
            start_response("204 No Content", _leave_to_ask(environ, origin))
            return []

        def start(status: str, headers: list[Header], *rest: Any) -> Any:
            return start_response(status, [*headers, *_leave_to_read(headers, origin)], *rest)

        body = self._app(environ, start)
        if RESPONSE in environ:
            environ[RESPONSE] = _readable(environ[RESPONSE], origin)
        return body


def _is_preflight(environ: Environ) -> bool:
    asks = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return asks and environ["REQUEST_METHOD"] == "OPTIONS"


def _leave_to_ask(environ: Environ, origin: str) -> list[Header]:
    """Allow every method, and the headers that are asked for: clients have many of their own."""
    headers = [*_leave(origin), ("Access-Control-Allow-Methods", _METHODS)]
    names = _NAME.findall(environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""))
    if names:
        headers.append(("Access-Control-Allow-Headers", ", ".join(names)))
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers


def _leave_to_read(headers: Iterable[Header], origin: str) -> list[Header]:
    """Let a page read an answer, with every header it has."""
    names = dict.fromkeys(name for name, _ in headers)
    return [*_leave(origin), ("Access-Control-Expose-Headers", ", ".join(names))]


def _leave(origin: str) -> list[Header]:
    return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]


def _readable(response: Response, origin: str) -> Response:
    """Let a page read an answer that the server sends late or in part, or asks for again."""
    retry = response.retry
    return replace(
        response,
        headers=[*response.headers, *_leave_to_read(response.headers, origin)],
        retry=retry and (lambda: _readable(retry(), origin)),
    )
