"""Counts changes of something shared, so that others can wait for the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass


class Changes:
    """Counts changes, and wakes those who wait for one."""

    def __init__(self) -> None:
        self._count = 0
        self._wakers: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """The number of changes so far."""
        return self._count

    def note(self) -> None:
        """Count a change, after it can be seen, and wake everyone."""
        with self._lock:
            self._count += 1
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()

    @contextmanager
    def waking(self, wake: Callable[[], object], since: int) -> Iterator[None]:
        """Call `wake` at each change within the block, and now if one came after `since`.

        `wake` is called on the thread that made the change, and must not wait.
        """
        with self._lock:
            self._wakers.append(wake)
            missed = self._count != since
        try:
            if missed:
                wake()
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)


@dataclass(frozen=True, slots=True)
class Awaited:
    """What can end a wait: a change after those counted, or `seconds` of real time, if not None.

    The changes are counted before the look that did not find what is waited for.
    """

    changes: Changes
    count: int
    seconds: float | None = None

    def waking(self, wake: Callable[[], object]) -> AbstractContextManager[None]:
        """Call `wake` within the block at each change, and at once if one was missed."""
        return self.changes.waking(wake, self.count)
