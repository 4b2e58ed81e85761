"""The base of resource dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from emulator.core.contract.lifecycle import READY, State
from emulator.core.primitives.templates import fill
from emulator.core.storage.filters import IndexKeys


@dataclass(kw_only=True)
class Resource:
    """A resource, as handlers and wire schemas see it.

    `id` is unique per provider, scope and kind. Times are microseconds UTC. The repository sets
    times and state when it returns a resource; subclasses add the stored members, of JSON types.
    """

    kind: ClassVar[str]
    identifier: ClassVar[str] = "id"
    """The name that messages have for its id."""
    facets: ClassVar[Sequence[str]] = ()
    """Attributes that lists filter by in full."""
    texts: ClassVar[Sequence[str]] = ()
    """Attributes of which lists search a part."""
    is_indexed: ClassVar[bool] = False
    """Whether lists of this kind have filters or a total; worked out from the class."""
    gives_way: ClassVar[bool] = False
    """Whether one that is being deleted makes room for another with its id or a unique text."""
    body_schema: ClassVar[Mapping[str, object] | None] = None
    """The JSON Schema of the stored members; None where it follows from the type hints."""

    id: str
    created_at: int = 0
    updated_at: int = 0
    state: State = READY
    reason: str | None = None
    """The reason of a failure, if a fault or a control call gave one."""

    def __init_subclass__(cls) -> None:
        """Work out whether a kind is indexed."""
        has_own = cls.index_keys is not Resource.index_keys
        cls.is_indexed = bool(cls.facets or cls.texts) or has_own

    @property
    def status(self) -> str:
        """The name of its state."""
        return self.state.name

    @property
    def status_message(self) -> str:
        """The status message: the given reason of a failure, else that of the state."""
        return self.reason if self.reason and self.state.phase == "failed" else self.state.message

    @property
    def failure_reason(self) -> str | None:
        """The reason of its failure, if it has failed: the given one, else that of the state."""
        if self.state.phase != "failed":
            return None
        return self.reason or str(fill(self.state.message, self.facts())) or None

    @property
    def ready(self) -> bool:
        """Whether the resource can be used by calls that depend on it."""
        return self.state.phase == "ready"

    if TYPE_CHECKING:  # the members that the contract says are stored

        def __init__(self, *, id: str, **members: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...

    def showing(self, **attributes: Any) -> Self:
        """Return a copy with further attributes, for a response; they are not stored."""
        shown = copy(self)
        vars(shown).update(attributes)
        return shown

    def stored_fields(self) -> dict[str, object]:
        """Return the members that are stored as the resource's body."""
        return {name: getattr(self, name) for name in self.stored_names()}

    @classmethod
    def stored_names(cls) -> tuple[str, ...]:
        """Return the names of the stored members."""
        return stored_names(cls)

    def index_keys(self) -> IndexKeys | None:
        """Return the index keys, or None if no list of this kind has filters or a total.

        An indexed kind never expires by itself. Its keys depend on stored members, never on times
        or states, because time writes nothing.
        """
        if not self.is_indexed:
            return None
        values = {name: getattr(self, name) for name in (*self.facets, *self.texts)}
        return IndexKeys(
            facets={name: values[name] for name in self.facets if values[name] not in (None, "")},
            texts={name: _listed(values[name]) for name in self.texts},
        )

    def facts(self) -> dict[str, object]:
        """Return the facts for error texts."""
        return {**self.stored_fields(), "id": self.id, "state": self.state.name}


R = TypeVar("R", bound=Resource)

_COMPUTED = frozenset(member.name for member in fields(Resource))


def _stored_names(kind: Any) -> tuple[str, ...]:
    return tuple(member.name for member in fields(kind) if member.name not in _COMPUTED)


stored_names: Callable[[type[Resource]], tuple[str, ...]] = cache(_stored_names)  # type: ignore[assignment]  # classes are hashable
"""Returns the names of the stored members of a kind."""


def _listed(value: str | Sequence[str] | None) -> Sequence[str]:
    return [] if value is None else [value] if isinstance(value, str) else value
