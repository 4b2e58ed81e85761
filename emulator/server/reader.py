"""Reads the requests of one connection, one after the other, with httptools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httptools

from emulator.core.pipeline.flask_app import MOST_DRAINED
from emulator.server.messages import Field

LONGEST_HEAD = 256 * 1024
"""Maximum number of bytes of a request before its body."""


class Unreadable(Exception):
    """What came is no request that anybody could be given; nothing after it is read."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


@dataclass(slots=True)
class Incoming:
    """A request: all of it, once it is handed over."""

    target: bytes = b""
    fields: list[Field] = field(default_factory=list)
    method: str = ""
    version: str = ""
    keep_alive: bool = False
    body: bytearray = field(default_factory=bytearray)
    """At most a byte more than anybody reads."""
    length: int = 0
    """Bytes of the body that came."""


class RequestReader:
    """Reads bytes, and hands over each request that is there as a whole.

    httptools calls the `on_` methods.
    """

    def __init__(
        self, take: Callable[[Incoming], None], go_on: Callable[[], None], longest_body: int
    ) -> None:
        """Hand requests to `take`; call `go_on` where a client waits to be asked for the body.

        Of a body `longest_body` bytes and one more are kept.
        """
        self._take = take
        self._go_on = go_on
        self._kept = longest_body + 1
        self._parser = httptools.HttpRequestParser(self)
        self._incoming: Incoming | None = None
        self._in_head = True
        self._head_bytes = 0

    @property
    def is_between(self) -> bool:
        """Whether nothing of a request has come since the last one."""
        return self._incoming is None and not self._head_bytes

    def forget(self) -> None:
        """Forget what has not arrived as a whole."""
        self._incoming = None

    def feed(self, data: bytes) -> None:
        """Read bytes; raises `Unreadable`."""
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            text = f"This is not a request of HTTP/1.1: {error}."
            raise Unreadable(400, "BadRequest", text) from None
        if self._in_head and self._head_bytes > LONGEST_HEAD:
            text = f"The head of a request may have {LONGEST_HEAD} bytes."
            raise Unreadable(431, "HeadTooLong", text)

    def _decline_upgrade(self, rest: bytes) -> None:
        """Read a request as one of HTTP/1.1 that offers to go on in another protocol.

        A server may ignore the offer (RFC 9110, 7.8), and clients of Java make it in each first
        request. httptools takes the body for the other protocol already: it gets the head again,
        without the offer.
        """
        offered = self._incoming
        assert offered
        if offered.method == "CONNECT":
            raise Unreadable(501, "NoTunnel", "The emulator opens no tunnels.")
        fields = (field for field in offered.fields if field[0].lower() != b"upgrade")
        lines = [f"{offered.method} ".encode() + offered.target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in fields]
        self._parser = httptools.HttpRequestParser(self)
        self.feed(b"\r\n".join([*lines, b"", b""]) + rest)

    def on_message_begin(self) -> None:
        """Start a request."""
        self._incoming = Incoming()

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
        for name, value in incoming.fields:
            if name.lower() == b"expect" and value.lower() == b"100-continue":
                self._go_on()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body; one that does not end is handed over before its end."""
        incoming = self._incoming
        if incoming is None:  # it was handed over already
            return
        incoming.length += len(body)
        incoming.body += body[: self._kept - len(incoming.body)]
        if incoming.length > MOST_DRAINED:
            incoming.keep_alive = False
            self._incoming = None
            self._take(incoming)

    def on_message_complete(self) -> None:
        """Hand a request over."""
        self._in_head = True
        if self._parser.should_upgrade():
            return
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            self._take(incoming)
