"""An emulator inside this process: werkzeug's server on a thread, on a free port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.client import responses
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from emulator.app import Application
from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE, Environ, StartResponse, Wsgi
from emulator.server.delivery import Pause, Retries
from emulator.server.endpoints import Endpoints
from emulator.server.sockets import bound
from emulator.settings import Settings

_POLL = 0.02
"""Seconds between two checks whether the server has to stop."""


class _Handler(WSGIRequestHandler):
    """Keeps connections open between requests and prints nothing."""

    protocol_version = "HTTP/1.1"

    def send_response(self, code: int, message: str | None = None) -> None:
        """Send the status line without `Date` and `Server`: the date is the application's."""
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Disable werkzeug's request log."""


def _serve(app: Wsgi, environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    """Send a response; a faulty one late, in part or not at all."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(app(environ, lambda *start: started.append(start)))
    faulty: Response | None = environ.get(RESPONSE)
    if faulty is None:
        start_response(*started[-1])
        yield body
        return
    retries = Retries(faulty, time.monotonic)
    for pause in retries:
        _sleep(pause)
    response = retries.response
    time.sleep(response.delay)  # on the thread of this connection
    if response.close_connection:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionError
    length = ("Content-Length", str(len(response.body)))
    phrase = responses.get(response.status, "Unknown")  # a fault may use any number
    start_response(f"{response.status} {phrase}", [*response.headers, length])
    yield response.body[: response.truncate_bytes]  # werkzeug closes every connection at the end


def _sleep(pause: Pause) -> None:
    """Wait for the end of a pause."""
    time.sleep(pause.least)
    woken = threading.Event()
    with pause.waking(woken.set):
        woken.wait(pause.most)


class Listener:
    """Serves a WSGI application on one port, on a thread, until it is stopped."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        """Bind at once, to a free port if `port` is 0; raises `OSError`."""
        with bound(host, port) as taken:  # werkzeug would print the error and exit
            self._server: BaseWSGIServer = make_server(
                host,
                port,
                partial(_serve, app),
                threaded=True,
                request_handler=_Handler,
                fd=taken.fileno(),
            )
        self._server.server_activate()
        self.port = self._server.port
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), daemon=True
        )

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and release the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Emulator:
    """An emulator for tests, as a context manager.

    ::

        with Emulator() as emulator:
            client = boto3.client("personalize", endpoint_url=emulator.url("personalize"), ...)
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Make an emulator, on a free port by default; raises `OSError`."""
        self.settings = settings or Settings(port=0)
        self.application = Application(self.settings)
        try:
            self._listener = Listener(self.application, self.settings.host, self.settings.port)
        except OSError:
            self.application.close()
            raise
        self.endpoints = Endpoints(
            host=self.settings.host,
            port=self._listener.port,
            ports={},
            contracts=self.application.contracts,
        )

    def url(self, provider: str) -> str:
        """Return the base URL for clients of a provider."""
        return self.endpoints.of(provider)

    def start(self) -> Self:
        """Start serving."""
        self._listener.start()
        return self

    def stop(self) -> None:
        """Stop serving and discard state in memory."""
        self._listener.stop()
        self.application.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
