"""The emulator's application for servers other than its own: `python -m uvicorn --factory`."""

from __future__ import annotations

from typing import Any

from emulator.app import Application
from emulator.server.asgi import OneThread
from emulator.settings import Settings


def directly() -> OneThread:
    """Make the application behind the ASGI of its own, as `serve` has it."""
    application = _application()
    return OneThread(application, application.longest_body)


def through_a2wsgi() -> Any:
    """Make the application behind a2wsgi, on one thread."""
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415 - it need not be installed

    return WSGIMiddleware(_application(), workers=1)


def _application() -> Application:
    return Application(Settings(demo=True, lifecycle="immediate"))
