"""The clock of a world: running or frozen, set and advanced by control calls.

Times are whole microseconds since 1970-01-01 UTC everywhere in the code; only the wire uses
other forms.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from functools import lru_cache
from typing import Literal

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""The latest time of a clock, in microseconds."""

ClockMode = Literal["real", "frozen"]


class ClockError(ValueError):
    """The time is outside the years 1970 to 9999."""


def from_iso(text: str) -> int:
    """Parse an ISO 8601 time, UTC by default; raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    """Return the UTC `datetime` of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def to_iso(micros: int) -> str:
    """Write microseconds since 1970 as ISO 8601, six digits and a `Z`."""
    return to_datetime(micros).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def to_http(micros: int) -> str:
    """Write microseconds since 1970 as HTTP writes dates: `Wed, 01 Apr 2026 08:00:00 GMT`."""
    return http_date(micros // SECOND)


@lru_cache(maxsize=8)
def http_date(seconds: int) -> str:
    """Write seconds since 1970 so; those of the last requests are remembered."""
    return formatdate(seconds, usegmt=True)


class Clock:
    """The clock of a world.

    A real clock is the wall clock plus an offset; a frozen one stands still until it is advanced.
    Both can be set; neither leaves the years 1970 to 9999.
    """

    def __init__(self, mode: ClockMode = "real", wall: Callable[[], int] = time.time_ns) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._start_mode = mode
        self.on_change: Callable[[], object] = lambda: None
        """Called after each change of the time or the mode."""
        self.restart()

    @property
    def offset(self) -> int:
        """Offset of a real clock from the wall clock, in microseconds."""
        return self._offset

    def would_show(self, *, now: int | None = None, offset: int = 0) -> int:
        """Return the time after a restart; raises `ClockError`."""
        return _checked(self._wall() // 1000 + offset if now is None else now)

    def restart(
        self, *, mode: ClockMode | None = None, now: int | None = None, offset: int = 0
    ) -> None:
        """Restart in a mode, by default the one at the start; raises `ClockError`.

        The clock shows `now`, or the wall clock's time plus an offset in microseconds.
        """
        with self._lock:
            wall = self._wall() // 1000
            moment = _checked(wall + offset if now is None else now)
            self.mode: ClockMode = mode or self._start_mode
            self.moved = now is not None or offset != 0 or self.mode != self._start_mode
            """Whether the clock was changed since the start."""
            self._offset = offset if now is None else moment - wall
            self._frozen_at = moment
        self.on_change()

    def now(self) -> int:
        """Return the current time of this world in microseconds since 1970 UTC."""
        if self.mode == "frozen":
            return self._frozen_at
        return self._wall() // 1000 + self._offset

    def set(self, *, mode: ClockMode | None = None, now: int | None = None) -> None:
        """Set the mode and the time; raises `ClockError`."""
        with self._lock:
            moment = self.now() if now is None else _checked(now)
            self.moved = self.moved or mode is not None or now is not None
            self.mode = mode or self.mode
            # Both modes get the time, so that a later change of mode alone does not jump.
            self._frozen_at = moment
            self._offset = moment - self._wall() // 1000
        self.on_change()

    def advance(self, micros: int) -> None:
        """Advance the clock by microseconds; raises `ClockError`."""
        with self._lock:
            self._move(_checked(self.now() + micros))
        self.on_change()

    def reach(self, moment: int) -> None:
        """Advance the clock to a time, unless it is there already; raises `ClockError`."""
        with self._lock:  # of two concurrent calls, the second has nothing to do
            self._move(max(self.now(), _checked(moment)))
        self.on_change()

    def seconds_until(self, moment: int) -> float | None:
        """Return the real seconds until it shows a time, at least 0; None if it stands still."""
        return None if self.mode == "frozen" else max(0, moment - self.now()) / SECOND

    def _move(self, moment: int) -> None:
        self.moved = True
        self._offset += moment - self.now()
        self._frozen_at = moment


def _checked(moment: int) -> int:
    if not 0 <= moment <= LATEST:
        raise ClockError("the clock shows times from 1970 to 9999")
    return moment
