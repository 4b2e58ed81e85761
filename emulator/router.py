"""Finds the provider that a request is for.

Decided by, most trusted first: a prefix of the path (the provider's name, or a host name of its
vendor), the host name, the matchers in the provider's service.json, the port. If none of these
identifies one provider, the router answers 400 and lists the ways to name one. It never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from emulator.core.contract.model import Document
from emulator.core.http.matchers import Predicate, matches_any
from emulator.core.http.wsgi import WORLD, Environ, StartResponse, Wsgi, WsgiRequest
from emulator.core.pipeline.flask_app import ProviderApp
from emulator.core.primitives import json_text
from emulator.core.primitives.regex import whole_match
from emulator.core.worlds.registry import WorldError, Worlds
from emulator.core.worlds.world import World
from emulator.paths import CONTROL_PATH

_WORLD_HEADER = "HTTP_X_EMULATOR_WORLD"
_WORLD_PATH = re.compile(r"/w/([^/]*)(?=/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One provider's application, and what identifies its requests."""

    name: str
    app: ProviderApp
    hosts: Sequence[Callable[[str], bool]]
    matches: Predicate

    @classmethod
    def to(cls, name: str, app: ProviderApp, service: Document) -> Route:
        """Compile the hosts and matchers of a provider's service.json."""
        return cls(
            name=name,
            app=app,
            hosts=[whole_match(pattern) for pattern in service["hosts"]],
            matches=matches_any(service["matchers"]),
        )


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A refusal of the router, explained in the form that the journal has for all of them."""

    error: str
    text: str

    @property
    def why(self) -> str:
        return self.error

    def explain(self) -> Mapping[str, object]:
        return {
            "failure": self.error,
            "subject": None,
            "reason": self.text,
            "facts": {},
            "rules": [],
            "evidence": "documented: the emulator's own",
            "sources": {},
            "nearest": None,
        }


class ProviderRouter:
    """The WSGI application in front of all providers and of the control API."""

    def __init__(
        self,
        *,
        routes: Sequence[Route],
        control: Wsgi,
        worlds: Worlds,
        accepts: Callable[[WsgiRequest], bool] = lambda _: True,
    ) -> None:
        """Route to the providers, and to the control API from callers that `lets_in` accepts."""
        self._routes = {route.name: route for route in routes}
        self._control = control
        self._ports: Mapping[str, str] = {}
        self._worlds = worlds
        self._accepts = accepts

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request to its provider, or answer that it names none."""
        try:
            self._enter_world(environ)
        except WorldError as error:
            refused = {"error": "WorldRefused", "message": str(error)}
            return self._refuse(environ, start_response, refused)
        path = environ["PATH_INFO"]
        if _is_control(path):
            return self._control(environ, start_response)
        prefix = path.split("/", 2)[1] if path.startswith("/") else ""
        if prefix in self._routes:
            _shift(environ, len(prefix) + 1)
            return self._routes[prefix].app.flask(environ, start_response)
        if "." in prefix and self._of_host(prefix):
            environ["HTTP_HOST"] = prefix  # from here on as if it had been sent there
            _shift(environ, len(prefix) + 1)
        candidates = self._candidates(environ)
        if len(candidates) == 1:
            return candidates[0].app.flask(environ, start_response)
        method, routes = environ["REQUEST_METHOD"], candidates or list(self._routes.values())
        having = [route.name for route in routes if route.app.has(method, path)]
        document = _provider_unknown(method, path, having, list(self._routes))
        return self._refuse(environ, start_response, document)

    def _enter_world(self, environ: Environ) -> None:
        """Find the world that a request names in its path or in a header; raises `WorldError`.

        A caller that the control API would reject must not create a world.
        """
        named = _WORLD_PATH.match(environ["PATH_INFO"])
        if named:
            _shift(environ, named.end())
        name = named[1] if named else environ.get(_WORLD_HEADER)
        if name is None:
            return
        if not _is_control(environ["PATH_INFO"]) or self._accepts(WsgiRequest(environ)):
            environ[WORLD] = self._worlds.named(name)

    def give_ports(self, ports: Mapping[str, int]) -> None:
        """Return providers ports of their own, which decide if nothing else does."""
        self._ports = {str(port): name for name, port in ports.items()}

    def _candidates(self, environ: Environ) -> list[Route]:
        """List the providers that the most trusted criterion leaves."""
        by_host = self._of_host(environ.get("HTTP_HOST", "").partition(":")[0])
        if by_host:
            return by_host
        routes = self._routes.values()
        request = WsgiRequest(environ)
        by_matcher = [route for route in routes if route.matches(request)]
        if len(by_matcher) == 1:
            return by_matcher
        own = self._routes.get(self._ports.get(environ.get("SERVER_PORT", ""), ""))
        return [own] if own else by_matcher

    def _of_host(self, host: str) -> list[Route]:
        """List the providers whose vendor has a host of this name."""
        name, routes = host.lower(), self._routes.values()
        return [route for route in routes if any(fits(name) for fits in route.hosts)]

    def _refuse(
        self, environ: Environ, start_response: StartResponse, document: Mapping[str, object]
    ) -> Iterable[bytes]:
        request, body = WsgiRequest(environ), json_text.write(document)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        world: World = environ.get(WORLD) or self._worlds.default
        world.journal.add(
            at=world.clock.now(),
            provider=None,
            operation=None,
            method=request.method,
            path=request.path,
            query=request.query,
            status=400,
            sent=(request.headers.items(), b""),
            answered=(headers, body),
            rejection=_Refusal(str(document["error"]), str(document["message"])),
        )
        start_response("400 Bad Request", headers)
        return [] if request.method == "HEAD" else [body]


def _is_control(path: str) -> bool:
    return path in ("/health", "/ready", CONTROL_PATH) or path.startswith(f"{CONTROL_PATH}/")


def _shift(environ: Environ, length: int) -> None:
    """Move the first `length` characters of the path to SCRIPT_NAME, as WSGI asks of a prefix."""
    path = environ["PATH_INFO"]
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path[:length]
    environ["PATH_INFO"] = path[length:] or "/"


def _provider_unknown(
    method: str, path: str, having: list[str], every: list[str]
) -> Mapping[str, object]:
    """Describe the ways to name a provider; `having` are those that have the route."""
    route = f"{method} {path}"
    if having:
        message = f"{route} is a route of {', '.join(having)}; the request does not say of which."
    else:
        message = f"The request names no provider, and no provider has the route {route}."
    return {
        "error": "ProviderUnknown",
        "message": message,
        "providers": having,
        "how_to_select": {
            "prefix": [f"/{name}{path}" for name in having or every],
            "host": "send the vendor's own host name in the Host header",
            "headers": "send the headers that the vendor's client sends",
            "port": "start the emulator with --port-per-provider",
        },
    }
