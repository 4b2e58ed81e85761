"""A WSGI application behind RSGI, granian's own interface: one thread answers everything.

granian runs WSGI on a pool of threads. A body that does not arrive holds one of them, and
Python runs one at a time in any case. Here a body is waited for without a thread.
"""

from __future__ import annotations

import sys
from io import BytesIO

from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope

from emulator.core.mount import MOST_DRAINED, Environ, Wsgi

_OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class OneThread:
    """Answers each request by calling a WSGI application on the thread of the event loop."""

    def __init__(self, app: Wsgi, longest: int) -> None:
        """Keep no more than a byte over `longest` bytes of a body."""
        self._app = app
        self._kept = longest + 1

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Wait for the body, then answer at once."""
        environ = _environ(scope, await self._body(protocol))
        started: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            started.append((int(status[:3]), headers))

        body = b"".join(self._app(environ, start_response))
        protocol.response_bytes(*started[-1], body)

    async def _body(self, protocol: HTTPProtocol) -> bytes:
        body, taken = bytearray(), 0
        async for chunk in protocol:
            taken += len(chunk)
            body += chunk[: self._kept - len(body)]
            if taken > MOST_DRAINED:
                break
        return bytes(body)


def _environ(scope: Scope, body: bytes) -> Environ:
    """Write a request as PEP 3333 has it: the path as the Latin-1 reading of its UTF-8."""
    host, port = _address(scope.server)
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": _address(scope.client)[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _OWN_NAMES.get(name) or "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if scope.authority:  # HTTP/2 says there what the Host header says in HTTP/1.1
        environ.setdefault("HTTP_HOST", scope.authority)
    return environ


def _address(text: str) -> tuple[str, str]:
    """Split `127.0.0.1:80` or `[::1]:80` into host, without brackets, and port."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), port
