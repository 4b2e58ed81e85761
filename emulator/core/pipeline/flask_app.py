"""A Flask application from a contract: its routes, its own 404 and 405, nothing more.

No other module of the pipeline uses Flask: everywhere else a request is a `Request`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, quote

from flask import Flask, request
from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from flask.globals import request_ctx
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
from emulator.core.http.exchange import Request, Response
from emulator.core.http.wsgi import RESPONSE, WORLD, Environ, EnvironHeaders, StartResponse
from emulator.core.pipeline.gateway import Gateway

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant of a provider: its gateway, its routes and the requests it serves."""

    accepts: Callable[[Request], bool]
    gateway: Gateway
    routes: Mapping[RouteKey, Route]


class ProviderApp:
    """The WSGI application of a provider.

    The routes are checked at once. The Flask application, which compiles each of them, is made at
    the first request, so that unused providers do not slow the start.
    """

    def __init__(
        self, gateway: Gateway, others: Iterable[tuple[Callable[[Request], bool], Gateway]] = ()
    ) -> None:
        """Serve requests through a gateway, except those that one of `others` takes.

        Raises `RouteConflict` if two operations share method, path and target.
        """
        self._gateway = gateway
        self._variants = [
            Variant(
                accepts=accepts, gateway=variant_gateway, routes=_routes(variant_gateway.contract)
            )
            for accepts, variant_gateway in [*others, (lambda _: True, gateway)]
        ]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        return self._app(environ, start_response)

    def has(self, method: str, path: str) -> bool:
        """Return whether the provider has an operation at this method and path."""
        return self._app.url_map.bind("").test(path, method)

    @cached_property
    def _app(self) -> Flask:
        app = Flask(f"emulator.{self._gateway.contract.provider}", static_folder=None)
        # werkzeug would redirect `/a//b` to `/a/b`; to the vendors it is an unknown route.
        app.url_map.merge_slashes = False
        for method, path in dict.fromkeys(
            key for variant in self._variants for key in variant.routes
        ):
            # A strict rule with a final slash makes werkzeug redirect requests without it.
            strict = not path.endswith("/")
            rule = Rule(path, methods=[method], endpoint=f"{method} {path}", strict_slashes=strict)
            rule.methods = {method}  # werkzeug adds HEAD to GET, which no vendor here supports
            app.url_map.add(rule)
            variants = [variant for variant in self._variants if (method, path) in variant.routes]
            app.view_functions[rule.endpoint] = _view(variants, (method, path))
        app.register_error_handler(HTTPException, _error_view(self._gateway))
        return app


def _routes(contract: Contract) -> Mapping[RouteKey, Route]:
    routes: dict[RouteKey, Route] = {}
    for operation in contract.operations.values():
        path = _GREEDY.sub(r"<path:\1>", operation.path)
        path = path.replace("{", "<").replace("}", ">")
        route = routes.setdefault((operation.method, path), {})
        if operation.target in route:
            raise RouteConflict(f"{contract.provider}: two operations at {operation.path}")
        route[operation.target] = operation
    return routes


def _view(variants: Sequence[Variant], key: RouteKey) -> Callable[..., FlaskResponse]:
    contract = variants[-1].gateway.contract
    header = contract.protocol.get("targetHeader")

    def view(**parameters: str) -> FlaskResponse:
        incoming = _request(contract, parameters)
        variant = variants[0] if len(variants) == 1 else _variant(variants, incoming)
        gateway, route = variant.gateway, variant.routes[key]
        # werkzeug removes all but one of the slashes a path begins with before it looks for a rule.
        if request.environ["PATH_INFO"].startswith("//"):
            return _response(gateway.reject(incoming, NoSuchRoute(path=incoming.path)))
        # werkzeug matches methods in any case; HTTP has them case-sensitive.
        if incoming.method != key[0]:
            return _response(gateway.reject(incoming, WrongMethod(allow=key[0])))
        operation = route.get((incoming.header(header) or None) if header else None)
        if operation is None:
            return _response(gateway.reject(incoming, NoSuchOperation()))
        return _response(gateway.serve(incoming, operation))

    return view


def _variant(variants: Sequence[Variant], incoming: Request) -> Variant:
    return next((variant for variant in variants if variant.accepts(incoming)), variants[-1])


def _error_view(gateway: Gateway) -> Callable[[HTTPException], FlaskResponse]:
    def view(error: HTTPException) -> FlaskResponse:
        incoming = _request(gateway.contract, {})
        return _response(gateway.reject(incoming, _failure(error)))

    return view


def _failure(error: HTTPException) -> Failure:
    if isinstance(error, MethodNotAllowed):
        return WrongMethod(allow=", ".join(sorted(error.valid_methods or ())))
    if isinstance(error, NotFound):
        return NoSuchRoute(path=request.path)
    return InternalError()


def _request(contract: Contract, parameters: Mapping[str, str]) -> Request:
    flask_request = request_ctx.request  # once: every access through the proxy costs
    query = flask_request.query_string.decode("utf-8", "replace")
    return Request(
        method=flask_request.environ["REQUEST_METHOD"],
        target=_target(flask_request.environ),
        prefix=flask_request.environ["SCRIPT_NAME"],
        world=flask_request.environ.get(WORLD),
        path=flask_request.path,
        query=parse_qsl(query, keep_blank_values=True) if query else (),
        headers=EnvironHeaders(flask_request.environ),
        parameters=parameters,
        peer=flask_request.remote_addr or "",
        body=_body(flask_request, contract.service["limits"]["bodyBytes"]),
    )


def _target(environ: Environ) -> str:
    """Return the raw path and query; rebuild them if the server does not give them."""
    sent = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if sent is None:
        # WSGI decodes bytes as Latin-1, whatever they are.
        path = f"{environ['SCRIPT_NAME']}{environ['PATH_INFO']}".encode("latin-1")
        query = environ["QUERY_STRING"]
        return f"{quote(path)}?{query}" if query else quote(path)
    return str(_ORIGIN.sub("", sent))


def _body(flask_request: FlaskRequest, largest: int) -> bytes | None:
    """Return the body, or None if it is longer than `largest` bytes."""
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


def _response(response: Response) -> FlaskResponse:
    if response.is_faulty:
        request_ctx.request.environ[RESPONSE] = response
    return FlaskResponse(response.body, response.status, list(response.headers))
