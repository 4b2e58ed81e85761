"""The emulator's application for servers other than its own: `python -m uvicorn --factory`."""

from __future__ import annotations

from typing import Any

from emulator.app import Application
from emulator.server.messages import SERVER, environ_of
from emulator.settings import Settings


class OneThread:
    """Calls a WSGI application for each request of ASGI, on the thread of the event loop."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        host, port = scope["server"]
        shared = {"SERVER_NAME": host, "SERVER_PORT": str(port), "REMOTE_ADDR": scope["client"][0]}
        query = scope["query_string"]
        environ = environ_of(
            {**SERVER, **shared, "wsgi.url_scheme": scope["scheme"]},
            method=scope["method"],
            target=scope["raw_path"] + (b"?" + query if query else b""),
            version=scope["http_version"],
            fields=scope["headers"],
            body=body,
        )
        started: list[Any] = []
        response = b"".join(self._app(environ, lambda *start: started.append(start)))
        status, headers = started[-1][:2]
        fields = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": int(status[:3]), "headers": fields})
        await send({"type": "http.response.body", "body": response})


def directly() -> OneThread:
    """Make the application behind the ASGI above."""
    return OneThread(_application())


def through_a2wsgi() -> Any:
    """Make the application behind a2wsgi, on one thread."""
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - it need not be installed

    return WSGIMiddleware(_application(), workers=1)


def _application() -> Application:
    return Application(Settings(demo=True, lifecycle="immediate"))
