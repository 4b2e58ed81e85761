"""The one clock of a world: running or frozen, and moved by whoever commands it.

Times are whole microseconds since 1970-01-01 UTC everywhere in the code; only the
wire turns them into something else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""The last time a clock can show."""

ClockMode = Literal["real", "frozen"]


class ClockError(ValueError):
    """The clock was asked for a time outside 1970 to 9999."""


def from_iso(text: str) -> int:
    """Read an ISO 8601 time, taken as UTC where it names no zone; raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    """Give the UTC `datetime` of a number of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def to_iso(micros: int) -> str:
    """Write microseconds since 1970 as ISO 8601, six digits and a `Z`."""
    return to_datetime(micros).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class Clock:
    """Tells the time of a world.

    A real clock is the wall clock plus an offset; a frozen one stands still until it
    is moved. Both can be set and advanced; neither leaves the years 1970 to 9999.
    """

    def __init__(self, mode: ClockMode = "real", wall: Callable[[], int] = time.time_ns) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._start_mode = mode
        self.restart()

    @property
    def offset(self) -> int:
        """How far a real clock is ahead of the wall clock, in microseconds."""
        return self._offset

    def would_show(self, *, now: int | None = None, offset: int = 0) -> int:
        """Tell the time that the clock would restart at; raises `ClockError`."""
        return _checked(self._wall() // 1000 + offset if now is None else now)

    def restart(
        self, *, mode: ClockMode | None = None, now: int | None = None, offset: int = 0
    ) -> None:
        """Start over in a mode, if not in that the clock was made with; raises `ClockError`.

        It shows `now`, or the wall clock's time plus an offset in microseconds.
        """
        with self._lock:
            wall = self._wall() // 1000
            moment = _checked(wall + offset if now is None else now)
            self.mode: ClockMode = mode or self._start_mode
            self.moved = now is not None or offset != 0 or self.mode != self._start_mode
            """Whether it is otherwise than when it was made."""
            self._offset = offset if now is None else moment - wall
            self._frozen_at = moment

    def now(self) -> int:
        """Give the current time of this world in microseconds since 1970 UTC."""
        if self.mode == "frozen":
            return self._frozen_at
        return self._wall() // 1000 + self._offset

    def set(self, *, mode: ClockMode | None = None, now: int | None = None) -> None:
        """Freeze or release the clock, at `now` or at the time it shows; raises `ClockError`."""
        with self._lock:
            moment = self.now() if now is None else _checked(now)
            self.moved = self.moved or mode is not None or now is not None
            self.mode = mode or self.mode
            self._frozen_at = moment
            self._offset = moment - self._wall() // 1000

    def advance(self, micros: int) -> None:
        """Move the clock forward; raises `ClockError` when it would leave its range."""
        with self._lock:
            self._move(_checked(self.now() + micros))

    def reach(self, moment: int) -> None:
        """Move the clock forward to a time, unless it is there already; raises `ClockError`."""
        with self._lock:  # of two who settle at once, the second has nothing to do
            self._move(max(self.now(), _checked(moment)))

    def _move(self, moment: int) -> None:
        self.moved = True
        self._offset += moment - self.now()
        self._frozen_at = moment


def _checked(moment: int) -> int:
    if not 0 <= moment <= LATEST:
        raise ClockError("the clock shows times from 1970 to 9999")
    return moment
