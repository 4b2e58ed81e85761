"""A light HTTP client: connections in one process, requests written beforehand.

A connection is kept open unless the server closes it, as moto_server does after each response.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Measured:
    """The time of one round, in seconds; latencies run from sending a request to the last byte."""

    took: float
    latencies: list[float]
    statuses: set[int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.took

    def percentile(self, share: int) -> float:
        """Return a percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Write a request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(port: int, requests: list[bytes], connections: int) -> Measured:
    """Send the requests over some connections, each waiting for a response before the next request."""
    waiting = iter(requests)
    latencies: list[float] = []
    statuses: set[int] = set()
    selector = selectors.DefaultSelector()
    began = time.perf_counter()
    lines = [_Line(port) for _ in range(connections)]
    open_lines = sum(line.send_next(waiting, selector) for line in lines)
    while open_lines:
        for key, _ in selector.select():
            line: _Line = key.data
            if line.receive(selector):
                latencies.append(time.perf_counter() - line.sent_at)
                statuses.add(line.status)
                open_lines -= not line.send_next(waiting, selector)
    return Measured(time.perf_counter() - began, latencies, statuses)


class _Line:
    """One connection and the response it is receiving."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.buffer = b""
        self.sent_at = 0.0
        self.status = 0

    def send_next(self, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> bool:
        """Send the next request; connect first if need be, which counts into its latency."""
        following = next(waiting, None)
        if following is None:
            self.hang_up(selector)
            return False
        self.buffer = b""
        self.sent_at = time.perf_counter()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self.socket, selectors.EVENT_READ, self)
        self.socket.sendall(following)
        return True

    def hang_up(self, selector: selectors.BaseSelector) -> None:
        if self.socket is not None:
            selector.unregister(self.socket)
            self.socket.close()
            self.socket = None

    def receive(self, selector: selectors.BaseSelector) -> bool:
        """Read what has arrived; return whether the response is complete."""
        assert self.socket is not None
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError(f"the server closed the connection: {self.buffer[:200]!r}")
        self.buffer += received
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        head = head.lower()
        if b"transfer-encoding: chunked" in head:
            if not body.endswith(_LAST_CHUNK):
                return False
        elif len(body) < int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0):
            return False
        self.status = int(head[9:12])
        if b"connection: close" in head:
            self.hang_up(selector)
        return True
