"""The emulator's application for servers other than its own: `python -m uvicorn --factory`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any

from emulator.app import Application
from emulator.settings import Settings

Message = MutableMapping[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]  # fmt: skip


def directly() -> Asgi:
    """Make the application behind as little ASGI as possible, on the thread of the event loop."""
    application = _application()

    async def app(scope: Message, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        started: list[tuple[str, list[tuple[str, str]]]] = []
        environ = _environ(scope, body)
        response = b"".join(application(environ, lambda status, headers, *_: started.append((status, headers))))  # fmt: skip
        status, headers = started[-1]
        fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": int(status[:3]), "headers": fields})
        await send({"type": "http.response.body", "body": response})

    return app


def through_a2wsgi() -> Any:
    """Make the application behind a2wsgi, on one thread."""
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - it need not be installed

    return WSGIMiddleware(_application(), workers=1)


def _application() -> Application:
    return Application(Settings(demo=True, lifecycle="immediate"))


def _environ(scope: Message, body: bytes) -> dict[str, Any]:
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "RAW_URI": b"?".join(filter(None, (scope["raw_path"], scope["query_string"]))).decode(),
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        own = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        environ[key if own else f"HTTP_{key}"] = value.decode("latin-1")
    return environ
