"""What the application gets of a request that came through ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE
from emulator.core.pipeline.flask_app import MOST_DRAINED
from emulator.server import asgi
from emulator.server.delivery import pause_after

REQUEST = {
    "method": "POST",
    "path": "/a\u00e9/b",
    "raw_path": b"/a%C3%A9%2Fb",
    "query_string": b"q=%C3%A9",
    "scheme": "http",
    "http_version": "1.1",
    "server": ("127.0.0.1", "4680"),
    "client": ("127.0.0.2", "5"),
    "headers": [
        (b"host", b"h"),
        (b"content-type", b"text/plain"),
        (b"x-y", b"1"),
        (b"x-y", b"2"),
    ],
}


class Wire:
    """The server's side of a request: a body in chunks, and what it was told to send."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.sent: list[Any] = []

    async def receive(self) -> Any:
        chunk = next(self.chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def send(self, message: Any) -> None:
        self.sent.append(message)


def asked(wire: Wire, *, longest: int = 10, **changes: Any) -> dict[str, Any]:
    """Send a request through, and give the environ the application saw."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        start_response("201 CREATED", [("X", "1"), ("X", "2")])
        return [b"a", b"b"]

    request = {**REQUEST, **changes}
    asyncio.run(asgi.OneThread(app, longest)(request, wire.receive, wire.send))
    return seen


def test_a_request_is_handed_over_and_the_answer_back() -> None:
    wire = Wire([b"12", b"34"])
    environ = asked(wire)
    headers = [(b"X", b"1"), (b"X", b"2"), (b"server", b"")]
    assert wire.sent == [
        {"type": "http.response.start", "status": 201, "headers": headers},
        {"type": "http.response.body", "body": b"ab"},
    ]
    assert environ.pop("wsgi.input").read() == b"1234"
    assert {name: value for name, value in environ.items() if not name.startswith("wsgi.")} == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a\u00c3\u00a9/b",
        "QUERY_STRING": "q=%C3%A9",
        "REQUEST_URI": "/a%C3%A9%2Fb?q=%C3%A9",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4680",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.2",
        "HTTP_HOST": "h",
        "CONTENT_TYPE": "text/plain",
        "HTTP_X_Y": "1,2",
    }


def test_a_target_without_a_query_ends_with_its_path() -> None:
    assert asked(Wire([]), query_string=b"")["REQUEST_URI"] == "/a%C3%A9%2Fb"


def test_a_header_with_an_underscore_does_not_pass_for_another() -> None:
    headers = [(b"x-amz-date", b"1"), (b"x_amz_date", b"2"), (b"content_type", b"3")]
    environ = asked(Wire([]), headers=headers)
    assert environ["HTTP_X_AMZ_DATE"] == "1"
    assert "CONTENT_TYPE" not in environ
    assert "HTTP_CONTENT_TYPE" not in environ


def test_a_byte_too_many_is_kept_and_the_rest_is_taken_in_up_to_a_bound() -> None:
    megabyte = b"x" * 2**20
    wire = Wire(megabyte for _ in range(100))
    assert asked(wire)["wsgi.input"].read() == b"x" * 11
    assert len(list(wire.chunks)) == 100 - (MOST_DRAINED // 2**20 + 1)


def test_nobody_waits_for_a_client_that_has_gone() -> None:
    class Gone(Wire):
        async def receive(self) -> Any:
            chunk = next(self.chunks, None)
            return {"type": "http.request", "body": chunk} if chunk else {"type": "http.disconnect"}

    retries = []

    def retry() -> Response:
        retries.append(1)
        return not_yet

    not_yet = Response(status=408, headers=[], body=b"", wait=600, retry=retry)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[RESPONSE] = not_yet
        start_response("408 REQUEST TIMEOUT", [])
        return []

    wire = Gone([b"{}"])
    asyncio.run(asgi.OneThread(app, 10)(REQUEST, wire.receive, wire.send))
    assert not retries


@pytest.mark.parametrize(
    ("took", "left", "pause"),
    [(0, 60, 0.02), (0.001, 60, 0.02), (0.5, 60, 1.5), (0.5, 1, 1), (0, 0.01, 0.01), (0, 0, 0)],
)
def test_who_waits_looks_less_often_where_a_look_takes_long(
    took: float, left: float, pause: float
) -> None:
    assert pause_after(took, left) == pause
