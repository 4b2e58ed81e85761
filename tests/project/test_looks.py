"""Who waits looks after a change or when something is due, on every server, and never else."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE
from emulator.core.primitives.changes import Awaited, Changes
from emulator.server import asgi
from emulator.server.in_process import _serve
from tests.project.test_asgi import REQUEST, Wire

PATIENCE = 20
"""Seconds that are enough for anything that does come."""

LATER = Response(status=200, headers=[], body=b"later")


class Waited:
    """A response that waits for changes; `looks` counts the retries, the last of which is it."""

    def __init__(self, changes: Changes, looks: int, *, seconds: float | None = None) -> None:
        self.looks = 0
        self._changes, self._wanted, self._seconds = changes, looks, seconds

    def __call__(self, *_: object) -> Response:
        awaited = Awaited(self._changes, self._changes.count, self._seconds)
        self.looks += 1
        if self.looks > self._wanted:
            return LATER
        return Response(status=408, headers=[], body=b"", wait=PATIENCE, awaited=awaited, retry=self)  # fmt: skip


def served(waited: Waited) -> list[Any]:
    """Serve a response that waits; give what was sent."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[RESPONSE] = waited()
        start_response("408 REQUEST TIMEOUT", [])
        return []

    class Staying(Wire):
        async def receive(self) -> Any:
            chunk = next(self.chunks, None)
            if chunk is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": chunk}

    wire = Staying([b"{}"])
    asyncio.run(asgi.OneThread(app, 10)(REQUEST, wire.receive, wire.send))
    return wire.sent


def in_process(waited: Waited) -> list[Any]:
    """Serve it on this thread, as an emulator in a process does."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ[RESPONSE] = waited()
        start_response("408 REQUEST TIMEOUT", [])
        return []

    return list(_serve(app, {}, lambda *_: None))


SERVERS = pytest.mark.parametrize("serve", [served, in_process])


@SERVERS
def test_one_who_waits_looks_after_each_change_and_at_no_other_time(
    serve: Callable[[Waited], list[Any]],
) -> None:
    changes = Changes()
    waited = Waited(changes, looks=3)
    done = threading.Event()

    def change() -> None:
        """Change something after each look, from another thread, and then let nothing change."""
        seen = 0
        while seen < 3 and not done.wait(0.001):
            if waited.looks > seen:
                seen = waited.looks
                changes.note()

    thread = threading.Thread(target=change)
    thread.start()
    serve(waited)
    done.set()
    thread.join()
    assert waited.looks == 4


@SERVERS
def test_one_who_waits_looks_when_the_next_transition_is_due(
    serve: Callable[[Waited], list[Any]],
) -> None:
    waited = Waited(Changes(), looks=1, seconds=0.05)
    begun = time.monotonic()
    serve(waited)
    assert waited.looks == 2
    assert 0.05 <= time.monotonic() - begun < PATIENCE / 2
