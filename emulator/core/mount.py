"""A Flask application from a contract: its routes, its own 404 and 405, nothing more.

Flask ends here. Below, a request is a `Request`, and no module touches Flask's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from flask import Flask, Response, request
from flask import Request as FlaskRequest
from flask.globals import request_ctx
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)
from werkzeug.routing import Rule

from emulator.core.call import Answer, Request
from emulator.core.contract import Contract, Operation
from emulator.core.failures import Broken, Failure, NoSuchOperation, NoSuchRoute, WrongMethod
from emulator.core.gateway import Gateway

Route = dict[str | None, Operation]
"""The operations of one method and path, by the target that names each; None if none does."""


class MountError(Exception):
    """Two operations of a contract cannot be told apart."""


def mount(contract: Contract, gateway: Gateway) -> Flask:
    """Make the application that answers a provider's routes through its gateway.

    Raises `MountError` where two operations share method, path and target.
    """
    app = Flask(f"emulator.{contract.provider}", static_folder=None)
    app.url_map.merge_slashes = False
    for (method, path), route in _routes(contract).items():
        rule = Rule(path, methods=[method], endpoint=f"{method} {path}")
        rule.methods = {method}  # werkzeug adds HEAD to GET, which no vendor here answers
        app.url_map.add(rule)
        app.view_functions[rule.endpoint] = _view(gateway, route)
    app.register_error_handler(HTTPException, _error_view(gateway))
    return app


def _routes(contract: Contract) -> Mapping[tuple[str, str], Route]:
    routes: dict[tuple[str, str], Route] = {}
    for operation in contract.operations.values():
        path = operation.path.replace("{", "<").replace("}", ">")
        route = routes.setdefault((operation.method, path), {})
        if operation.target in route:
            raise MountError(f"{contract.provider}: two operations at {operation.path}")
        route[operation.target] = operation
    return routes


def _view(gateway: Gateway, route: Route) -> Callable[..., Response]:
    header = gateway.contract.service["protocol"].get("targetHeader")

    def view(**parameters: str) -> Response:
        asked = _request(gateway, parameters)
        operation = route.get(asked.headers.get(header) if header else None)
        if operation is None:
            return _response(gateway.refuse(asked, NoSuchOperation()))
        return _response(gateway.serve(asked, operation))

    return view


def _error_view(gateway: Gateway) -> Callable[[HTTPException], Response]:
    def view(error: HTTPException) -> Response:
        return _response(gateway.refuse(_request(gateway, {}), _failure(error)))

    return view


def _failure(error: HTTPException) -> Failure:
    if isinstance(error, MethodNotAllowed):
        return WrongMethod(allow=", ".join(sorted(error.valid_methods or ())))
    if isinstance(error, NotFound):
        return NoSuchRoute(path=request.path)
    return Broken()


def _request(gateway: Gateway, parameters: Mapping[str, str]) -> Request:
    incoming = request_ctx.request  # once: every access through the proxy costs
    query = incoming.query_string.decode("utf-8", "replace")
    return Request(
        method=incoming.method,
        path=incoming.path,
        query=parse_qsl(query, keep_blank_values=True) if query else (),
        headers=incoming.headers,  # type: ignore[arg-type]  # overloads, none of them ours
        parameters=parameters,
        peer=incoming.remote_addr or "",
        body=_body(incoming, gateway.contract.service["limits"]["bodyBytes"]),
    )


def _body(incoming: FlaskRequest, largest: int) -> bytes | None:
    """Read the body, or None when it is longer than `largest` bytes."""
    incoming.max_content_length = largest
    try:
        return incoming.get_data(cache=False)
    except RequestEntityTooLarge:
        return None
    except BadRequest:  # the client went away in the middle of it
        return b""


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers))
