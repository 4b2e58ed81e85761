"""What the application gets of a request that came over a socket, and what the client gets back."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE
from emulator.core.pipeline.flask_app import MOST_DRAINED
from emulator.server import http_server
from emulator.server.delivery import pause_after
from emulator.server.in_process import Listener
from emulator.server.reader import LONGEST_HEAD

PATIENCE = 20
"""Seconds that are enough for anything that does come."""


@dataclass
class Seen:
    """A WSGI application that notes what it was asked."""

    status: str = "201 CREATED"
    headers: list[tuple[str, str]] = field(default_factory=lambda: [("X-One", "1"), ("x-one", "2")])
    body: list[bytes] = field(default_factory=lambda: [b"a", b"b"])
    environs: list[dict[str, Any]] = field(default_factory=list)
    faulty: Response | None = None
    called: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["read"] = environ["wsgi.input"].read()
        self.environs.append(environ)
        self.called.set()
        if self.faulty:
            environ[RESPONSE] = self.faulty
        start_response(self.status, self.headers)
        return self.body


@contextmanager
def serving(app: Any, longest: int = 10) -> Iterator[Callable[[], socket.socket]]:
    """Serve an application; yield what connects to it."""
    listener = Listener(app, "127.0.0.1", 0, longest_body=longest)
    listener.start()
    try:
        yield lambda: socket.create_connection(("127.0.0.1", listener.port), timeout=PATIENCE)
    finally:
        listener.stop()


def exchanged(app: Any, sent: bytes, longest: int = 10) -> bytes:
    """Send bytes on a connection, no more after them, and return all that comes back."""
    with serving(app, longest) as connect, connect() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def undated(response: bytes) -> bytes:
    """Return a response without its `Date` line, which has to be there."""
    head, _, rest = response.partition(b"Date: ")
    assert rest
    return head + rest.partition(b"\r\n")[2]


def test_a_request_is_handed_over_and_the_response_back() -> None:
    app = Seen()
    response = exchanged(
        app,
        b"POST /a%C3%A9%2Fb?q=%C3%A9 HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nx-y: 1\r\nX-Y: 2\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n12\r\n2\r\n34\r\n0\r\n\r\n",
    )
    assert undated(response) == (
        b"HTTP/1.1 201 Created\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 2\r\n\r\nab"
    )
    (environ,) = app.environs
    port = environ.pop("SERVER_PORT")
    assert port.isdecimal()
    assert {name: value for name, value in environ.items() if not name.startswith("wsgi.")} == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/a\u00c3\u00a9/b",
        "QUERY_STRING": "q=%C3%A9",
        "REQUEST_URI": "/a%C3%A9%2Fb?q=%C3%A9",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "h",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_TYPE": "text/plain",
        "HTTP_X_Y": "1,2",
        "read": b"1234",
    }


@pytest.mark.parametrize(
    ("target", "uri", "path", "query", "host"),
    [
        (b"/a", "/a", "/a", "", "h"),
        (b"/a?", "/a?", "/a", "", "h"),
        (b"/a?b?c", "/a?b?c", "/a", "b?c", "h"),
        (b"//a//b", "//a//b", "//a//b", "", "h"),
        (b"http://other:81/a?b", "/a?b", "/a", "b", "other:81"),
        (b"http://other?b", "/?b", "/", "b", "other"),
        (b"http://other", "/", "/", "", "other"),
        (b"/a?u=http://x/", "/a?u=http://x/", "/a", "u=http://x/", "h"),
        (b"*", "*", "*", "", "h"),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else "",
)
def test_targets_are_those_that_were_sent(
    target: bytes, uri: str, path: str, query: str, host: str
) -> None:
    app = Seen()
    method = b"OPTIONS" if target == b"*" else b"GET"
    exchanged(app, method + b" " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n")
    (environ,) = app.environs
    names = ("REQUEST_URI", "PATH_INFO", "QUERY_STRING", "HTTP_HOST")
    assert [environ[name] for name in names] == [uri, path, query, host]


def test_a_header_with_an_underscore_does_not_pass_for_another() -> None:
    app = Seen()
    exchanged(app, b"GET / HTTP/1.1\r\nx-amz-date: 1\r\nx_amz_date: 2\r\ncontent_type: 3\r\n\r\n")
    (environ,) = app.environs
    assert environ["HTTP_X_AMZ_DATE"] == "1"
    assert not {"CONTENT_TYPE", "HTTP_CONTENT_TYPE"} & environ.keys()


def test_a_byte_too_many_is_kept_and_the_rest_is_taken_in_up_to_a_bound() -> None:
    app, length = Seen(), 70 * 2**20
    with serving(app) as connect:
        for longest in (100, length):
            with connect() as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % longest)
                left = longest
                while left > 0:
                    try:
                        left -= connection.send(b"x" * min(left, 2**20))
                    except ConnectionError:  # it is not read to its end
                        break
                assert connection.recv(8) == b"HTTP/1.1"
                assert longest < MOST_DRAINED or left < longest - MOST_DRAINED + 2**21
    assert [environ["read"] for environ in app.environs] == [b"x" * 11] * 2


HALVES = [
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Le",
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\n",
    b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\n{"provider"',
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
]


@pytest.mark.parametrize("sent", HALVES, ids=lambda sent: sent[-20:].decode())
@pytest.mark.parametrize("how", ["half-closed", "closed", "reset"])
def test_half_a_request_is_no_request(sent: bytes, how: str) -> None:
    app = Seen()
    with serving(app) as connect:
        connection = connect()
        connection.sendall(sent)
        if how == "half-closed":
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        elif how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
        with connect() as later:  # it is served after what the first one left
            later.sendall(b"GET /later HTTP/1.1\r\nConnection: close\r\n\r\n")
            while later.recv(4096):
                pass
    assert [environ["PATH_INFO"] for environ in app.environs] == ["/later"]


@pytest.mark.parametrize(
    "sent",
    [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01\x00"],
    ids=["no request line", "no number", "TLS"],
)
def test_what_is_not_http_is_refused_in_json(sent: bytes) -> None:
    app = Seen()
    head, _, body = exchanged(app, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert head.endswith(b"Connection: close")
    assert json.loads(body)["error"] == "BadRequest"
    assert app.environs == []


@pytest.mark.parametrize("head", [b"/" + b"x" * LONGEST_HEAD, b"/ HTTP/1.1\r\nX: " + b"x" * LONGEST_HEAD])  # fmt: skip
def test_a_head_is_read_up_to_a_bound(head: bytes) -> None:
    app = Seen()
    with serving(app) as connect, connect() as connection:
        connection.sendall(b"GET " + head)
        response = b"".join(iter(lambda: connection.recv(65536), b""))
    assert response.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert app.environs == []


def test_requests_that_are_sent_ahead_get_their_responses_in_order() -> None:
    app = Seen(body=[])
    sent = b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % number for number in range(200))
    response = exchanged(app, sent)
    assert response.count(b"HTTP/1.1 201 Created\r\n") == 200
    assert [environ["PATH_INFO"] for environ in app.environs] == [f"/{n}" for n in range(200)]


def test_a_late_response_comes_before_the_next_one() -> None:
    late = Response(status=200, headers=[("X", "late")], body=b"late", delay=0.2)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/late":
            environ[RESPONSE] = late
        start_response("200 OK", [])
        return [b"next"]

    response = exchanged(app, b"GET /late HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n")
    assert response.index(b"\r\n\r\nlate") < response.index(b"\r\n\r\nnext")


@pytest.mark.parametrize(
    ("sent", "stays"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_a_connection_stays_open_as_the_client_asks(sent: bytes, stays: bool) -> None:
    with serving(Seen(body=[])) as connect, connect() as connection:
        connection.sendall(sent)
        connection.settimeout(0.2)
        received = b""
        try:
            while part := connection.recv(4096):
                received += part
            closed = True
        except TimeoutError:
            closed = False
        assert received.startswith(b"HTTP/1.1 201 Created")
        assert closed is not stays
        assert (b"Connection: close" in received) is not stays


def test_a_client_that_offers_another_protocol_goes_on_in_this_one() -> None:
    app = Seen(body=[])
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"
    for body in (b"", b"{}"):
        length = b"Content-Length: %d\r\n" % len(body)
        request = b"POST /a HTTP/1.1\r\n" + length + offer + b"\r\n" + body
        response = exchanged(app, request + b"GET /b HTTP/1.1\r\n\r\n")
        assert response.count(b"HTTP/1.1 201 Created\r\n") == 2
    assert [(each["PATH_INFO"], each["read"]) for each in app.environs] == [
        ("/a", b""),
        ("/b", b""),
        ("/a", b"{}"),
        ("/b", b""),
    ]


def test_a_tunnel_is_refused() -> None:
    app = Seen()
    response = exchanged(app, b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 501 Not Implemented\r\n")
    assert app.environs == []


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked() -> None:
    app = Seen()
    with serving(app) as connect, connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(12) == b"HTTP/1.1 201"
    assert app.environs[0]["read"] == b"{}"


@pytest.mark.parametrize(
    ("method", "status", "shown"),
    [
        ("HEAD", "200 OK", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
        ("GET", "204 NO CONTENT", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", "799 X", b"HTTP/1.1 799 Unknown\r\nContent-Length: 2\r\n\r\nab"),
    ],
)
def test_responses_have_the_body_that_fits_them(method: str, status: str, shown: bytes) -> None:
    app = Seen(status=status, headers=[])
    assert undated(exchanged(app, f"{method} / HTTP/1.1\r\n\r\n".encode())) == shown


def test_an_application_that_raises_gets_a_500_and_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(*_: object) -> Any:
        raise LookupError("nobody foresaw it")

    head, _, body = exchanged(app, b"GET / HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert json.loads(body)["error"] == "InternalError"
    assert "nobody foresaw it" in caplog.text


def test_connections_on_which_nothing_happens_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_SWEEP", 0.01)
    monkeypatch.setattr(http_server, "KEEP_ALIVE", 0.1)
    monkeypatch.setattr(http_server, "STALLED", 0.1)
    late = Response(status=200, headers=[], body=b"late", delay=0.5)
    with serving(Seen(faulty=late)) as connect:
        for sent in (b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"):
            with connect() as stalled:
                stalled.sendall(sent)
                with suppress(ConnectionResetError):  # how one ends that has unread bytes
                    assert stalled.recv(1) == b""
        with connect() as busy:
            busy.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert b"".join(iter(lambda: busy.recv(4096), b"")).endswith(b"late")


def test_one_connection_too_many_takes_the_place_of_one_that_is_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_server, "_most_connections", lambda: 2)
    with serving(Seen()) as connect, connect() as oldest:
        half = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"
        with connect() as second:
            second.sendall(half)
            with connect() as third:
                third.sendall(half)
                with pytest.raises(ConnectionResetError):
                    assert oldest.recv(1) == b""
                    raise ConnectionResetError
                with connect() as fourth:  # the others are in the middle of a request
                    response = b"".join(iter(lambda: fourth.recv(4096), b""))
    assert response.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert json.loads(response.partition(b"\r\n\r\n")[2])["error"] == "TooManyConnections"


def test_nobody_waits_for_a_client_that_has_gone() -> None:
    retries = []

    def retry() -> Response:
        retries.append(1)
        return not_yet

    not_yet = Response(status=408, headers=[], body=b"", wait=600, retry=retry)
    exchanged(Seen(faulty=not_yet), b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
    assert not retries


def test_what_is_due_is_sent_before_the_server_stops() -> None:
    late = Response(status=200, headers=[], body=b"late", delay=0.3)
    app = Seen(faulty=late)
    with serving(app) as connect:
        connection = connect()
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert app.called.wait(PATIENCE)
    assert b"".join(iter(lambda: connection.recv(4096), b"")).endswith(b"late")
    connection.close()


@pytest.mark.parametrize(
    ("took", "left", "pause"),
    [(0, 60, 0.02), (0.001, 60, 0.02), (0.5, 60, 1.5), (0.5, 1, 1), (0, 0.01, 0.01), (0, 0, 0)],
)
def test_who_waits_looks_less_often_where_a_look_takes_long(
    took: float, left: float, pause: float
) -> None:
    assert pause_after(took, left) == pause
