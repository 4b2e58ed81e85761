"""A WSGI application behind ASGI: one thread serves every request.

granian runs WSGI on a pool of threads, where a body that does not arrive holds a thread.
Under ASGI a body is awaited without one. ASGI also gives the raw path, as it was sent, which
signatures need.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from io import BytesIO
from typing import Any

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE, Environ, Wsgi
from emulator.core.pipeline.flask_app import MOST_DRAINED
from emulator.server.delivery import Pause, Retries, close_connection_from

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NO_SERVER = (b"server", b"")
"""The nearest to no such header: granian adds one with its own name where there is none."""

_OWN_NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}

_SERVER: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
"""Members of the environ that are the same in every request."""


class OneThread:
    """Calls a WSGI application for each request, on the thread of the event loop."""

    def __init__(self, app: Wsgi, longest: int) -> None:
        """Keep no more than a byte over `longest` bytes of a body."""
        self._app = app
        self._kept = longest + 1

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Wait for the body, then send the response at once or as its faults require."""
        environ = _environ(scope, await self._body(receive))
        started: list[Message] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            started.append(_start(int(status[:3]), headers))

        body = b"".join(self._app(environ, start_response))
        faulty: Response | None = environ.get(RESPONSE)
        if faulty:
            await _send_faulty(faulty, started[-1], scope, receive, send)
            return
        await send(started[-1])
        await send({"type": "http.response.body", "body": body})

    async def _body(self, receive: Receive) -> bytes:
        body, taken, more = bytearray(), 0, True
        while more and taken <= MOST_DRAINED:
            message = await receive()
            chunk = message.get("body", b"")
            taken += len(chunk)
            body += chunk[: self._kept - len(body)]
            more = message.get("more_body", False)
        return bytes(body)


async def _send_faulty(
    response: Response, start: Message, scope: Message, receive: Receive, send: Send
) -> None:
    """Send a response late, in part or not at all, after any retries."""
    if response.wait:
        response = await _latest(response, receive)
        length = ("Content-Length", str(len(response.body)))
        start = _start(response.status, [*response.headers, length])
    await asyncio.sleep(response.delay)
    if response.close_connection:
        close_connection_from(scope["client"])
        return
    await send(start)
    part, cut_off = response.body[: response.truncate_bytes], response.truncate_bytes is not None
    await send({"type": "http.response.body", "body": part, "more_body": cut_off})


async def _latest(response: Response, receive: Receive) -> Response:
    """Retry until the response is another one, the time is up or the client has gone."""
    retries = Retries(response, asyncio.get_running_loop().time)
    gone = asyncio.ensure_future(receive())
    try:
        for pause in retries:
            await _until(pause, gone)
            if gone.done():
                break
    finally:
        gone.cancel()
    return retries.response


async def _until(pause: Pause, gone: asyncio.Future[Message]) -> None:
    """Wait for the end of a pause, or until the client has gone."""
    await asyncio.sleep(pause.least)
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[Message] = loop.create_future()
    # The change may come from another thread: that of a port of one provider.
    with pause.waking(lambda: loop.call_soon_threadsafe(_end, woken)):
        ends = [woken, gone]
        await asyncio.wait(ends, timeout=pause.most, return_when=asyncio.FIRST_COMPLETED)


def _end(woken: asyncio.Future[Message]) -> None:
    if not woken.done():
        woken.set_result({})


def _start(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if b"server" not in [name.lower() for name, _ in fields]:
        fields.append(_NO_SERVER)
    return {"type": "http.response.start", "status": status, "headers": fields}


def _environ(scope: Message, body: bytes) -> Environ:
    """Build the environ of PEP 3333: `PATH_INFO` is UTF-8 decoded as Latin-1.

    `REQUEST_URI` is the target as it was sent.
    """
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1")
    host, port = scope["server"]
    environ: Environ = {
        **_SERVER,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": f"{target}?{query}" if query else target,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
    }
    for name, value in scope["headers"]:
        if b"_" not in name:  # an environ cannot tell x_amz_date from x-amz-date
            key = _OWN_NAMES.get(name) or _environ_name(name)
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def _environ_name(header: bytes) -> str:
    return "HTTP_" + header.decode("latin-1").upper().replace("-", "_")
