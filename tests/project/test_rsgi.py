"""What the application gets of a request that came through granian's own interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from emulator import rsgi


class Protocol:
    """granian's side of a request: a body in chunks, and the answer it was given."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.answer: tuple[int, list[tuple[str, str]], bytes] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, headers, body)


def asked(protocol: Protocol, *, longest: int = 10, **changes: Any) -> dict[str, Any]:
    """Send a request through, and give the environ the application saw."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        start_response("201 CREATED", [("X", "1"), ("X", "2")])
        return [b"a", b"b"]

    request = {
        "method": "POST",
        "path": "/a\u00e9",
        "query_string": "q=%C3%A9",
        "scheme": "http",
        "http_version": "1.1",
        "server": "127.0.0.1:4680",
        "client": "127.0.0.2:5",
        "authority": None,
        "headers": {"host": "h", "content-type": "text/plain"},
        **changes,
    }
    asyncio.run(rsgi.OneThread(app, longest)(SimpleNamespace(**request), protocol))  # type: ignore[arg-type]
    return seen


def test_a_request_is_handed_over_and_the_answer_back() -> None:
    protocol = Protocol([b"12", b"34"])
    environ = asked(protocol)
    assert protocol.answer == (201, [("X", "1"), ("X", "2")], b"ab")
    assert environ.pop("wsgi.input").read() == b"1234"
    assert {name: value for name, value in environ.items() if not name.startswith("wsgi.")} == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a\u00c3\u00a9",
        "QUERY_STRING": "q=%C3%A9",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4680",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.2",
        "HTTP_HOST": "h",
        "CONTENT_TYPE": "text/plain",
    }


def test_addresses_of_ipv6_lose_their_brackets() -> None:
    environ = asked(Protocol([]), server="[::1]:4680", client="[::1]:5")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("::1", "4680")
    assert environ["REMOTE_ADDR"] == "::1"


@pytest.mark.parametrize(("headers", "host"), [({}, "two"), ({"host": "one"}, "one")])
def test_http_2_names_the_host_elsewhere(headers: dict[str, str], host: str) -> None:
    assert asked(Protocol([]), authority="two", headers=headers)["HTTP_HOST"] == host


def test_a_byte_too_many_is_kept_and_the_rest_is_taken_in_up_to_a_bound() -> None:
    megabyte = b"x" * 2**20
    protocol = Protocol(megabyte for _ in range(100))
    assert asked(protocol)["wsgi.input"].read() == b"x" * 11
    assert len(list(protocol.chunks)) == 100 - (rsgi.MOST_DRAINED // 2**20 + 1)
