"""The types of WSGI, a request read from its environment, and the emulator's own keys in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

WORLD = "emulator.world"
"""Key of the world that a request names."""

RESPONSE = "emulator.response"
"""Key of an answer that is not simply sent; the server sees to that."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class EnvironHeaders:
    """The header fields in a WSGI environment."""

    environ: Environ

    def get(self, name: str, default: str) -> str:
        """Give the value of a header, or the default."""
        return str(self.environ.get(_key(name), default))

    def __contains__(self, name: str) -> bool:
        return _key(name) in self.environ

    def items(self) -> Iterable[tuple[str, str]]:
        """List the fields, their names as in `X-Amz-Target`: WSGI does not keep the case."""
        return [
            (name[5:].replace("_", "-").title(), value)
            for name, value in self.environ.items()
            if name.startswith("HTTP_")
        ]


@dataclass(frozen=True, slots=True)
class WsgiRequest:
    """A request before it reaches its provider, who alone reads the body."""

    environ: Environ

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
        return parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True)

    @property
    def headers(self) -> EnvironHeaders:
        """The header fields."""
        return EnvironHeaders(self.environ)

    @property
    def body(self) -> None:
        """Not available: the provider reads it."""

    @property
    def peer(self) -> str:
        """The address of the client; empty if the server does not give it."""
        return str(self.environ.get("REMOTE_ADDR", ""))

    def header(self, name: str) -> str:
        """Give the value of a header field; empty if it is absent."""
        return self.headers.get(name, "")


def _key(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
