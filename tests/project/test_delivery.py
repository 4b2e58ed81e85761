"""Closing one connection of this process, wherever the system lists open files."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from emulator.server.delivery import close_connection_from

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Two connections, each with its client's and its server's side."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        pairs = []
        for _ in range(2):
            client = stack.enter_context(socket.create_connection(listener.getsockname()))
            server = stack.enter_context(listener.accept()[0])
            pairs.append((client, server))
        yield pairs


@pytest.mark.parametrize("has_list", [True, False], ids=["open files listed", "no list of files"])
def test_the_connection_from_an_address_is_closed_and_no_other(
    pairs: list[Pair], has_list: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(folder: Path) -> NoReturn:
        raise FileNotFoundError(folder)

    (chosen, _), (other, others_server) = pairs
    host, port = chosen.getsockname()
    if not has_list:
        monkeypatch.setattr(Path, "iterdir", nothing)
    close_connection_from((host, str(port)))
    assert chosen.recv(1) == b""
    others_server.sendall(b"x")
    assert other.recv(1) == b"x"


def test_a_connection_that_is_not_there_is_no_error(pairs: list[Pair]) -> None:
    close_connection_from(("192.0.2.1", "1"))
    for client, server in pairs:
        server.sendall(b"x")
        assert client.recv(1) == b"x"
