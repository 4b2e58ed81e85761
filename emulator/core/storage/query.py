"""What a list is asked for, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from emulator.core.storage.filters import Filter, IndexKeys
from emulator.core.storage.keys import KindKey
from emulator.core.storage.resource import R, Resource

T = TypeVar("T")

ALL = 2**62
"""A length of lists above any number of resources."""

Order = Literal["created_at", "updated_at"]

ListOrder = Order | Literal["id", "shuffled"]
"""`shuffled` is an order by a digest of the id: it says nothing, and is always the same."""


class Position(NamedTuple):
    """A position in the order of creation: that of the resource with this time and number."""

    created_at: int
    number: int


@dataclass(frozen=True, kw_only=True)
class Query(Generic[R]):
    """What to list, and how; by default every resource of the kind, oldest first.

    - `parent`: those under this one. Without it, all of the scope; but a list with filters or a
      total then has the ones without a parent, because index keys are kept by parent.
    - `where`: filters, which need index keys. `ids`: only these. `keep`: a test of what no index
      can tell; then every other match is read.
    - `after`, `before`: bounds of the time of creation, exclusively, in microseconds.
    - `order`, `newest_first`: ties are in order of creation.
    - `most` items from an offset (`skip`), or after the page of a `token`, which needs the order of
      creation, or one by id. Lists by id are read through, and have neither offset nor tests.
    - `counted`: whether the page has the total of the whole list.
    """

    parent: str | None = None
    where: Sequence[Filter] = ()
    ids: Iterable[str] | None = None
    keep: Callable[[R], bool] | None = None
    after: int | None = None
    before: int | None = None
    order: ListOrder = "created_at"
    newest_first: bool = False
    skip: int = 0
    token: str | None = None
    most: int | None = None
    counted: bool = False

    def fits(self, resource: Resource) -> bool:
        """Return whether a resource passes every filter, `keep` apart."""
        index_keys = resource.index_keys() or IndexKeys()
        late_enough = self.after is None or resource.created_at > self.after
        early_enough = self.before is None or resource.created_at < self.before
        return late_enough and early_enough and all(each.holds(index_keys) for each in self.where)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of the listed resources, in order.

    `total` is that of the whole list, None if it was not counted; `token` is that of the next
    page, None after the last one.
    """

    items: list[T]
    total: int | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of rows as an engine reads it: those that exist at `now`, with the bounds of a query.

    It starts after `beyond`, which does not change its total. With `indexed` it comes from the
    index keys, which have resources by parent.
    """

    of_kind: KindKey
    now: int
    parent: str | None = None
    where: Sequence[Filter] = ()
    after: int | None = None
    before: int | None = None
    order: Order = "created_at"
    newest_first: bool = False
    beyond: Position | None = None
    skip: int = 0
    most: int = ALL
    indexed: bool = False
    counted: bool = False
