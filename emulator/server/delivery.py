"""Faulty delivery: responses sent late, in part or never."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from emulator.core.http.exchange import Response
from emulator.core.primitives.changes import Awaited

_PAUSE = 0.02
"""Minimum number of seconds between two retries, however often something changes."""

_PAUSE_FACTOR = 3
"""Pause per duration of the last retry, so that other requests get their turn."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause before a retry: at least `least` seconds, then until a change, or `most` seconds."""

    least: float
    most: float
    awaited: Awaited | None

    def waking(self, wake: Callable[[], object]) -> AbstractContextManager[object]:
        """Call `wake` at each change within the block, and at once if one was missed."""
        return self.awaited.waking(wake) if self.awaited else nullcontext()


class Retries:
    """Repeats a request until its response is another one or its time is up.

    Iterating gives the pause before each retry. `response` is the latest one.
    """

    def __init__(self, response: Response, clock: Callable[[], float]) -> None:
        """Retry for `response.wait` seconds of a monotonic `clock`."""
        self.response = response
        self._clock = clock

    def __iter__(self) -> Iterator[Pause]:
        deadline, took = self._clock() + self.response.wait, 0.0
        while self.response.retry and (left := deadline - self._clock()) > 0:
            awaited, least = self.response.awaited, pause_after(took, left)
            seconds = left if awaited is None or awaited.seconds is None else awaited.seconds
            yield Pause(least, max(0, min(seconds, left) - least), awaited)
            begun = self._clock()
            self.response = self.response.retry()
            took = self._clock() - begun


def pause_after(took: float, left: float) -> float:
    """Return the seconds to pause at least after a retry that `took` some, with `left` to go."""
    return min(max(_PAUSE, _PAUSE_FACTOR * took), left)


async def latest(
    response: Response, clock: Callable[[], float], gone: asyncio.Future[None]
) -> Response:
    """Retry until the response is another one, the time is up or the client has gone."""
    retries = Retries(response, clock)
    for pause in retries:
        await _until(pause, gone)
        if gone.done():
            break
    return retries.response


async def _until(pause: Pause, gone: asyncio.Future[None]) -> None:
    """Wait for the end of a pause, or until the client has gone."""
    await asyncio.sleep(pause.least)
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()
    # The change may come from another thread of a program that embeds the emulator.
    with pause.waking(lambda: loop.call_soon_threadsafe(_wake, woken)):
        await asyncio.wait([woken, gone], timeout=pause.most, return_when=asyncio.FIRST_COMPLETED)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
