"""The front door: which provider is this request for?

Asked in the order of trust: a prefix of the path, the host name, the marks a provider
declares in its service.json, the port. A request that nothing settles, or that marks
of two providers claim, is refused with the ways to name one. It is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from emulator.core.contract.model import Document
from emulator.core.http.wsgi import WORLD, Environ, StartResponse, Wsgi
from emulator.core.pipeline.flask_app import ProviderApp
from emulator.core.primitives import json_text
from emulator.core.primitives.regex import whole_match
from emulator.core.worlds.registry import WorldError, Worlds
from emulator.core.worlds.world import World

Test = Callable[[Environ], bool]

CONTROL_PREFIX = "/_emulator"

_WORLD_HEADER = "HTTP_X_EMULATOR_WORLD"
_WORLD_PATH = re.compile(r"/w/([^/]*)(?=/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One provider's application and how its requests are known."""

    name: str
    app: ProviderApp
    hosts: Sequence[Callable[[str], bool]]
    marks: Sequence[Test]

    @classmethod
    def to(cls, name: str, app: ProviderApp, service: Document) -> Route:
        """Make the door of a provider from the `hosts` and `marks` of its service.json."""
        return cls(
            name=name,
            app=app,
            hosts=[whole_match(pattern) for pattern in service["hosts"]],
            marks=[_mark(mark) for mark in service["marks"]],
        )


def _mark(mark: Document) -> Test:
    """Compile a mark: a test on a header, on any header of a family, on the path or the query."""
    fits = whole_match(mark.get("matches", r"(?s).*"))
    if "path" in mark:
        on_path = whole_match(mark["path"])
        return lambda environ: on_path(environ["PATH_INFO"])
    if "headerFamily" in mark:
        family = _environ_name(mark["headerFamily"])
        return lambda environ: any(name.startswith(family) for name in environ)
    if "query" in mark:
        name = mark["query"]
        return lambda environ: any(
            fits(value) for key, value in parse_qsl(environ["QUERY_STRING"]) if key == name
        )
    header = _environ_name(mark["header"])
    return lambda environ: header in environ and fits(environ[header])


def _environ_name(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, and with what headers."""

    environ: Environ

    @property
    def method(self) -> str:
        """The method as it was sent."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def peer(self) -> str:
        """The address of the client; empty where no server tells."""
        return str(self.environ.get("REMOTE_ADDR", ""))

    def header(self, name: str) -> str:
        """Give the value of a header field; empty where there is none."""
        key = _environ_name(name)
        return str(self.environ.get("CONTENT_TYPE" if name == "Content-Type" else key, ""))


class ProviderRouter:
    """The WSGI application in front of all providers and of the control API."""

    def __init__(
        self,
        *,
        routes: Sequence[Route],
        control: Wsgi,
        worlds: Worlds,
        accepts: Callable[[Caller], bool] = lambda _: True,
    ) -> None:
        """Stand in front of the providers and of the control API, which `lets_in` some callers."""
        self._routes = {route.name: route for route in routes}
        self._control = control
        self._ports: Mapping[str, str] = {}
        self._worlds = worlds
        self._accepts = accepts

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand a request to the provider it is for, or refuse to guess."""
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
            return self._routes[prefix].app(environ, start_response)
        meant = self._candidates(environ)
        if len(meant) == 1:
            return meant[0].app(environ, start_response)
        method, routes = environ["REQUEST_METHOD"], meant or list(self._routes.values())
        owners = [route.name for route in routes if route.app.has(method, path)]
        document = _which_one(method, path, owners, list(self._routes))
        return self._refuse(environ, start_response, document)

    def _enter_world(self, environ: Environ) -> None:
        """Find the world that a request names in its path or in a header; raises `WorldError`.

        Whom the control API will refuse makes no world.
        """
        named = _WORLD_PATH.match(environ["PATH_INFO"])
        if named:
            _shift(environ, named.end())
        name = named[1] if named else environ.get(_WORLD_HEADER)
        if name is None:
            return
        if not _is_control(environ["PATH_INFO"]) or self._accepts(Caller(environ)):
            environ[WORLD] = self._worlds.named(name)

    def give_ports(self, ports: Mapping[str, int]) -> None:
        """Let a port belong to a provider; the least trusted way to settle a request."""
        self._ports = {str(port): name for name, port in ports.items()}

    def _candidates(self, environ: Environ) -> list[Route]:
        """List the providers a request may be for, by the first way that says anything."""
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        routes = self._routes.values()
        by_host = [route for route in routes if any(fits(host) for fits in route.hosts)]
        if by_host:
            return by_host
        by_mark = [route for route in routes if any(mark(environ) for mark in route.marks)]
        if len(by_mark) == 1:
            return by_mark
        own = self._routes.get(self._ports.get(environ.get("SERVER_PORT", ""), ""))
        return [own] if own else by_mark

    def _refuse(
        self, environ: Environ, start_response: StartResponse, document: Mapping[str, object]
    ) -> Iterable[bytes]:
        body, method = json_text.write(document), environ["REQUEST_METHOD"]
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        world: World = environ.get(WORLD) or self._worlds.default
        world.journal.add(
            at=world.clock.now(),
            provider=None,
            operation=None,
            method=method,
            path=environ["PATH_INFO"],
            query=parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True),
            status=400,
            sent=(_headers(environ), b""),
            answered=(headers, body),
            explain=_explained(document),
        )
        start_response("400 Bad Request", headers)
        return [] if method == "HEAD" else [body]


def _is_control(path: str) -> bool:
    return path in ("/health", CONTROL_PREFIX) or path.startswith(f"{CONTROL_PREFIX}/")


def _shift(environ: Environ, length: int) -> None:
    """Move the beginning of the path to what is in front of the application."""
    path = environ["PATH_INFO"]
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path[:length]
    environ["PATH_INFO"] = path[length:] or "/"


def _explained(document: Mapping[str, object]) -> Mapping[str, object]:
    """Explain a refusal of the front door, in the form of all explanations."""
    return {
        "failure": str(document["error"]),
        "subject": None,
        "reason": str(document["message"]),
        "facts": {},
        "rules": [],
        "evidence": "documented: the emulator's own",
        "sources": {},
        "nearest": None,
    }


def _which_one(
    method: str, path: str, owners: list[str], everyone: list[str]
) -> Mapping[str, object]:
    route = f"{method} {path}"
    if owners:
        message = f"{route} is a route of {', '.join(owners)}, and nothing says which is meant."
    else:
        message = f"Nothing says which provider is meant, and none has the route {route}."
    return {
        "error": "ProviderUnknown",
        "message": message,
        "owners": owners,
        "ways": {
            "prefix": [f"/{name}{path}" for name in owners or everyone],
            "host": "send the vendor's own host name in the Host header",
            "marks": "send the headers the vendor's client sends",
            "port": "serve with --port-per-provider",
        },
    }


def _headers(environ: Environ) -> list[tuple[str, str]]:
    return [
        (name[5:].replace("_", "-").title(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
