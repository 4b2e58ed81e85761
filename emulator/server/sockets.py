"""Takes ports, so that what is in the way is known before a server has a word in it."""

from __future__ import annotations

import socket
import sys


class PortError(OSError):
    """Nothing can listen at a place; `errno` and `strerror` are the system's."""

    def __init__(self, place: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.place = place


def bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Give a socket that has a port, or a free one for 0, and does not listen; raises `PortError`.

    A `shared` one leaves room for others that ask for sharing, too.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared and sys.platform == "linux":
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(address)
        except OSError:
            taken.close()
            raise
    except OSError as error:
        raise PortError(f"{host}:{port}", error) from None
    return taken
