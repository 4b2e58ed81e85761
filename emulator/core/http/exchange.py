"""What travels with a request through the gateway: request, exchange, scope, response."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from time import perf_counter
from typing import Any, Protocol

from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.contract.validation import Rules
from emulator.core.primitives.changes import Awaited
from emulator.core.worlds.world import World

_UNPREFIXED = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})
"""Keys of the two headers that WSGI names without `HTTP_`."""

_MOST_HOSTS = 256
"""Host names of which the region is remembered."""

# Request, response and exchange are not frozen: each is made for every request, and a frozen one
# of so many fields takes five times as long to make.


class Headers(Protocol):
    """Header fields, by name in any case."""

    def get(self, name: str, default: str) -> str:
        """Return the value of a header, or the default."""

    def __contains__(self, name: str) -> bool: ...

    def items(self) -> Iterable[tuple[str, str]]:
        """List the fields as they were sent."""


@dataclass(slots=True)
class EnvironHeaders:
    """The header fields in a WSGI environment, read where they are."""

    _environ: Mapping[str, Any]

    def get(self, name: str, default: str) -> str:
        """Return the value of a header, or the default."""
        return str(self._environ.get(environ_key(name), default))

    def __contains__(self, name: str) -> bool:
        return environ_key(name) in self._environ

    def items(self) -> Iterable[tuple[str, str]]:
        """List the fields, their names as in `X-Amz-Target`: WSGI loses the case."""
        return [
            (name, value)
            for key, value in self._environ.items()
            if (name := _environ_name(key)) and (value or key not in _UNPREFIXED)
        ]


@dataclass(slots=True, kw_only=True)
class Request:
    """A request as it arrived, without the prefix that selected the provider.

    `path` is decoded, `query` keeps its order, `parameters` are the values of the route's
    placeholders, `peer` is the client's address. `body` is None if it was too long to read.
    `target` is the raw path and query, prefix included. `world` is the one the request names.
    """

    method: str
    target: str
    prefix: str
    world: World | None = None
    path: str
    query: Sequence[tuple[str, str]]
    headers: Headers
    parameters: Mapping[str, str]
    peer: str
    body: bytes | None
    sent: object = None
    """The body as it was read, for protocols that show parts of it in errors."""

    def header(self, name: str) -> str:
        """Return the value of a header field, or an empty string."""
        return self.headers.get(name, "")

    def has_header_prefix(self, prefix: str) -> bool:
        """Return whether the name of any header begins so, in any case."""
        start = prefix.lower()
        return any(name.lower().startswith(start) for name, _ in self.headers.items())

    def digest(self) -> str:
        """Return a digest of method, path, query and body; headers vary with each signature."""
        parts = (self.method, self.path, *map(repr, self.query))  # repr: names stay names
        text = "\0".join(parts).encode("utf-8", "surrogatepass") + b"\0" + (self.body or b"")
        return hashlib.blake2b(text, digest_size=16).hexdigest()


@dataclass(slots=True, kw_only=True)
class Response:
    """A response, ready for the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    delay: float = 0
    """Seconds until it is sent."""
    close_connection: bool = False
    """Whether the connection is closed without a response."""
    truncate_bytes: int | None = None
    """Bytes of the body after which the connection is closed."""

    wait: float = 0
    """Seconds within which a retry may give another response."""
    awaited: Awaited | None = None
    """What has to happen before."""
    retry: Callable[[], Response] | None = None
    """Repeats the request."""


class Received(Protocol):
    """A request with its operation: as much of an exchange as its document is read from."""

    @property
    def operation(self) -> Operation:
        """The operation that the request names."""

    @property
    def request(self) -> Request:
        """The request as it arrived."""

    @property
    def rules(self) -> Rules:
        """The rules that its document is judged by."""


@dataclass(kw_only=True)
class Exchange:
    """A request on its way through the gateway, and what is found out about it there."""

    contract: Contract
    operation: Operation
    """`NO_OPERATION` if the request names none."""
    request: Request
    world: World
    arrived: int
    """Microseconds UTC on the world's clock."""
    request_id_for: Callable[[Exchange], str] = field(repr=False)
    """Generates the id of the request."""
    outcome: Outcome = DEFAULT_OUTCOME
    """The outcome for resources that the call creates."""
    is_strict: bool = False
    """Whether members that the request's schema does not know are rejected."""
    began: float = field(default_factory=perf_counter)
    """Seconds on a clock of no date."""

    @property
    def rules(self) -> Rules:
        """The rules that the document of the request is judged by, of an emulated operation."""
        rules = self.operation.request
        return rules.strict if self.is_strict else rules

    @cached_property
    def request_id(self) -> str:
        """The id of the request, generated when it is first needed."""
        return self.request_id_for(self)

    @property
    def host_region(self) -> str | None:
        """The region in the host name of the request, or None if its pattern has no group."""
        host = self.request.header("Host").partition(":")[0]
        return _region_in(host, tuple(self.contract.service["hosts"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """What came of a call that succeeded."""

    document: object
    """The document of the response."""
    began_as_ordered: bool = False
    """Whether a lifecycle began that the outcome of the exchange changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The account (or organisation), region and caller of a call."""

    account: str
    region: str
    caller: str
    key: str = field(init=False)
    """The key of the scope in the database."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.account}/{self.region}")


@lru_cache(maxsize=256)
def environ_key(header: str) -> str:
    """Return the key of a header in an environment; cached: requests look up the same ones."""
    name = header.upper().replace("-", "_")
    return name if name in _UNPREFIXED else f"HTTP_{name}"


@lru_cache(maxsize=1024)
def _environ_name(key: str) -> str:
    """Return the name of the header with a key; empty for a key that is not a header's."""
    header = key.removeprefix("HTTP_")
    return header.replace("_", "-").title() if environ_key(header) == key else ""


@lru_cache(_MOST_HOSTS)
def _region_in(host: str, patterns: Sequence[str]) -> str | None:
    found = (re.fullmatch(pattern, host, re.IGNORECASE) for pattern in patterns)
    return next((match.groupdict().get("region") for match in found if match), None)
