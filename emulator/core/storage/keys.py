"""What identifies a kind, a resource and a claim in a store."""

from __future__ import annotations

from typing import NamedTuple


class KindKey(NamedTuple):
    """Identifies a kind in a scope."""

    world: str
    provider: str
    scope: str
    kind: str


class Key(NamedTuple):
    """Identifies a resource."""

    world: str
    provider: str
    scope: str
    kind: str
    id: str

    @property
    def of_kind(self) -> KindKey:
        """The key of its kind."""
        return KindKey(*self[:-1])


class Claim(NamedTuple):
    """A text that one resource of a provider and scope holds, as it is stored."""

    provider: str
    scope: str
    kind: str
    id: str
    claim: str
