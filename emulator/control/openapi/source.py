"""What a document is made from: a contract, its files, and the dialect that writes its messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.errors.failures import Failure, Invalid, Ordered
from emulator.core.errors.rendering import render
from emulator.core.http.auth.presented import Security
from emulator.core.http.exchange import Exchange, Request, Response
from emulator.core.http.protocol import Protocol
from emulator.core.primitives import json_text
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.worlds.world import World

_PLACEHOLDER = re.compile(r"\{(\w+)\+?\}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a provider writes messages, and how its callers authenticate."""

    protocol: Protocol
    security: Callable[[Operation], Security]
    known: Callable[[object], Mapping[str, object]]
    """What texts may say of a request with these members, and of the usual caller."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A contract to describe, in a world."""

    contract: Contract
    dialect: Dialect
    read: Callable[[str], Document]
    """Reads a file of the contract; returns an empty object if the file does not exist."""
    server: str
    """The URL of the provider, relative to that of the document."""
    world: World

    @cached_property
    def operations(self) -> Sequence[Operation]:
        """The emulated operations."""
        return [each for each in self.contract.operations.values() if each.emulated]

    @cached_property
    def examples(self) -> Mapping[str, Document]:
        """A request and a response of each operation that has an example."""
        operations: Mapping[str, Document] = self.read("examples.json").get("operations", {})
        return operations

    @property
    def body_type(self) -> str:
        """The media type of requests."""
        accepted: Sequence[str] = self.contract.protocol.get("contentTypes", ["application/json"])
        return accepted[0]

    def request_schema(self, operation: Operation) -> Document:
        """Return the schema of a request, with its references.

        One that is nothing but a definition is taken from there if a part of it is not the body.
        """
        schema = self.read(f"{operation.name}.request.json")
        if "$ref" in schema and any(each.location != "body" for each in operation.members):
            return operation.request.schema
        return schema

    def response_schema(self, operation: Operation) -> Document:
        """Return the schema of a response, with its references."""
        return self.read(f"{operation.name}.response.json")

    def path_of(self, operation: Operation) -> str:
        """Return the path in OpenAPI's notation."""
        return _PLACEHOLDER.sub(r"{\1}", operation.path)

    def placeholders(self, operation: Operation) -> Sequence[str]:
        """List the names in the path."""
        return _PLACEHOLDER.findall(operation.path)

    def request(self, operation: Operation) -> Document:
        """Return the members of an example of the request."""
        found: Document = self.examples.get(operation.name, {}).get("request", {})
        return found

    def success(self, operation: Operation) -> Response:
        """Write the example of the response."""
        document = self.examples.get(operation.name, {}).get("response")
        return self.dialect.protocol.success(self._exchange(operation), document)

    def failure(self, row: str, operation: Operation) -> tuple[str, Response]:
        """Write the error of a row as an operation has it; return the name of its envelope, too."""
        exchange, protocol = self._exchange(operation), self.dialect.protocol
        members = self.request(operation)
        failure: Failure = Ordered(
            row,
            fault="",
            operation=operation,
            document=members,
            known=self.dialect.known(members),
            limits={},
        )
        if row == "Invalid" and (violations := operation.request.violations({})):
            failure = Invalid(violations)
        error = render(failure, self.contract, lambda each: protocol.describe(exchange, each))
        return error.envelope, protocol.failure(exchange, error)

    def _exchange(self, operation: Operation) -> Exchange:
        return Exchange(
            contract=self.contract,
            operation=operation,
            request=self._request(operation),
            world=self.world,
            arrived=0,
            request_id_for=lambda _: self.dialect.protocol.request_id(Identifiers(1), "example"),
        )

    def _request(self, operation: Operation) -> Request:
        members = self.request(operation)
        texts = {each.wire_name: str(members.get(each.name, "")) for each in operation.members}
        return Request(
            method=operation.method,
            target=operation.path,
            prefix="",
            path=operation.path,
            query=(),
            headers={"Content-Type": self.body_type},
            parameters={name: texts.get(name, "") for name in self.placeholders(operation)},
            peer="",
            body=json_text.write(members),
        )


def phrase(status: int) -> str:
    """Return the name of a status as one word, such as `NotFound`."""
    return re.sub(r"[^A-Za-z]", "", HTTPStatus(status).phrase)
