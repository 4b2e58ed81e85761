"""Binds ports early, to report a port in use before a server starts."""

from __future__ import annotations

import socket
import sys


class PortError(OSError):
    """An address cannot be bound; `errno` and `strerror` are the system's."""

    def __init__(self, address: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.address = address


def bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Return a socket bound to a port (0 for a free one) that does not listen yet.

    A `shared` socket lets others bind the port with SO_REUSEPORT. Raises `PortError`.
    """
    try:
        family, kind, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared and sys.platform == "linux":
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(target)
        except OSError:
            taken.close()
            raise
    except OSError as error:
        raise PortError(f"{host}:{port}", error) from None
    return taken
