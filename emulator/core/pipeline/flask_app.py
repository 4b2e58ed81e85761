"""A Flask application from a contract: its routes, its own 404 and 405, nothing more.

No other module of the pipeline uses Flask, besides `lean_flask`: everywhere else a request is a
`Request`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, quote

from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from flask import request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.routing import Rule

from emulator.core.contract.model import Contract, Operation
from emulator.core.errors.failures import (
    Failure,
    InternalError,
    NoSuchOperation,
    NoSuchRoute,
    WrongMethod,
)
from emulator.core.http.exchange import EnvironHeaders, Request, Response
from emulator.core.http.wsgi import RESPONSE, WORLD, Environ, StartResponse
from emulator.core.pipeline.gateway import AnotherLayer, Gateway
from emulator.core.pipeline.lean_flask import LeanFlask, LeanView, as_flask

MOST_DRAINED = 64 * 1024 * 1024
"""Maximum number of bytes read of an oversized body, so that its response can be sent."""

Route = dict[str | None, Operation]
"""Operations of one method and path, by target; None if there are no targets."""
RouteKey = tuple[str, str]
"""A method and a path."""


_GREEDY = re.compile(r"\{(\w+)\+\}")
"""A placeholder that matches slashes, too: `{resourceArn+}`."""

_ORIGIN = re.compile(r"^[a-z]+://[^/?]*", re.IGNORECASE)
"""Scheme and host, which a request to a proxy has before the path."""


class RouteConflict(Exception):
    """Two operations of a contract have the same method, path and target."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A variant of a provider: its contract, the requests it serves, and its gateway."""

    contract: Contract
    make: Callable[[], Gateway]
    """Makes the gateway, when the first request needs it."""
    accepts: Callable[[Request], bool] = lambda _: True

    @cached_property
    def gateway(self) -> Gateway:
        """The gateway, made at first use."""
        return self.make()

    @cached_property
    def routes(self) -> Mapping[RouteKey, Route]:
        """The operations by method and path; raises `RouteConflict`."""
        routes: dict[RouteKey, Route] = {}
        for operation in self.contract.operations.values():
            path = _GREEDY.sub(r"<path:\1>", operation.path)
            path = path.replace("{", "<").replace("}", ">")
            route = routes.setdefault((operation.method, path), {})
            if operation.target in route:
                raise RouteConflict(f"{self.contract.provider}: two operations at {operation.path}")
            route[operation.target] = operation
        return routes


class ProviderApp:
    """The WSGI application of a provider.

    The routes are checked at once. The Flask application, which compiles each of them, is made at
    the first request, so that unused providers do not slow the start.
    """

    def __init__(self, *variants: Variant) -> None:
        """Serve each request through the first variant that accepts it, or else the last.

        Raises `RouteConflict` if two operations of a variant share method, path and target.
        """
        self._variants = variants
        self._keys = dict.fromkeys(key for variant in variants for key in variant.routes)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        return self.flask(environ, start_response)

    def has(self, method: str, path: str) -> bool:
        """Return whether the provider has an operation at this method and path."""
        return self.flask.url_map.bind("").test(path, method)

    @cached_property
    def flask(self) -> LeanFlask:
        """The Flask application, with a rule for each method and path."""
        name = f"emulator.{self._variants[-1].contract.provider}"
        app = LeanFlask(name, _error_view(self._variants[-1]))
        # werkzeug would redirect `/a//b` to `/a/b`; to the vendors it is an unknown route.
        app.url_map.merge_slashes = False
        for method, path in self._keys:
            # A strict rule with a final slash makes werkzeug redirect requests without it.
            strict = not path.endswith("/")
            rule = Rule(path, methods=[method], endpoint=f"{method} {path}", strict_slashes=strict)
            rule.methods = {method}  # werkzeug adds HEAD to GET, which no vendor here supports
            app.url_map.add(rule)
            variants = [variant for variant in self._variants if (method, path) in variant.routes]
            app.view_functions[rule.endpoint] = _view(variants, (method, path))
        return app


def _view(variants: Sequence[Variant], key: RouteKey) -> LeanView:
    contract = variants[-1].contract
    header = contract.protocol.get("targetHeader")

    def respond(environ: Environ, parameters: Mapping[str, Any]) -> Response:
        incoming = _request(contract, environ, parameters)
        variant = variants[0] if len(variants) == 1 else _variant(variants, incoming)
        gateway, route = variant.gateway, variant.routes[key]
        # werkzeug removes all but one of the slashes a path begins with before it looks for a rule.
        if environ["PATH_INFO"].startswith("//"):
            return gateway.reject(incoming, NoSuchRoute(path=incoming.path))
        # werkzeug matches methods in any case; HTTP has them case-sensitive.
        if incoming.method != key[0]:
            return gateway.reject(incoming, WrongMethod(allow=key[0]))
        # A header of targets says nothing at a path with an operation of its own.
        target = incoming.header(header) or None if header and None not in route else None
        operation = route.get(target)
        if operation is None:
            return gateway.reject(incoming, NoSuchOperation())
        try:
            response = gateway.serve(incoming, operation)
        except AnotherLayer as other:
            variant = next(each for each in variants if other.layer in each.contract.layers)
            operation = variant.contract.operations[operation.name]
            response = variant.gateway.serve(incoming, operation)
        if _is_faulty(response):
            environ[RESPONSE] = response
        return response

    return LeanView(respond)


def _variant(variants: Sequence[Variant], incoming: Request) -> Variant:
    return next((variant for variant in variants if variant.accepts(incoming)), variants[-1])


def _is_faulty(response: Response) -> bool:
    """Return whether a response is sent late, in part or not at all."""
    is_late = bool(response.delay or response.wait)
    return is_late or response.close_connection or response.truncate_bytes is not None


def _error_view(variant: Variant) -> Callable[[HTTPException], FlaskResponse]:
    def view(error: HTTPException) -> FlaskResponse:
        incoming = _request(variant.contract, request.environ, {})
        return as_flask(variant.gateway.reject(incoming, _failure(error, variant.contract)))

    return view


def _failure(error: HTTPException, contract: Contract) -> Failure:
    if isinstance(error, MethodNotAllowed):
        known = {operation.method for operation in contract.operations.values()}
        subject = None if request.method in known else "unsupported"
        return WrongMethod(subject, allow=", ".join(sorted(error.valid_methods or ())))
    if isinstance(error, NotFound):
        return NoSuchRoute(path=request.path)
    return InternalError()


def _request(contract: Contract, environ: Environ, parameters: Mapping[str, Any]) -> Request:
    query, path = environ.get("QUERY_STRING", ""), environ["PATH_INFO"]
    if not path.isascii() or not query.isascii():  # WSGI decodes bytes as Latin-1
        path, query = (text.encode("latin-1").decode(errors="replace") for text in (path, query))
    return Request(
        method=environ["REQUEST_METHOD"],
        target=_target(environ),
        prefix=environ["SCRIPT_NAME"],
        world=environ.get(WORLD),
        path=f"/{path.lstrip('/')}",
        query=parse_qsl(query, keep_blank_values=True) if query else (),
        headers=EnvironHeaders(environ),
        parameters=parameters,
        peer=environ.get("REMOTE_ADDR", ""),
        body=_body(environ, contract.service["limits"]["bodyBytes"]),
    )


def _target(environ: Environ) -> str:
    """Return the raw path and query; rebuild them if the server does not give them."""
    sent: str | None = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if sent is None:
        # WSGI decodes bytes as Latin-1, whatever they are.
        path = f"{environ['SCRIPT_NAME']}{environ['PATH_INFO']}".encode("latin-1")
        query = environ["QUERY_STRING"]
        return f"{quote(path)}?{query}" if query else quote(path)
    return sent if sent.startswith("/") else _ORIGIN.sub("", sent)


def _body(environ: Environ, largest: int) -> bytes | None:
    """Return the body, or None if it is longer than `largest` bytes."""
    # Flask's own path has made a request, whose body a hook may have read.
    flask_request: FlaskRequest | None = environ.get("werkzeug.request")
    stream = environ["wsgi.input"]
    if flask_request is None:
        if type(stream) is BytesIO and environ.get("wsgi.input_terminated"):  # all of it is here
            read = stream.read(largest + 1)
            return read if len(read) <= largest else None
        flask_request = FlaskRequest(environ, populate_request=False)
    # A Content-Length above the maximum raises, but a chunked body is cut off at it without an
    # error. So the maximum is one byte more than allowed: that byte shows that it was too long.
    flask_request.max_content_length = largest + 1
    try:
        body = flask_request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    except BadRequest:  # the client closed the connection in the middle of the body
        return b""
    if body is None or len(body) > largest:
        _drain(flask_request)
        return None
    return body


def _drain(flask_request: FlaskRequest) -> None:
    """Read the rest of a body, so that a client that still sends it gets its response.

    Closing a connection with unread data resets it, and the client loses the response.
    """
    stream, remaining = flask_request.environ["wsgi.input"], MOST_DRAINED
    if flask_request.content_length is not None:
        remaining = min(remaining, flask_request.content_length)
    while remaining > 0:
        chunk = stream.read(min(remaining, 65536))
        remaining -= len(chunk) or remaining  # an empty chunk is the end
