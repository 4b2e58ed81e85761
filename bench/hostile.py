"""Long requests: some that should be accepted, and some that are made to cost much to refuse.

Each is made from a valid request of a case file, and has about so many bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.core.contract.model import Operation

Request = Mapping[str, Any]
"""The request of a step of a case file."""

NESTED = 190
"""Levels of nesting, which is less than readers of JSON take."""

WRONG: Sequence[Any] = ([[1]], {"x": {}}, 1, "\0")
"""Values of which most members take none."""

_PARTS_OF_BODIES = ("json", "text")


class Hostile(Protocol):
    """Makes long requests from a valid one; a fault is what a request is refused for."""

    def faults(self) -> Iterator[str]:
        """List what is probably a fault, to be added to a request."""

    def accepted(self, size: int) -> Mapping[str, Request]:
        """Return long requests by their shape: valid ones, with that in members that are unknown."""

    def refused(self, size: int, fault: str) -> Mapping[str, Request]:
        """Return long requests by their shape; with an empty fault some may be accepted."""

    def plain(self, fault: str) -> Request:
        """Return the valid request with a fault."""


@dataclass(frozen=True)
class HostileBodies:
    """Long JSON bodies."""

    operation: Operation
    request: Request
    items: Mapping[str, Any]
    """A valid item of each member that is a list."""

    @property
    def valid(self) -> Mapping[str, Any]:
        """The members of the valid request."""
        valid: Mapping[str, Any] = self.request["json"]
        return valid

    def faults(self) -> Iterator[str]:
        """List members with values of types they do not have."""
        elsewhere = {m.name for m in self.operation.members if m.location != "body"}
        for name in self.operation.request.schema.get("properties", {}):
            if name not in elsewhere:
                yield from (_member(name, value) for value in WRONG)

    def accepted(self, size: int) -> Mapping[str, Request]:
        """Add to unknown members what `refused` adds, or repeat a valid one, of which the last counts."""
        valid = self.valid or {"x": 1}
        name = next(iter(valid))
        room = size - len(self._text()) - NESTED
        items = ",".join(map(json.dumps, self.items.values()))
        added = {
            "unknown members": _unknown(room),
            "nesting": f'"x":[{_nested(room)}]',
            "long texts": _member("x", "a" * room),
            "many items": f'"x":[{_copies(items, room)}]' if items else "",
            "repeated members": _copies(_member(name, valid[name]), room),
        }
        return {shape: self._with(self._text(before=text)) for shape, text in added.items() if text}

    def refused(self, size: int, fault: str) -> Mapping[str, Request]:
        """Add unknown members, nesting, long texts, many items or repeated members."""
        room = size - len(self._text(after=fault)) - NESTED
        name = json.loads(f"{{{fault}}}") if fault else self.valid
        member = next(iter(name), "x")
        texts = {
            "unknown members": self._text(before=_unknown(room), after=fault),
            "nesting": self._text(after=f"{json.dumps(member)}:[{_nested(room)}]"),
            "long texts": self._long_texts(room, fault),
            "many items": self._many_items(room, fault),
            "repeated members": self._text(before=_copies(fault or _member("x", 1), room), after=fault),
        }  # fmt: skip
        return {shape: self._with(text) for shape, text in texts.items() if text}

    def plain(self, fault: str) -> Request:
        """Return the valid request with a fault."""
        return self._with(self._text(after=fault))

    def _long_texts(self, room: int, fault: str) -> str:
        names = [name for name, value in self.valid.items() if isinstance(value, str)]
        if not names:
            return ""
        long = {name: f"{self.valid[name]}{'a' * (room // len(names))}!" for name in names}
        return self._text(after=fault, changed=long)

    def _many_items(self, room: int, fault: str) -> str:
        texts = {name: json.dumps(item) for name, item in self.items.items()}
        if not texts:
            return ""
        share = room // len(texts)
        lists = [f"{json.dumps(name)}:[{_copies(text, share)}]" for name, text in texts.items()]
        return self._text(after=",".join(filter(None, [*lists, fault])))

    def _text(
        self, *, before: str = "", after: str = "", changed: Mapping[str, Any] | None = None
    ) -> str:
        valid = [_member(name, value) for name, value in {**self.valid, **(changed or {})}.items()]
        return f"{{{','.join(filter(None, [before, *valid, after]))}}}"

    def _with(self, text: str) -> Request:
        return {**_without_body(self.request), "text": text}


@dataclass(frozen=True)
class HostileQueries:
    """Long queries."""

    operation: Operation
    request: Request

    @property
    def names(self) -> Sequence[str]:
        """The parameters of the operation."""
        return [m.wire_name for m in self.operation.members if m.location == "query"]

    def faults(self) -> Iterator[str]:
        """List parameters with values that are no numbers and none of a few words."""
        for name in self.names:
            yield from (f"{name}={value}" for value in ("x", "-1", "", "%00", "[]"))

    def accepted(self, size: int) -> Mapping[str, Request]:
        """Add parameters that are unknown."""
        return {
            "unknown members": self._with(_unknown_parameters(size)),
            "long texts": self._with(f"x={'a' * size}"),
            "repeated members": self._with(_copies("x=1", size, "&")),
        }

    def refused(self, size: int, fault: str) -> Mapping[str, Request]:
        """Add unknown parameters, long texts or repeated parameters."""
        share = size // len(self.names)
        long = "&".join(f"{name}={'a' * share}!" for name in self.names)
        return {
            "unknown members": self._with(_unknown_parameters(size), fault),
            "long texts": self._with(long, fault),
            "repeated members": self._with(_copies(fault or "x=1", size, "&")),
        }

    def plain(self, fault: str) -> Request:
        """Return the valid request with a fault."""
        return self._with(fault)

    def _with(self, *parts: str) -> Request:
        query = "&".join(filter(None, [self.request.get("query", ""), *parts]))
        return {**self.request, "query": query}


def _without_body(request: Request) -> Request:
    return {name: value for name, value in request.items() if name not in _PARTS_OF_BODIES}


def _member(name: str, value: object) -> str:
    return f"{json.dumps(name)}:{json.dumps(value)}"


def _unknown(room: int) -> str:
    return ",".join(_member(f"x{number:07}", 1) for number in range(room // len('"x0000000": 1,')))


def _unknown_parameters(room: int) -> str:
    return "&".join(f"x{number:07}=1" for number in range(room // len("x0000000=1&")))


def _nested(room: int) -> str:
    return _copies("[" * NESTED + "]" * NESTED, room)


def _copies(text: str, room: int, between: str = ",") -> str:
    """Join as many copies as there is room for, at least one."""
    return between.join([text] * max(1, room // (len(text) + len(between))))
