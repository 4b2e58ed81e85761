"""One connection: reads requests with httptools, one after the other, and writes the responses.

A WSGI application is called on the thread of the event loop, once a request has arrived as a whole:
half a request is no request. Responses that faults delay, cut off or hold back are sent by a task.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE, Environ
from emulator.core.pipeline.flask_app import MOST_DRAINED
from emulator.core.primitives import json_text
from emulator.server.delivery import Pause, Retries
from emulator.server.messages import SERVER, Field, environ_of, refusal, response_bytes

if TYPE_CHECKING:
    from emulator.server.http_server import HttpServer

log = logging.getLogger(__name__)

LONGEST_HEAD = 256 * 1024
"""Maximum number of bytes of a request before its body."""

_MOST_QUEUED = 64
"""Maximum number of requests that are read ahead of their turn."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_INTERNAL_ERROR = {"error": "InternalError", "message": "The emulator failed; its log says how."}


class _Incoming:
    """A request that is being read."""

    __slots__ = ("body", "fields", "keep_alive", "length", "method", "target", "version")

    def __init__(self) -> None:
        self.target = b""
        self.fields: list[Field] = []
        self.method = self.version = ""
        self.keep_alive = False
        self.body = bytearray()
        self.length = 0
        """Bytes of the body that came, kept or not."""


class Connection(asyncio.Protocol):
    """A connection of a client; httptools calls the `on_` methods."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._shared: Environ = {}
        self._incoming: _Incoming | None = None
        self._head_bytes = 0
        self._in_head = True
        self._waiting: deque[_Incoming] = deque()
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
        return self._delivery is None and self._incoming is None and not self._head_bytes

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
        self._incoming = None
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
        """Feed the parser; refuse what is not HTTP."""
        self.touched = self._server.now()
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._refuse(400, "BadRequest", f"This is not a request of HTTP/1.1: {error}.")
        else:
            if self._in_head and self._head_bytes > LONGEST_HEAD:
                text = f"The head of a request may have {LONGEST_HEAD} bytes."
                self._refuse(431, "HeadTooLong", text)

    def _decline_upgrade(self, rest: bytes) -> None:
        """Read a request as one of HTTP/1.1 that offers to go on in another protocol.

        A server may ignore the offer (RFC 9110, 7.8), and clients of Java make it in each first
        request. httptools takes the body for the other protocol already: it gets the head again,
        without the offer.
        """
        offered = self._incoming
        assert offered
        if offered.method == "CONNECT":
            self._refuse(501, "NoTunnel", "The emulator opens no tunnels.")
            return
        fields = (field for field in offered.fields if field[0].lower() != b"upgrade")
        lines = [f"{offered.method} ".encode() + offered.target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in fields]
        self._parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join([*lines, b"", b""]) + rest)

    def on_message_begin(self) -> None:
        """Start a request."""
        self._incoming = _Incoming()

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        assert self._incoming
        self._incoming.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        assert self._incoming
        self._incoming.fields.append((name, value))

    def on_headers_complete(self) -> None:
        """Ask for the body if the client waits to be asked."""
        incoming = self._incoming
        assert incoming
        self._in_head, self._head_bytes = False, 0
        incoming.method = self._parser.get_method().decode("ascii")
        incoming.version = self._parser.get_http_version()
        incoming.keep_alive = self._parser.should_keep_alive()
        fields = {name.lower(): value.lower() for name, value in incoming.fields}
        if fields.get(b"expect") == b"100-continue":
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body, up to a byte over what anybody reads."""
        incoming = self._incoming
        if incoming is None:  # it was answered already
            return
        incoming.length += len(body)
        incoming.body += body[: self._server.longest_body + 1 - len(incoming.body)]
        if incoming.length > MOST_DRAINED:
            incoming.keep_alive = False
            self._incoming = None
            self._take(incoming)

    def on_message_complete(self) -> None:
        """Respond to a request that is there as a whole, in its turn."""
        self._in_head = True
        if self._parser.should_upgrade():
            return
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            self._take(incoming)

    def _take(self, incoming: _Incoming) -> None:
        if self._delivery is None:
            self._respond(incoming)
            return
        self._waiting.append(incoming)
        if len(self._waiting) >= _MOST_QUEUED:
            self.transport.pause_reading()

    def _respond(self, incoming: _Incoming) -> None:
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
        self._ended = asyncio.get_running_loop().create_future()
        self._delivery = asyncio.ensure_future(self._deliver(incoming, faulty))

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
        self, incoming: _Incoming, status: int, headers: list[tuple[str, str]], body: bytes
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

    async def _deliver(self, incoming: _Incoming, faulty: Response) -> None:
        """Send a response late, in part or not at all, after any retries; then go on."""
        try:
            response = await self._latest(faulty) if faulty.wait else faulty
            await asyncio.sleep(response.delay)
            self._send(incoming, response)
        except Exception:
            log.exception("a response could not be delivered")
            self.transport.close()
        finally:
            self._delivery = self._ended = None
            self.touched = self._server.now()
            self._go_on()

    def _send(self, incoming: _Incoming, response: Response) -> None:
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

    async def _latest(self, response: Response) -> Response:
        """Retry until the response is another one, the time is up or the client has gone."""
        retries, gone = Retries(response, self._server.now), self._ended
        assert gone is not None
        for pause in retries:
            await self._until(pause, gone)
            if gone.done():
                break
        return retries.response

    async def _until(self, pause: Pause, gone: asyncio.Future[None]) -> None:
        """Wait for the end of a pause, or until the client has gone."""
        await asyncio.sleep(pause.least)
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        # The change may come from another thread of a program that embeds the emulator.
        with pause.waking(lambda: loop.call_soon_threadsafe(_wake, woken)):
            await asyncio.wait(
                [woken, gone], timeout=pause.most, return_when=asyncio.FIRST_COMPLETED
            )

    def _go_on(self) -> None:
        """Respond to the requests that came meanwhile."""
        while self._waiting and self._delivery is None and not self.transport.is_closing():
            self._respond(self._waiting.popleft())
        if self._at_end and not self.is_busy:
            self.transport.close()
        if not self.transport.is_closing() and len(self._waiting) < _MOST_QUEUED:
            self.transport.resume_reading()

    def _refuse(self, status: int, error: str, message: str) -> None:
        """Answer what is no request, and close."""
        self._incoming = None
        if not self.transport.is_closing():
            if not self.is_busy:
                self.transport.write(refusal(status, error, message, self._server.date()))
            self.transport.close()

    def close(self) -> None:
        """Close the connection, after a response that is due."""
        if not self.is_busy:
            self.transport.close()


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
