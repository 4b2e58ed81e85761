"""What identifies a kind, a resource and a claim in a store."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

_LONGEST_CLAIM = 200
"""Length of a claim that is stored as it is; a longer one is stored as a digest."""


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


def short(claim: str) -> str:
    """Return a claim, or the digest of one that is too long for an index of a database."""
    encoded = claim.encode("unicode_escape")
    return claim if len(encoded) <= _LONGEST_CLAIM else hashlib.sha256(encoded).hexdigest()
