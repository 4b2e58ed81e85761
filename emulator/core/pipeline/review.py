"""Finds a client's mistakes that its vendor passes over, in a request that the journal has kept.

They are looked for when the journal is read. The vendor's response is the same with and without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.validation import Rules, Violation, json_type
from emulator.core.errors.failures import Failure
from emulator.core.http.exchange import Headers, Request
from emulator.core.http.protocol import Protocol, Unknown, merge
from emulator.core.primitives.json_pointer import Step, pointer
from emulator.core.primitives.nearest import nearest

Mistake = Mapping[str, str | None]
"""`pointer`, `kind` and the `nearest` known member, if any is near."""

MOST = 20
"""Number of warnings about a request, at most; the search for a nearest name takes time."""
_LONGEST = 200
"""Characters of a pointer that are shown."""

_Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """A request that is read again, to be judged by strict rules."""

    operation: Operation
    request: Request
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Reviews requests of one operation."""

    operation: Operation
    protocol: Protocol

    def warnings(self, parameters: Sequence[str], headers: Headers, body: str) -> Sequence[Mistake]:
        """List the mistakes in a request: the names of its query, its headers, its body.

        A body that is not JSON, or not the whole of it, has none.
        """
        rules = self.operation.request.strict
        received = Reread(
            operation=self.operation,
            request=self._request(parameters, headers, body),
            rules=rules,
        )
        try:
            body_sent = self.protocol.read_body(received)
            document = self.protocol.read(received)
        except Failure:
            return ()
        sent = merge(received, body_sent if isinstance(body_sent, dict) else {})
        # Most requests are as they should be, and need no full validation.
        broken = () if rules.accepts(document) else rules.violations(document)
        found = chain(
            self._unknown(broken),
            (_mistake(path, "deprecated-member") for path in _deprecated(sent, rules.schema)),
            (_mistake(path, "coerced") for path in _coerced(sent, document)),
        )
        return tuple(islice(found, MOST))

    def _request(self, parameters: Sequence[str], headers: Headers, body: str) -> Request:
        """Make a request of what is kept; parameters of the path are not, and are not unknown."""
        operation = self.operation
        in_path = [member for member in operation.members if member.location == "path"]
        return Request(
            method=operation.method,
            target="",
            prefix="",
            path=operation.path,
            query=[(name, "") for name in parameters],
            headers=headers,
            parameters={member.wire_name: "" for member in in_path},
            peer="",
            body=body.encode("utf-8", "surrogatepass"),
        )

    def _unknown(self, broken: Sequence[Violation]) -> Iterator[Mistake]:
        for violation in broken:
            if violation.keyword != "additionalProperties":
                continue
            name = violation.path[-1]
            if isinstance(name, Unknown):
                kind, near = self._of_the_request(name)
            else:
                kind = "unknown-member"
                near = nearest(str(name), violation.schema.get("properties", ()))
            yield _mistake(violation.path, kind, near)

    def _of_the_request(self, name: Unknown) -> tuple[str, str | None]:
        """Return the kind of an unknown name in body or query, and the nearest known one."""
        spelt, members = str(name), self.operation.members
        every = [member.wire_name for member in members]
        if spelt in every:
            return "misplaced-member", spelt
        here = [member.wire_name for member in members if member.location == name.location]
        kind = "unknown-parameter" if name.location == "query" else "unknown-member"
        return kind, nearest(spelt, here) or nearest(spelt, every)


def reviews(contract: Contract, protocol: Protocol) -> Mapping[str, Review]:
    """Make the reviews of the emulated operations of a contract, by name."""
    return {
        name: Review(operation=operation, protocol=protocol)
        for name, operation in contract.operations.items()
        if operation.emulated
    }


def _mistake(path: _Path, kind: str, near: str | None = None) -> Mistake:
    return {"pointer": pointer(path)[:_LONGEST], "kind": kind, "nearest": near}


def _deprecated(value: object, schema: Any, path: _Path = ()) -> Iterator[_Path]:
    """Find the members that were sent and are deprecated."""
    if not isinstance(schema, Mapping):
        return
    if schema.get("deprecated") and path:
        yield path
    if isinstance(value, dict):
        members = schema.get("properties", {})
        for name in members:
            if name in value:
                yield from _deprecated(value[name], members[name], (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _deprecated(item, schema.get("items"), (*path, index))


def _coerced(sent: object, read: object, path: _Path = ()) -> Iterator[_Path]:
    """Find the values of a body that were read as another type than they were sent in."""
    if isinstance(sent, dict) and isinstance(read, dict):
        for name in sent:
            if name in read:
                yield from _coerced(sent[name], read[name], (*path, name))
    elif isinstance(sent, list) and isinstance(read, list):
        for index, (one, other) in enumerate(zip(sent, read, strict=False)):
            yield from _coerced(one, other, (*path, index))
    elif _type(sent) != _type(read) and json_type(read) != "absent":
        yield path


def _type(value: object) -> str:
    """Name the JSON type of a value; a whole number is a number."""
    name = json_type(value)
    return "number" if name == "integer" else name
