"""Listens on ports, before anything else is done: a port is owned from the first moment."""

from __future__ import annotations

import socket

BACKLOG = 1024
"""Maximum number of connections that wait to be accepted."""


MOST_FILES = 65536
"""Maximum number of open files that the emulator asks for; each connection is one."""


class PortError(OSError):
    """An address cannot be listened on; `errno` and `strerror` are the system's."""

    def __init__(self, address: str, error: OSError) -> None:
        super().__init__(error.errno, error.strerror)
        self.address = address


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port (0 for a free one); raises `PortError`.

    Two sockets may be bound to one port while neither listens, so that only `listen` tells
    whether the port is free.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
            taken.listen(BACKLOG)
        except OSError:
            taken.close()
            raise
    except OSError as error:
        raise PortError(f"{host}:{port}", error) from None
    return taken


def allow_many_files() -> None:
    """Raise the limit of open files of this process as far as it may be raised."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
