"""Totals of lists that had to be counted: each write corrects them, so they are counted once.

They are those of one process. A total is right as long as no other process writes to the database,
and only SQLite tells cheaply whether one has: elsewhere every total is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.core.storage.filters import Filter, IndexKeys
from emulator.core.storage.keys import KindKey
from emulator.core.storage.sql.prepared import Cursor

_MOST = 32
"""Number of totals of one list; the one that was not asked for the longest makes room."""

_MOST_LISTS = 1024
"""Number of lists with totals; the one that was counted first makes room."""

ListKey = tuple[KindKey, str | None]
"""A kind and a parent."""

Counted = dict[frozenset[Filter], int]
"""Totals by filters."""


class Totals:
    """The totals that this process knows of a SQLite database."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lists: dict[ListKey, Counted] = {}
        self._version: int | None = None

    def find(self, cursor: Cursor, key: ListKey, where: Sequence[Filter]) -> int | None:
        """Return the total of a list with filters, if it is known."""
        # It changes when another connection has written, and this process has only one.
        version = cursor.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self.clear()
            self._version = version
        counted, filters = self._lists.get(key, {}), frozenset(where)
        total = counted.pop(filters, None)
        if total is not None:
            counted[filters] = total
        return total

    def note(self, key: ListKey, where: Sequence[Filter], total: int) -> None:
        """Note a total that was counted after `find` did not know it."""
        if key not in self._lists and len(self._lists) == _MOST_LISTS:
            del self._lists[next(iter(self._lists))]
        counted = self._lists.setdefault(key, {})
        if len(counted) == _MOST:
            del counted[next(iter(counted))]
        counted[frozenset(where)] = total

    def correct(self, key: ListKey, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Follow a change of the index keys of a resource in a list."""
        counted = self._lists.get(key, {})
        for filters, total in counted.items():
            counted[filters] = total + _passes(new, filters) - _passes(old, filters)

    def forget(self, world: str, provider: str) -> None:
        """Drop the totals of a provider in a world."""
        for key in [key for key in self._lists if key[0][:2] == (world, provider)]:
            del self._lists[key]

    def clear(self) -> None:
        """Drop every total."""
        self._lists.clear()


def _passes(index_keys: IndexKeys | None, filters: Iterable[Filter]) -> bool:
    return index_keys is not None and all(each.holds(index_keys) for each in filters)
