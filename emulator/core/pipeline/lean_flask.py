"""A Flask application that calls its views without Flask's contexts, as long as it can.

Making contexts, a request, a session and a response, and running hooks that are not there, takes
several times as long as finding the view. So what a method and a path match is remembered, and a
`LeanView` is called with the environ. Whatever else is wanted is Flask's: see decision 28.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Flask, request, signals
from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import Map, MapAdapter, RuleFactory

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import Environ, StartResponse

MOST_REMEMBERED = 1024
"""Maximum number of methods and paths whose match is remembered, per application."""

LONGEST_REMEMBERED = 256
"""Maximum number of characters of their paths."""

Match = tuple[str, Mapping[str, Any]]
"""An endpoint, and the values of the placeholders of its path."""

_RAISED = "emulator.raised"
"""Key of the exception of a view that was called without a context."""

_PRESERVED = "werkzeug.debug.preserve_context"
"""Key in the environ of callers that look at Flask's context after the request."""

_SIGNALS = (
    signals.appcontext_popped,
    signals.appcontext_pushed,
    signals.appcontext_tearing_down,
    signals.got_request_exception,
    signals.request_finished,
    signals.request_started,
    signals.request_tearing_down,
)

_STATUS_LINES = {
    code: f"{code} {name.upper()}"
    for code, name in HTTP_STATUS_CODES.items()
    if code >= HTTPStatus.OK and code not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
}
"""Status lines of responses with a body, as werkzeug writes them."""


@dataclass(frozen=True, slots=True)
class LeanView:
    """A view that needs no context: it takes the environ and the placeholders of its path.

    To Flask it is a view function like any other.
    """

    respond: Callable[[Environ, Mapping[str, Any]], Response]

    def __call__(self, **parameters: Any) -> FlaskResponse:
        """Respond to Flask's current request."""
        if _RAISED in request.environ:
            raise request.environ[_RAISED]
        return as_flask(self.respond(request.environ, parameters))


class RememberingMap(Map):
    """A URL map that remembers what the latest requests matched."""

    def __init__(self, *rules: Any, **options: Any) -> None:
        """Make the map that werkzeug makes."""
        self._remembered = lru_cache(MOST_REMEMBERED)(self._match)
        super().__init__(*rules, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        """Add a rule, and forget what was matched without it."""
        super().add(rulefactory)
        self._remembered.cache_clear()

    def find(self, method: str, path: str) -> Match | None:
        """Return what an ASCII path matches; None for a redirect, and if nothing matches."""
        return self._remembered(method, path)

    def _match(self, method: str, path: str) -> Match | None:
        try:
            return self.bind("", path_info=path, default_method=method).match()
        except HTTPException:
            return None


class LeanFlask(Flask):
    """A Flask application whose `LeanView`s are called without contexts, unless it was changed."""

    url_map_class = RememberingMap
    url_map: RememberingMap

    def __init__(self, name: str, on_error: Callable[[HTTPException], FlaskResponse]) -> None:
        """Make an application without static files; `on_error` answers where no view does."""
        self._changed: set[str] = set()
        super().__init__(name, static_folder=None)
        self._changed.clear()
        super().register_error_handler(HTTPException, on_error)
        self._changes = (
            self._changed,
            self.before_request_funcs,
            self.after_request_funcs,
            self.teardown_request_funcs,
            self.teardown_appcontext_funcs,
            self.url_value_preprocessors,
            self.blueprints,
            self.extensions,
            *(signal.receivers for signal in _SIGNALS),
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        path: str = environ["PATH_INFO"]
        if len(path) > LONGEST_REMEMBERED or not path.isascii() or not self._is_lean(environ):
            return self.wsgi_app(environ, start_response)
        found = self.url_map.find(environ["REQUEST_METHOD"], path)
        view = found and self.view_functions.get(found[0])
        if found is None or not isinstance(view, LeanView):
            return self.wsgi_app(environ, start_response)
        try:
            response = view.respond(environ, found[1])
            send = None if _is_usual(response) else as_flask(response)
        except Exception as error:  # raised once more where Flask handles and reports it
            environ[_RAISED] = error
            return self.wsgi_app(environ, start_response)
        if send is not None:
            return send(environ, start_response)
        start_response(_STATUS_LINES[response.status], _fields(response))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a public one, such as `wsgi_app`, changes the application."""
        super().__setattr__(name, value)
        if not name.startswith("_"):
            self._changed.add(name)

    def register_error_handler(self, code_or_exception: Any, f: Any) -> None:
        """Register an error handler, as `errorhandler` does; that changes the application."""
        super().register_error_handler(code_or_exception, f)
        self._changed.add("error handlers")

    def create_url_adapter(self, request: FlaskRequest | None) -> MapAdapter | None:
        """Match by method and path alone, unless the application was changed.

        The host has been looked at before, and may be none that werkzeug can read.
        """
        if request is None or not self._is_lean(request.environ):
            return super().create_url_adapter(request)
        path = request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        method = request.environ["REQUEST_METHOD"]
        return self.url_map.bind("", path_info=path, default_method=method)

    def _is_lean(self, environ: Environ) -> bool:
        """Return whether a request needs nothing that only Flask's own path has."""
        return not (
            any(self._changes) or self.config["TRUSTED_HOSTS"] is not None or _PRESERVED in environ
        )


def as_flask(response: Response) -> FlaskResponse:
    """Return a response as Flask and its hooks know it."""
    return FlaskResponse(response.body, response.status, _fields(response))


def _fields(response: Response) -> list[tuple[str, str]]:
    """Return the headers and the length of the body, which comes after its type."""
    fields = list(response.headers)
    names = [name for name, _ in fields]
    place = names.index("Content-Type") + 1 if "Content-Type" in names else 0
    fields.insert(place, ("Content-Length", str(len(response.body))))
    return fields


def _is_usual(response: Response) -> bool:
    """Return whether Flask would send a response as it is, with the length of its body."""
    headers = response.headers
    return (
        response.status in _STATUS_LINES
        and any(name == "Content-Type" for name, _ in headers)
        and not any("\n" in value or "\r" in value for _, value in headers)
    )
