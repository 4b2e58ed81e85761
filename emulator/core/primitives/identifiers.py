"""Ids of resources and requests, from one source that can be seeded.

A seeded id depends on its `purpose` (world, provider, scope, kind, name) and on how many ids were
generated for it, never on the order in which other things were created.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from uuid import UUID


def chances(seed: int | None) -> Iterator[float]:
    """Generate numbers from 0 to 1, 1 excluded; the same seed gives the same numbers."""
    for turn in count():
        digest = hashlib.blake2b(f"{seed}/{turn}".encode(), digest_size=8).digest()
        yield int.from_bytes(secrets.token_bytes(8) if seed is None else digest, "big") / 2**64


class Identifiers:
    """Generates ids; the same seed gives the same ids for the same purposes."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self.is_seeded = seed is not None
        """Whether ids depend on their purpose."""
        self._drawn: Counter[tuple[str, ...]] = Counter()
        self._latest: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def reset(self, drawn: Mapping[tuple[str, ...], int] | None = None) -> None:
        """Reset the counters of a seeded source, or set them."""
        with self._lock:
            self._drawn = Counter(drawn)
            self._latest.clear()

    def drawn(self) -> Mapping[tuple[str, ...], int]:
        """Return the counters of a seeded source, by purpose."""
        with self._lock:
            return dict(self._drawn)

    def latest(self) -> Mapping[tuple[str, ...], int]:
        """Return the counters that changed since the last call."""
        with self._lock:
            latest = {purpose: self._drawn[purpose] for purpose in self._latest}
            self._latest.clear()
        return latest

    def uuid(self, *purpose: str, version: int = 4) -> UUID:
        """Generate a UUID with `version` in its third group."""
        return UUID(bytes=self._bytes(16, purpose), version=version)

    def text(self, alphabet: str, length: int, *purpose: str) -> str:
        """Generate `length` characters of `alphabet`."""
        # 8 bits per character and 64 more: the remainders of that many bits are uniform enough.
        number = int.from_bytes(self._bytes(length + 8, purpose), "big")
        letters = []
        for _ in range(length):
            number, remainder = divmod(number, len(alphabet))
            letters.append(alphabet[remainder])
        return "".join(letters)

    def hex(self, length: int, *purpose: str) -> str:
        """Generate `length` lower-case hexadecimal digits."""
        return self._bytes((length + 1) // 2, purpose).hex()[:length]

    def _bytes(self, count: int, purpose: tuple[str, ...]) -> bytes:
        if self._seed is None:
            return secrets.token_bytes(count)
        name = hashlib.blake2b("\0".join(purpose).encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            self._drawn[purpose] += 1
            self._latest.add(purpose)
            turn = self._drawn[purpose]
        # The counter is part of the text, so an id does not depend on how many others were made.
        source = hashlib.shake_256(f"{self._seed}/{turn}/".encode() + name)
        return source.digest(count)
