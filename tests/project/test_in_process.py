"""The server inside a test's own process."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from emulator import Emulator, Settings
from tests.contract import catalogue


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(Settings(port=0, strict=True, demo=True)) as emulator:
        yield emulator


@pytest.mark.parametrize("provider", catalogue.contracts())
@pytest.mark.parametrize("framing", ["a length", "chunks"])
def test_a_body_that_is_too_large_is_read_to_its_end_and_answered(
    emulator: Emulator, provider: str, framing: str
) -> None:
    """The client sends all of it before it looks for an answer, as most do."""
    contract = catalogue.contracts()[provider]
    example, limit = contract.seed["example"], contract.service["limits"]["bodyBytes"]
    body = b"x" * (limit + 4 * 1024 * 1024)  # more than the sockets hold
    length = f"Content-Length: {len(body)}"
    if framing == "chunks":
        body, length = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), "Transfer-Encoding: chunked"
    lines = [f"{name}: {value}" for name, value in example["headers"].items()]
    head = "\r\n".join(
        [
            f"POST /{provider}{example['path']} HTTP/1.1",
            "Host: h",
            "Connection: close",
            *lines,
            length,
        ]
    )
    port = int(emulator.endpoints.base.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    status, _, told = answer.partition(b"\r\n\r\n")
    assert int(status.split()[1]) == contract.failures["TooLarge"]["status"]
    assert isinstance(json.loads(told), dict)
