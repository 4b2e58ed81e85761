"""The types of WSGI, a request read from its environment, and the emulator's own keys in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

WORLD = "emulator.world"
"""Key of the world that a request names."""

RESPONSE = "emulator.response"
"""Key of a faulty response; the server delivers it."""

_UNPREFIXED = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
"""Keys of the two headers that WSGI names without `HTTP_`."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class EnvironHeaders:
    """The header fields in a WSGI environment, read where they are."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def get(self, name: str, default: str) -> str:
        """Return the value of a header, or the default."""
        return str(self._environ.get(_key(name), default))

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._environ

    def items(self) -> Iterable[tuple[str, str]]:
        """List the fields, their names as in `X-Amz-Target`: WSGI loses the case."""
        return [
            (name, value)
            for key, value in self._environ.items()
            if (name := _name(key)) and (value or key not in _UNPREFIXED)
        ]


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
        start = _key(prefix)
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


@lru_cache(maxsize=256)
def _key(header: str) -> str:
    """Return the key of a header in an environment; cached: requests look up the same ones."""
    name = header.upper().replace("-", "_")
    return name if name in _UNPREFIXED else f"HTTP_{name}"


@lru_cache(maxsize=1024)
def _name(key: str) -> str:
    """Return the name of the header with a key; empty for a key that is not a header's."""
    header = key.removeprefix("HTTP_")
    return header.replace("_", "-").title() if _key(header) == key else ""
