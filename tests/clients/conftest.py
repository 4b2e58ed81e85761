"""A live emulator on a free port, clean for every test, for the vendors' own clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from emulator import Emulator, Settings


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    with Emulator(Settings(port=0, demo=True, strict=True)) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Iterator[Emulator]:
    """The emulator with its demo world; no answer may be a failure of its own."""
    running.application.world.reset()
    yield running
    broken = [entry for entry in running.application.world.journal if entry.status == 500]
    assert not broken


@pytest.fixture
def settle(emulator: Emulator) -> Callable[[], None]:
    """Move the clock on until no state is left that would change."""

    def move() -> None:
        world = emulator.application.world
        world.clock.advance(max(0, world.settles_at() - world.clock.now()))

    return move
