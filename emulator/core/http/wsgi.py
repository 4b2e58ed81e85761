"""The types of WSGI, a request read from its environment, and the emulator's own keys in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from emulator.core.http.exchange import EnvironHeaders, environ_key

WORLD = "emulator.world"
"""Key of the world that a request names."""

RESPONSE = "emulator.response"
"""Key of a faulty response; the server delivers it."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class WsgiRequest:
    """A request before it reaches its provider, which alone reads the body."""

    def __init__(self, environ: Environ) -> None:
        """View a WSGI environment; changes of its path are seen."""
        self.environ = environ
        self.headers = EnvironHeaders(environ)

    @property
    def method(self) -> str:
        """The method as it was sent."""
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        """The path, as WSGI decodes it."""
        return str(self.environ["PATH_INFO"])

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """The decoded parameters, in the order sent."""
        query = self.environ.get("QUERY_STRING")
        return parse_qsl(query, keep_blank_values=True) if query else ()

    def has_header_prefix(self, prefix: str) -> bool:
        """Return whether the name of any header begins so, in any case."""
        start = environ_key(prefix)
        return any(key.startswith(start) for key in self.environ)

    @property
    def body(self) -> None:
        """Not available: the provider reads it."""

    @property
    def peer(self) -> str:
        """The address of the client; empty if the server does not give it."""
        return str(self.environ.get("REMOTE_ADDR", ""))

    def header(self, name: str) -> str:
        """Return the value of a header field; empty if it is absent."""
        return self.headers.get(name, "")
