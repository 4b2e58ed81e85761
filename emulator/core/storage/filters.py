"""What lists of a resource can be filtered by, and the filters themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, Required, TypedDict, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a list: after the resource with this number of those created at this moment."""

    created_at: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexKeys:
    """Under what a resource is filed, so that lists find it without looking at all others.

    `facets` have a value, or several at once, that a filter names in full; of `texts` a
    filter names a part, in the same case.
    """

    facets: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def values(self, facet: str) -> Sequence[str]:
        """List the values of a facet."""
        found = self.facets.get(facet, ())
        return [found] if isinstance(found, str) else found


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The facet has one of the values; `overlapping` where a resource may have two of them."""

    facet: str
    values: Sequence[str]
    overlapping: bool = False

    def holds(self, index_keys: IndexKeys) -> bool:
        """Tell whether a resource with this filing passes."""
        return not set(self.values).isdisjoint(index_keys.values(self.facet))


@dataclass(frozen=True, slots=True)
class Contains:
    """One of the texts of this name contains the part."""

    name: str
    part: str

    def holds(self, index_keys: IndexKeys) -> bool:
        """Tell whether a resource with this filing passes."""
        return any(self.part in text for text in index_keys.texts.get(self.name, ()))


Filter = AnyOf | Contains


class Listed(Protocol):
    """A resource, as far as filters look at it."""

    created_at: int

    def index_keys(self) -> IndexKeys | None:
        """Tell what lists can be filtered by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedPage(Generic[T]):
    """Some of the resources that were asked for, in order, and how many there are in all.

    `token` is that of the slice after it; None after the last.
    """

    items: list[T]
    total: int
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a list is asked for; `after` and `before` bound the time of creation, exclusively.

    `beyond` is the place after which the list begins, which its total does not mind. `order`
    is `created_at` or `updated_at`; what ties is in the order of creation.
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
        """Tell whether a resource passes every filter."""
        index_keys = resource.index_keys() or IndexKeys()
        late_enough = self.after is None or resource.created_at > self.after
        early_enough = self.before is None or resource.created_at < self.before
        return late_enough and early_enough and all(each.holds(index_keys) for each in self.where)

    def begins_before(self, position: Position) -> bool:
        """Tell whether a place is in what is left after `beyond`."""
        if self.beyond is None:
            return True
        here, there = ((p.created_at, p.number) for p in (position, self.beyond))
        return here < there if self.newest_first else here > there


class QueryOptions(TypedDict, total=False):
    """The members of a `Search`, as keyword arguments."""

    where: Sequence[Filter]
    after: int | None
    before: int | None
    order: str
    newest_first: bool
    skip: int
    most: Required[int]
