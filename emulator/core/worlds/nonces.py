"""Remembers the nonces of signed requests, to reject replays."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Nonces:
    """Nonces that were used, kept until a replay would be rejected for its age."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, key: str, nonce: str, *, now: int, lasts: int) -> bool:
        """Record a nonce of a key for `lasts` microseconds; return False if it is a replay."""
        with self._lock:
            while self._until and next(iter(self._until.values())) <= now:
                self._until.popitem(last=False)
            if self._until.get((key, nonce), now) > now:
                return False
            self._until[key, nonce] = now + lasts
            self._until.move_to_end((key, nonce))
            return True

    def clear(self) -> None:
        """Remove every nonce."""
        with self._lock:
            self._until.clear()
