"""Remembers the nonces of signed requests, so that none is taken twice."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Nonces:
    """Nonces that were used, until requests as old as theirs are refused for their age."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, key: str, nonce: str, *, now: int, lasts: int) -> bool:
        """Take a nonce of a key for `lasts` microseconds; False when it is taken already."""
        with self._lock:
            while self._until and next(iter(self._until.values())) <= now:
                self._until.popitem(last=False)
            if self._until.get((key, nonce), now) > now:
                return False
            self._until[key, nonce] = now + lasts
            self._until.move_to_end((key, nonce))
            return True

    def clear(self) -> None:
        """Forget every nonce."""
        with self._lock:
            self._until.clear()
