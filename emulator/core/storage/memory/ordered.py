"""Sorted lists, and the order of creation."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

from emulator.core.storage.rows import ResourceRow

Age = tuple[int, int, str]
"""A resource in the order of creation: its time, its number among those of that time, its id."""


def age_of(row: ResourceRow) -> Age:
    """Return the age of a resource."""
    return row.created_at, row.number, row.id


def insert(ordered: list[Age], age: Age) -> None:
    """Insert an age into a sorted list; most are later than all others."""
    if not ordered or ordered[-1] < age:
        ordered.append(age)
    else:
        insort(ordered, age)


def remove(ordered: list[Age], age: Age) -> None:
    """Remove an age from a sorted list that has it."""
    del ordered[bisect_left(ordered, age)]


def has(ordered: Sequence[Age], age: Age) -> bool:
    """Return whether a sorted list has an age."""
    place = bisect_left(ordered, age)
    return place < len(ordered) and ordered[place] == age
