"""Who waits looks after a change or when something is due, and never else."""

from __future__ import annotations

import threading
import time

from emulator.core.http.exchange import Response
from emulator.core.primitives.changes import Awaited, Changes
from tests.project.test_connection import Seen, serving

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


def serve(waited: Waited) -> None:
    """Serve a response that waits, and read it."""
    app = Seen(faulty=waited())
    with serving(app) as connect, connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        while connection.recv(4096):
            pass


def test_one_who_waits_looks_after_each_change_and_at_no_other_time() -> None:
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


def test_one_who_waits_looks_when_the_next_transition_is_due() -> None:
    waited = Waited(Changes(), looks=1, seconds=0.05)
    begun = time.monotonic()
    serve(waited)
    assert waited.looks == 2
    assert 0.05 <= time.monotonic() - begun < PATIENCE / 2
