"""What a call must be like: the reader behind faults, `verify`, `wait` and `GET requests`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from emulator.core.contract.model import Document
from emulator.core.primitives.json_pointer import value_at


class Call(Protocol):
    """The parts of a call that a match looks at."""

    @property
    def provider(self) -> str | None:
        """The provider; None if it was not recognised."""

    @property
    def operation(self) -> str | None:
        """The operation; None if it was not recognised."""

    @property
    def status(self) -> int | None:
        """The status of the response; None before there is one."""

    @property
    def document(self) -> object:
        """The JSON document of the request; None if it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A call that has no response yet."""

    provider: str
    operation: str
    document: object
    status: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Conditions on a call; all that are not None have to hold."""

    provider: str | None = None
    operation: str | None = None
    status: int | None = None
    fields: Document = field(default_factory=dict)
    """JSON Pointers, or names of members, with their values; None fits an absent member."""

    @classmethod
    def read(cls, document: Document) -> Match:
        """Read the members of a document that are conditions; others are ignored."""
        return cls(**{name: document[name] for name in cls.__slots__ if name in document})

    def fits(self, call: Call) -> bool:
        """Tell whether a call meets every condition."""
        return (
            self.provider in (None, call.provider)
            and self.operation in (None, call.operation)
            and self.status in (None, call.status)
            and (not self.fields or self._has_fields(call.document))
        )

    def _has_fields(self, document: object) -> bool:
        return all(value_at(document, path) == value for path, value in self.fields.items())
