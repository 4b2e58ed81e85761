"""What a server does with an answer that is late, cut off in the middle, or never sent."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from emulator.core.http.exchange import Response

_MOST_FILES = 4096
_NETWORK = (socket.AF_INET, socket.AF_INET6)

_LOOK = 0.02
"""Seconds between two looks at what is waited for, at least."""

_SHARE = 3
"""How many times as long as a look took is waited until the next: others want answers, too."""


class Retries:
    """Repeats a request until its response is another one or its time is up.

    Iterating gives the seconds to pause before each retry. `response` is the latest one.
    """

    def __init__(self, response: Response, clock: Callable[[], float]) -> None:
        """Retry for `response.wait` seconds of a monotonic `clock`."""
        self.response = response
        self._clock = clock

    def __iter__(self) -> Iterator[float]:
        deadline, took = self._clock() + self.response.wait, 0.0
        while self.response.retry and self._clock() < deadline:
            yield pause_after(took, deadline - self._clock())
            begun = self._clock()
            self.response = self.response.retry()
            took = self._clock() - begun


def pause_after(took: float, left: float) -> float:
    """Tell for how long to wait after a look, all in seconds."""
    return min(max(_LOOK, _SHARE * took), left)


def cut_connection_from(peer: tuple[str, str]) -> None:
    """Close the connection of this process that comes from an address; none is no error.

    ASGI has no word for that, so the connection is looked for among the open files.
    """
    for number in filter(_is_socket, _open_files()):
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as connection:
            if connection.family not in _NETWORK:
                continue
            host, port = connection.getpeername()[:2]
            if (host, str(port)) == tuple(peer):
                connection.shutdown(socket.SHUT_RDWR)


def _is_socket(number: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:  # closed since
        return False


def _open_files() -> list[int]:
    folder = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")
    with suppress(OSError):
        return [int(file.name) for file in folder.iterdir()]
    return list(range(3, _MOST_FILES))
