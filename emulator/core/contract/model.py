"""What a vendor says, as the mechanism and the handlers look it up: frozen records.

`loader` makes them from the files of `schemas/<provider>`; nothing here changes after
that, and nothing is worked out twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from emulator.core.contract.kinds import Kind
from emulator.core.contract.lifecycle import Lifecycle
from emulator.core.contract.validation import Rules

Document = Mapping[str, Any]
"""A file under `schemas/`, or a part of one, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a request: its name in the document and where the request carries it."""

    name: str
    location: str
    """`path`, `query`, `header` or `body`."""
    wire_name: str
    many: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """An operation replays its first answer to a token; `member` names it in the document."""

    member: str
    lasts: int
    """Microseconds a token is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What an operation takes and gives, and where its request carries the members."""

    request: Rules
    response: Rules
    members: tuple[Member, ...]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call of the vendor; `request` and `response` are None where it is not emulated.

    The schemas of its messages are read when they are first needed: nobody waits at the
    start for operations that are not used.
    """

    name: str
    method: str
    path: str
    target: str | None
    status: int
    errors: tuple[str, ...]
    error_evidence: Mapping[str, str] = field(default_factory=dict)
    """Code of an error -> what it rests on that the operation has it."""
    documentation: str
    evidence: str
    idempotency: Idempotency | None
    open: bool = False
    """Whether anybody may call it."""
    does: Document = field(default_factory=dict)
    """The plain verb that the operation is, its kind and what it checks."""
    read: Callable[[], Messages] | None = field(repr=False, compare=False)
    """Reads the messages; None where the operation is not emulated."""

    @cached_property
    def emulated(self) -> bool:
        """Whether the emulator answers the call as the vendor would."""
        return self.read is not None

    @cached_property
    def messages(self) -> Messages:
        """The message schemas, read on first use.

        Raises `LookupError` if the operation is not emulated, and what reading the files raises.
        """
        if self.read is None:
            raise LookupError(f"{self.name} is not emulated: it has no messages")
        return self.read()

    @cached_property
    def request(self) -> Rules:
        """The rules of the request."""
        return self.messages.request

    @cached_property
    def defaults(self) -> Document:
        """The defaults of the members of the request that have one."""
        members = self.request.schema.get("properties", {})
        return {name: schema["default"] for name, schema in members.items() if "default" in schema}

    @cached_property
    def response(self) -> Rules:
        """The rules of the response."""
        return self.messages.response

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The members of the request, in the order of its schema."""
        return self.messages.members

    @property
    def requires_body(self) -> bool:
        """Whether a request without a body is never valid."""
        in_body = {member.name for member in self.members if member.location == "body"}
        return bool(in_body.intersection(self.request.schema.get("required", ())))


NO_OPERATION = Operation(
    name="",
    method="",
    path="",
    target=None,
    status=200,
    errors=(),
    documentation="",
    evidence="",
    idempotency=None,
    read=None,
)
"""Stands for the operation of a request that names none of the vendor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Everything one vendor says, as its handlers and the mechanism read it.

    The mappings without a type of their own are the JSON of their file: `service`,
    `failures` and `violations` of errors.json, `quotas`, `rules` and `seed`.
    """

    provider: str
    service: Document
    operations: Mapping[str, Operation]
    failures: Mapping[str, Document]
    violations: Document
    envelope: str
    """The shape of errors whose row names no other; empty if errors have no schema."""
    envelopes: Callable[[str], Rules] = field(repr=False, compare=False)
    """Reads the schema of a shape: `<envelope>.error.json`."""
    defaults: Document
    """The rows of errors.json for failures that the vendor has no row for."""
    lifecycles: Mapping[str, Mapping[str, Lifecycle]]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    quotas: Mapping[str, Document]
    rules: Document
    seed: Document
    layers: tuple[str, ...] = ()
    """Folders of the provider that were laid over its other files, the last on top."""

    def row(self, name: str) -> Document | None:
        """Return a row of errors.json by its name, by default that of `defaults`."""
        found: Document | None = self.failures.get(name) or self.defaults["failures"].get(name)
        return found

    @property
    def envelope_names(self) -> Sequence[str]:
        """The shapes of errors that the vendor has."""
        named = (row.get("envelope", self.envelope) for row in self.failures.values())
        return [name for name in dict.fromkeys((self.envelope, *named)) if name]

    def has_own_route(self, operation: Operation) -> bool:
        """Return whether an operation has a route of its own where a header tells the others."""
        return operation.target is None and "targetPath" in self.protocol

    @property
    def protocol(self) -> Document:
        """What service.json says of the protocol, such as content types."""
        options: Document = self.service.get("protocol", {})
        return options
