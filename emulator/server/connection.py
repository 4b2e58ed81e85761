"""One connection: takes requests, one after the other, and writes the responses.

A WSGI application is called on the thread of the event loop, once a request has arrived as a whole:
half a request is no request. Responses that faults delay, cut off or hold back are sent by a task.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Protocol, cast

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE, Environ, Wsgi
from emulator.core.primitives import json_text
from emulator.server.delivery import latest
from emulator.server.messages import SERVER, environ_of, refusal, response_bytes
from emulator.server.reader import Incoming, RequestReader, Unreadable

log = logging.getLogger(__name__)

_MOST_QUEUED = 64
"""Maximum number of requests that are read ahead of their turn."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_INTERNAL_ERROR = {"error": "InternalError", "message": "The emulator failed; its log says how."}


class Owner(Protocol):
    """The server that a connection belongs to."""

    app: Wsgi
    longest_body: int
    """Bytes of a body that anybody reads."""
    is_stopping: bool

    def now(self) -> float:
        """Return seconds of a monotonic clock."""

    def date(self) -> str:
        """Return the time of day as a `Date` header has it."""

    def add(self, connection: Connection) -> None:
        """Take a connection in, or refuse it."""

    def discard(self, connection: Connection) -> None:
        """Forget a connection that was closed."""


class Connection(asyncio.Protocol):
    """A connection of a client."""

    def __init__(self, server: Owner) -> None:
        self._server = server
        self._reader = RequestReader(self._take, self._go_on_with_body, server.longest_body)
        self._shared: Environ = {}
        self._waiting: deque[Incoming] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._at_end = False
        """Whether the client sends no more."""
        self._ended: asyncio.Future[None] | None = None
        """Done once the client sends no more, while a delivery waits."""
        self.touched = 0.0
        """When something last came or went, in seconds of the loop's clock."""

    @property
    def is_busy(self) -> bool:
        """Whether a response is due; nothing times out meanwhile."""
        return self._delivery is not None

    @property
    def is_idle(self) -> bool:
        """Whether nothing of a request has come since the last response."""
        return self._delivery is None and self._reader.is_between

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the server may refuse one connection too many."""
        self.transport = cast("asyncio.Transport", transport)
        self.touched = self._server.now()
        server, client = (transport.get_extra_info(each) for each in ("sockname", "peername"))
        self._shared = {
            **SERVER,
            "SERVER_NAME": server[0],
            "SERVER_PORT": str(server[1]),
            "REMOTE_ADDR": client[0],
            "wsgi.url_scheme": "https" if transport.get_extra_info("sslcontext") else "http",
        }
        self._server.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what has not arrived as a whole."""
        self._server.discard(self)
        self._end()
        self._reader.forget()
        self._waiting.clear()

    def eof_received(self) -> bool:
        """Keep the connection for a response that is due; half a request gets none."""
        self._at_end = True
        self._end()
        return self.is_busy

    def _end(self) -> None:
        if self._ended and not self._ended.done():
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Read on; refuse what is no request."""
        self.touched = self._server.now()
        try:
            self._reader.feed(data)
        except Unreadable as wrong:
            self._refuse(wrong)

    def _take(self, incoming: Incoming) -> None:
        if self._delivery is None:
            self._respond(incoming)
            return
        self._waiting.append(incoming)
        if len(self._waiting) >= _MOST_QUEUED:
            self.transport.pause_reading()

    def _respond(self, incoming: Incoming) -> None:
        if self.transport.is_closing():
            return
        environ = environ_of(
            self._shared,
            method=incoming.method,
            target=incoming.target,
            version=incoming.version,
            fields=incoming.fields,
            body=bytes(incoming.body),
        )
        status, headers, body = self._call(environ)
        faulty: Response | None = environ.get(RESPONSE)
        if faulty is None:
            self._write(incoming, status, headers, body)
            return
        ended = self._ended = asyncio.get_running_loop().create_future()
        self._delivery = asyncio.ensure_future(self._deliver(incoming, faulty, ended))

    def _call(self, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        try:
            body = b"".join(self._server.app(environ, lambda *start: started.append(start[:2])))
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return 500, [("Content-Type", "application/json")], json_text.write(_INTERNAL_ERROR)
        status, headers = started[-1]
        return int(status[:3]), headers, body

    def _write(
        self, incoming: Incoming, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        head, body = response_bytes(
            status,
            headers,
            body,
            method=incoming.method,
            date=self._server.date(),
            keep_alive=incoming.keep_alive,
        )
        self.transport.write(head + body)
        if not incoming.keep_alive or self._server.is_stopping:
            self.transport.close()

    async def _deliver(
        self, incoming: Incoming, faulty: Response, ended: asyncio.Future[None]
    ) -> None:
        """Send a response late, in part or not at all, after any retries; then go on."""
        try:
            response = await latest(faulty, self._server.now, ended)
            await asyncio.sleep(response.delay)
            self._send(incoming, response)
        except Exception:
            log.exception("a response could not be delivered")
            self.transport.close()
        finally:
            self._delivery = self._ended = None
            self.touched = self._server.now()
            self._go_on()

    def _send(self, incoming: Incoming, response: Response) -> None:
        if response.close_connection:
            self.transport.close()
            return
        if response.truncate_bytes is None:
            self._write(incoming, response.status, list(response.headers), response.body)
            return
        length = ("Content-Length", str(len(response.body)))
        part = response.body[: response.truncate_bytes]
        self._write(incoming, response.status, [*response.headers, length], part)
        self.transport.close()  # once all of it is written

    def _go_on(self) -> None:
        """Respond to the requests that came meanwhile."""
        while self._waiting and self._delivery is None and not self.transport.is_closing():
            self._respond(self._waiting.popleft())
        if self._at_end and not self.is_busy:
            self.transport.close()
        if not self.transport.is_closing() and len(self._waiting) < _MOST_QUEUED:
            self.transport.resume_reading()

    def _go_on_with_body(self) -> None:
        self.transport.write(_CONTINUE)

    def _refuse(self, wrong: Unreadable) -> None:
        """Answer what is no request, and close."""
        self._reader.forget()
        if not self.transport.is_closing():
            if not self.is_busy:
                date = self._server.date()
                self.transport.write(refusal(wrong.status, wrong.error, wrong.message, date))
            self.transport.close()

    def close(self) -> None:
        """Close the connection, after a response that is due."""
        if not self.is_busy:
            self.transport.close()
