"""A Flask application from a contract: its routes, its own 404 and 405, nothing more.

Flask ends here. Below, a request is a `Request`, and no module touches Flask's.
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
from emulator.core.http.wsgi import RESPONSE, WORLD, Environ, StartResponse
from emulator.core.pipeline.gateway import Gateway

MOST_DRAINED = 64 * 1024 * 1024
"""Bytes of an oversized body that are read for the sake of its answer."""

Route = dict[str | None, Operation]
"""The operations of one method and path, by the target that names each; None if none does."""
RouteKey = tuple[str, str]
"""A method and a path."""


_GREEDY = re.compile(r"\{(\w+)\+\}")
"""A placeholder that takes slashes, too: `{resourceArn+}`."""

_ORIGIN = re.compile(r"^[a-z]+://[^/?]*", re.IGNORECASE)
"""Scheme and host, which requests to a proxy name before the path."""


class RouteConflict(Exception):
    """Two operations of a contract cannot be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A gateway, the routes of its contract, and which requests it is for."""

    takes: Callable[[Request], bool]
    gateway: Gateway
    routes: Mapping[RouteKey, Route]


class ProviderApp:
    """The WSGI application that answers a provider's routes through its gateway.

    The routes are checked at once. Flask's application, which compiles each of them, is
    made when the first request comes: nobody waits at the start for providers not used.
    """

    def __init__(
        self, gateway: Gateway, others: Iterable[tuple[Callable[[Request], bool], Gateway]] = ()
    ) -> None:
        """Let a gateway answer, but `others` the requests that each of them is said to take.

        Raises `MountError` where two operations share method, path and target.
        """
        self._gateway = gateway
        self._variants = [
            Variant(takes=takes, gateway=asked, routes=_routes(asked.contract))
            for takes, asked in [*others, (lambda _: True, gateway)]
        ]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        return self._app(environ, start_response)

    def has(self, method: str, path: str) -> bool:
        """Tell whether the provider has an operation at this method and path."""
        return self._app.url_map.bind("").test(path, method)

    @cached_property
    def _app(self) -> Flask:
        app = Flask(f"emulator.{self._gateway.contract.provider}", static_folder=None)
        app.url_map.merge_slashes = False
        for method, path in dict.fromkeys(
            key for variant in self._variants for key in variant.routes
        ):
            strict = not path.endswith("/")  # or werkzeug redirects to the slash
            rule = Rule(path, methods=[method], endpoint=f"{method} {path}", strict_slashes=strict)
            rule.methods = {method}  # werkzeug adds HEAD to GET, which no vendor here answers
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
        asked = _request(contract, parameters)
        variant = variants[0] if len(variants) == 1 else _variant(variants, asked)
        gateway, route = variant.gateway, variant.routes[key]
        if request.environ["PATH_INFO"].startswith("//"):  # werkzeug takes them for one slash
            return _response(gateway.refuse(asked, NoSuchRoute(path=asked.path)))
        if asked.method != key[0]:  # werkzeug takes `get` for `GET`
            return _response(gateway.refuse(asked, WrongMethod(allow=key[0])))
        operation = route.get((asked.header(header) or None) if header else None)
        if operation is None:
            return _response(gateway.refuse(asked, NoSuchOperation()))
        return _response(gateway.serve(asked, operation))

    return view


def _variant(variants: Sequence[Variant], asked: Request) -> Variant:
    return next((variant for variant in variants if variant.takes(asked)), variants[-1])


def _error_view(gateway: Gateway) -> Callable[[HTTPException], FlaskResponse]:
    def view(error: HTTPException) -> FlaskResponse:
        asked = _request(gateway.contract, {})
        return _response(gateway.refuse(asked, _failure(error)))

    return view


def _failure(error: HTTPException) -> Failure:
    if isinstance(error, MethodNotAllowed):
        return WrongMethod(allow=", ".join(sorted(error.valid_methods or ())))
    if isinstance(error, NotFound):
        return NoSuchRoute(path=request.path)
    return InternalError()


def _request(contract: Contract, parameters: Mapping[str, str]) -> Request:
    incoming = request_ctx.request  # once: every access through the proxy costs
    query = incoming.query_string.decode("utf-8", "replace")
    return Request(
        method=incoming.environ["REQUEST_METHOD"],
        target=_target(incoming.environ),
        prefix=incoming.environ["SCRIPT_NAME"],
        world=incoming.environ.get(WORLD),
        path=incoming.path,
        query=parse_qsl(query, keep_blank_values=True) if query else (),
        headers=incoming.headers,
        parameters=parameters,
        peer=incoming.remote_addr or "",
        body=_body(incoming, contract.service["limits"]["bodyBytes"]),
    )


def _target(environ: Environ) -> str:
    """Give path and query as they were sent; as they must have been where no server tells."""
    sent = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if sent is None:
        path = f"{environ['SCRIPT_NAME']}{environ['PATH_INFO']}".encode("latin-1")
        query = environ["QUERY_STRING"]
        return f"{quote(path)}?{query}" if query else quote(path)
    return str(_ORIGIN.sub("", sent))


def _body(incoming: FlaskRequest, largest: int) -> bytes | None:
    """Read the body, or None when it is longer than `largest` bytes."""
    incoming.max_content_length = largest + 1  # a chunked body is cut off there, not refused
    try:
        body = incoming.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    except BadRequest:  # the client went away in the middle of it
        return b""
    if body is None or len(body) > largest:
        _drain(incoming)
        return None
    return body


def _drain(incoming: FlaskRequest) -> None:
    """Read what is left of a body, so that a client still sending it gets to read its answer."""
    stream, left = incoming.environ["wsgi.input"], MOST_DRAINED
    if incoming.content_length is not None:
        left = min(left, incoming.content_length)
    while left > 0:
        chunk = stream.read(min(left, 65536))
        left -= len(chunk) or left


def _response(response: Response) -> FlaskResponse:
    if response.is_faulty:
        request_ctx.request.environ[RESPONSE] = response
    return FlaskResponse(response.body, response.status, list(response.headers))
