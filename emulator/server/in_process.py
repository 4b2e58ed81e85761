"""An emulator inside this process: the same server as that of `serve`, on a thread."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

from emulator.app import Application
from emulator.core.http.wsgi import Wsgi
from emulator.core.pipeline.flask_app import MOST_DRAINED
from emulator.server.endpoints import Endpoints
from emulator.server.http_server import HttpServer
from emulator.server.sockets import listening
from emulator.settings import Settings


class Listener:
    """Serves a WSGI application on one port, on a thread, until it is stopped."""

    def __init__(
        self, app: Wsgi, host: str, port: int, *, longest_body: int = MOST_DRAINED
    ) -> None:
        """Listen at once, on a free port if `port` is 0; raises `OSError`."""
        self._socket = listening(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server = HttpServer(app, longest_body)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start serving."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Stop serving and release the port."""
        if self._ready.is_set():
            self._server.stop()
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve([self._socket], self._ready.set))


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
        longest = self.application.longest_body
        try:
            self._listener = Listener(
                self.application, self.settings.host, self.settings.port, longest_body=longest
            )
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
