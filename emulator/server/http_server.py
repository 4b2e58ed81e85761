"""An HTTP/1.1 server of one WSGI application: any number of sockets, one thread.

asyncio waits, httptools parses; decision 7 says why no other server is used.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from socket import socket

from emulator.core.http.wsgi import Wsgi
from emulator.server.connection import Connection
from emulator.server.messages import refusal
from emulator.server.sockets import BACKLOG

GRACE = 5
"""Seconds for responses that are due when the server stops."""

KEEP_ALIVE = 75
"""Seconds after which a connection without a request is closed."""

STALLED = 30
"""Seconds after which a connection is closed of whose request no more bytes come."""

_SWEEP = 5
"""Seconds between two looks for such connections."""

_USUAL = 1024
"""Open files of a process where the system tells no limit."""

_RESERVED = 64
"""Open files that are left to others: the database, the log, what is imported."""


class HttpServer:
    """Serves a WSGI application until it is stopped; `stop` may be called from any thread."""

    def __init__(self, app: Wsgi, longest_body: int) -> None:
        """Keep no more than a byte over `longest_body` bytes of a body."""
        self.app = app
        self.longest_body = longest_body
        self.is_stopping = False
        self._connections: set[Connection] = set()
        self._most = _most_connections()
        self._date = (0, "")

    async def serve(self, sockets: Sequence[socket], ready: Callable[[], None]) -> None:
        """Serve on listening sockets, which are closed at the end; call `ready` at the start."""
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        servers = [
            await self._loop.create_server(lambda: Connection(self), sock=each, backlog=BACKLOG)
            for each in sockets
        ]
        sweeping = asyncio.ensure_future(self._sweep())
        ready()
        await self._stopped.wait()
        self.is_stopping = True
        sweeping.cancel()
        for server in servers:
            server.close()
        await self._drain()

    def stop(self) -> None:
        """Stop, after the responses that are due."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    def now(self) -> float:
        """Return seconds of a monotonic clock."""
        return time.monotonic()

    def date(self) -> str:
        """Return the time of day as a `Date` header has it."""
        second = int(self.now())
        if second != self._date[0]:
            self._date = (second, formatdate(usegmt=True))
        return self._date[1]

    def add(self, connection: Connection) -> None:
        """Take a connection in; where there are too many, one that is idle goes for it."""
        if len(self._connections) >= self._most:
            idle = [each for each in self._connections if each.is_idle]
            if not idle:
                text = f"The emulator serves {self._most} connections at a time."
                connection.transport.write(refusal(503, "TooManyConnections", text, self.date()))
                connection.transport.close()
                return
            min(idle, key=lambda each: each.touched).transport.abort()
        self._connections.add(connection)

    def discard(self, connection: Connection) -> None:
        """Forget a connection that was closed."""
        self._connections.discard(connection)

    async def _sweep(self) -> None:
        """Close connections on which nothing happens."""
        while True:
            await asyncio.sleep(_SWEEP)
            now = self.now()
            for each in tuple(self._connections):
                patience = KEEP_ALIVE if each.is_idle else STALLED
                if not each.is_busy and now - each.touched > patience:
                    each.transport.abort()

    async def _drain(self) -> None:
        """Close what is idle at once and the rest when it has been answered, or after a while."""
        deadline = self.now() + GRACE
        for each in tuple(self._connections):
            each.close()
        while self._connections and self.now() < deadline:
            await asyncio.sleep(0.01)
        for each in tuple(self._connections):
            each.transport.abort()


def _most_connections() -> int:
    """Return how many connections the limit of open files allows."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return _USUAL - _RESERVED
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(soft - _RESERVED, _RESERVED)
