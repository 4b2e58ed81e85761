"""What a stored thing is: the base of every provider's resource dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import ClassVar

from emulator.core.contract.lifecycle import READY, State
from emulator.core.storage.filters import IndexKeys


@dataclass(kw_only=True)
class Resource:
    """A thing that exists, as handlers and wire schemas see it.

    `id` is unique per provider, scope and kind. Times are microseconds UTC. The store
    fills in times and state when it gives a resource out; subclasses add the members
    that are kept, of types JSON knows.
    """

    kind: ClassVar[str]

    id: str
    created_at: int = 0
    updated_at: int = 0
    state: State = READY
    reason: str | None = None
    """What was ordered to be said of its failure."""

    @property
    def status_message(self) -> str:
        """What is said beside the state: what was ordered of a failure, or what is usual."""
        return self.reason if self.reason and self.state.phase == "failed" else self.state.message

    @property
    def ready(self) -> bool:
        """Whether the resource can be used by calls that depend on it."""
        return self.state.phase == "ready"

    def stored_fields(self) -> dict[str, object]:
        """Give the members that are stored as the resource's body."""
        return {name: getattr(self, name) for name in _stored_names(type(self))}  # type: ignore[arg-type]  # classes are hashable

    def index_keys(self) -> IndexKeys | None:
        """Tell what lists can be filtered by; None where no list has filters or a total.

        A kind that is filed never ceases to exist by itself.
        It is filed by what is kept, and by no times or state: time files nothing.
        """
        return None

    @classmethod
    def is_indexed(cls) -> bool:
        """Whether lists of this kind have filters or a total: it has a `filing` of its own."""
        return cls.index_keys is not Resource.index_keys

    def facts(self) -> dict[str, object]:
        """Give everything an error text may say about the resource."""
        return {**self.stored_fields(), "id": self.id, "state": self.state.name}


_COMPUTED = frozenset(member.name for member in fields(Resource))


@cache
def _stored_names(kind: type[Resource]) -> tuple[str, ...]:
    return tuple(member.name for member in fields(kind) if member.name not in _COMPUTED)
