"""A light HTTP client: keep-alive connections in one process, requests written beforehand."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What one round took, in seconds; each latency from writing a request to its last byte."""

    took: float
    latencies: list[float]
    statuses: set[int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.took

    def percentile(self, share: int) -> float:
        """Give a percentile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)]


def request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Write a request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(port: int, requests: list[bytes], connections: int) -> Measured:
    """Send the requests over some connections, each waiting for its answer before the next."""
    waiting = iter(requests)
    latencies: list[float] = []
    statuses: set[int] = set()
    selector = selectors.DefaultSelector()
    began = time.perf_counter()
    lines = [_Line(port) for _ in range(connections)]
    open_lines = sum(line.begin(waiting, selector) for line in lines)
    while open_lines:
        for key, _ in selector.select():
            line: _Line = key.data
            if line.receive():
                latencies.append(time.perf_counter() - line.sent_at)
                statuses.add(line.status)
                if not line.send_next(waiting):
                    selector.unregister(line.socket)
                    line.socket.close()
                    open_lines -= 1
    return Measured(time.perf_counter() - began, latencies, statuses)


class _Line:
    """One connection and the answer it is receiving."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_at = 0.0
        self.status = 0

    def begin(self, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> bool:
        selector.register(self.socket, selectors.EVENT_READ, self)
        return self.send_next(waiting)

    def send_next(self, waiting: Iterator[bytes]) -> bool:
        following = next(waiting, None)
        if following is None:
            return False
        self.buffer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(following)
        return True

    def receive(self) -> bool:
        """Take in what arrived; tell whether the answer is complete."""
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError(f"the server hung up: {self.buffer[:200]!r}")
        self.buffer += received
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        self.status = int(head[9:12])
        return len(body) >= length
