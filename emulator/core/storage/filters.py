"""Filters of lists, and the index keys they use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

GRAM = 3
"""Length of the parts of texts in an index, in characters."""


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

    def __post_init__(self) -> None:
        # Each value once, in an object that nobody can change: an engine may keep the filter.
        object.__setattr__(self, "values", tuple(dict.fromkeys(self.values)))

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


def grams(text: str) -> set[str]:
    """Return every three consecutive characters of a text."""
    return {text[start : start + GRAM] for start in range(len(text) - GRAM + 1)}
