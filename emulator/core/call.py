"""What travels with one request: the request and its answer, and the call a handler gets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from emulator.core.contract import Contract, Operation
from emulator.core.failures import QuotaExceeded
from emulator.core.identifiers import Identifiers
from emulator.core.objects import find_object
from emulator.core.outcomes import AS_USUAL, Outcome
from emulator.core.shelf import Shelf

if TYPE_CHECKING:
    from emulator.core.world import World


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

    def digest(self) -> str:
        """Digest what is asked for; headers do not count, for signatures differ from run to run."""
        asked = (self.method, self.path, *map(repr, self.query))
        said = "\0".join(asked).encode("utf-8", "surrogatepass") + b"\0" + (self.body or b"")
        return hashlib.blake2b(said, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, ready for the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    delay: float = 0
    """Seconds until it is sent."""
    cut: bool = False
    """Whether the connection is closed in its place."""
    truncate: int | None = None
    """Bytes of the body after which the connection is closed."""

    wait: float = 0
    """Seconds within which asking again may give another answer."""
    again: Callable[[], Answer] | None = None
    """Asks again."""

    @property
    def disturbed(self) -> bool:
        """Whether it is not simply sent."""
        return bool(self.delay or self.wait) or self.cut or self.truncate is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request on its way through the gateway; `operation` is None where none was recognised."""

    contract: Contract
    operation: Operation | None
    request: Request
    world: World
    request_id: str
    arrived: int
    """Microseconds UTC on the world's clock."""
    outcome: Outcome = AS_USUAL
    """What is ordered for the resources of the call."""

    @property
    def status(self) -> int:
        """The status of the operation's success."""
        return self.operation.status if self.operation else 200


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler works with: an accepted call inside its transaction."""

    contract: Contract
    scope: Scope
    store: Shelf
    identifiers: Identifiers
    limits: Mapping[str, int | None]
    """Quotas of this provider that were set differently from quotas.json; None has no limit."""

    @property
    def now(self) -> int:
        """The time of the call, in microseconds UTC."""
        return self.store.now

    def purpose(self, kind: str, name: str) -> tuple[str, ...]:
        """Say what an identifier is for, so that a seeded one does not depend on order."""
        return (self.store.world, self.store.provider, self.scope.key, kind, name)

    def limit(self, quota: str) -> int | None:
        """Tell the limit of a quota; None where there is none."""
        documented: int = self.contract.quotas[quota]["limit"]
        return self.limits.get(quota, documented)

    def spend(self, quota: str, *, parent: str | None = None) -> None:
        """Count what a quota is of, the new one included; raises `QuotaExceeded`.

        The `parent` is named where those under each are counted by themselves.
        """
        limit, counts = self.limit(quota), self.contract.quotas[quota]["counts"]
        if limit is None:
            return
        unsettled = counts.get("unsettled", False)
        if self.store.count(counts["kind"], limit + 1, parent=parent, unsettled=unsettled) > limit:
            raise QuotaExceeded(quota, limit=limit)

    def object(self, bucket: str, key: str) -> str | None:
        """Give the text of an S3 object somebody supplied; nothing is ever fetched."""
        return find_object(self.store, bucket, key)
