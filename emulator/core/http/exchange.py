"""What travels with one request through the gateway: the request, its answer and its scope."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.worlds.world import World


class Headers(Protocol):
    """Header fields by name, whatever its case."""

    def get(self, name: str, default: str) -> str:
        """Give the value of a header, or the default."""

    def __contains__(self, name: str) -> bool: ...

    def items(self) -> Iterable[tuple[str, str]]:
        """List the fields as they were sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived, without the prefix that chose the provider.

    `path` is decoded, `query` keeps the order sent, `parameters` are the values of the
    route's placeholders, `peer` is the client's address. `body` is None when it was too
    long to be read. `target` is path and query as they were sent, `prefix` included. `world`
    is the one that the request names, if it does.
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

    def header(self, name: str) -> str:
        """Give the value of a header field; empty where there is none."""
        return self.headers.get(name, "")

    def has_header_prefix(self, prefix: str) -> bool:
        """Tell whether the name of any header begins so, in any case."""
        start = prefix.lower()
        return any(name.lower().startswith(start) for name, _ in self.headers.items())

    def digest(self) -> str:
        """Digest what is asked for; headers do not count, for signatures differ from run to run."""
        asked = (self.method, self.path, *map(repr, self.query))
        said = "\0".join(asked).encode("utf-8", "surrogatepass") + b"\0" + (self.body or b"")
        return hashlib.blake2b(said, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response, ready for the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    delay: float = 0
    """Seconds until it is sent."""
    close_connection: bool = False
    """Whether the connection is closed and nothing sent."""
    truncate_bytes: int | None = None
    """Bytes of the body after which the connection is closed."""

    wait: float = 0
    """Seconds within which asking again may give another answer."""
    retry: Callable[[], Response] | None = None
    """Asks again."""

    @property
    def is_faulty(self) -> bool:
        """Whether it is not simply sent."""
        return (
            bool(self.delay or self.wait)
            or self.close_connection
            or self.truncate_bytes is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request on its way through the gateway."""

    contract: Contract
    operation: Operation
    """`NO_OPERATION` if the request names none."""
    request: Request
    world: World
    request_id: str
    arrived: int
    """Microseconds UTC on the world's clock."""
    outcome: Outcome = DEFAULT_OUTCOME
    """What is ordered for the resources of the call."""

    @property
    def status(self) -> int:
        """The status of a successful response."""
        return self.operation.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose names a call sees: an account (or organisation), a region, and who calls."""

    account: str
    region: str
    caller: str

    @property
    def key(self) -> str:
        """The text under which the store keeps what belongs to the scope."""
        return f"{self.account}/{self.region}"
