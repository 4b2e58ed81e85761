"""Filters of lists, and the index keys they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, Required, TypedDict, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A position in a list: after the resource with this time of creation and number."""

    created_at: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexKeys:
    """The index keys of a resource, so that lists need no full scan.

    `facets` have one value or several, which a filter names in full; of `texts` a filter names a
    part, in the same case.
    """

    facets: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def values(self, facet: str) -> Sequence[str]:
        """List the values of a facet."""
        found = self.facets.get(facet, ())
        return [found] if isinstance(found, str) else found


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The facet has one of the values; `overlapping` if a resource may have two of them."""

    facet: str
    values: Sequence[str]
    overlapping: bool = False

    def holds(self, index_keys: IndexKeys) -> bool:
        """Return whether a resource with these index keys passes."""
        return not set(self.values).isdisjoint(index_keys.values(self.facet))


@dataclass(frozen=True, slots=True)
class Contains:
    """One of the texts of this name contains the part."""

    name: str
    part: str

    def holds(self, index_keys: IndexKeys) -> bool:
        """Return whether a resource with these index keys passes."""
        return any(self.part in text for text in index_keys.texts.get(self.name, ()))


Filter = AnyOf | Contains


class Listed(Protocol):
    """The parts of a resource that filters look at."""

    created_at: int

    def index_keys(self) -> IndexKeys | None:
        """Return the index keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPage(Generic[T]):
    """Some of the matching resources, in order, and the total.

    `token` is that of the next page, or None.
    """

    items: list[T]
    total: int
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query for a list; `after` and `before` bound the time of creation, exclusively.

    The list starts after `beyond`, which does not change its total. `order` is `created_at` or
    `updated_at`; ties are in order of creation.
    """

    where: Sequence[Filter] = ()
    after: int | None = None
    before: int | None = None
    order: str = "created_at"
    newest_first: bool = False
    skip: int = 0
    beyond: Position | None = None
    most: int

    def fits(self, resource: Listed) -> bool:
        """Return whether a resource passes every filter."""
        index_keys = resource.index_keys() or IndexKeys()
        late_enough = self.after is None or resource.created_at > self.after
        early_enough = self.before is None or resource.created_at < self.before
        return late_enough and early_enough and all(each.holds(index_keys) for each in self.where)

    def begins_before(self, position: Position) -> bool:
        """Return whether a position comes after `beyond`."""
        if self.beyond is None:
            return True
        candidate, start = ((p.created_at, p.number) for p in (position, self.beyond))
        return candidate < start if self.newest_first else candidate > start


class QueryOptions(TypedDict, total=False):
    """The members of a `Query`, as keyword arguments."""

    where: Sequence[Filter]
    after: int | None
    before: int | None
    order: str
    newest_first: bool
    skip: int
    most: Required[int]
