"""The engine in memory."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from emulator.core.storage.engine import Engine
from emulator.core.storage.memory.transaction import MemoryTransaction, Worlds


class MemoryEngine(Engine):
    """Keeps everything as objects of this process."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._worlds: Worlds = {}
        self._turn = Lock()

    @property
    def lasts(self) -> bool:
        """False: everything ends with the process."""
        return False

    def transaction(self) -> MemoryTransaction:
        """Make a transaction, which takes its turn when the block begins."""
        return MemoryTransaction(self._worlds, self._turn)

    def worlds(self) -> Sequence[str]:
        """List no world: none is recorded."""
        return ()

    def close(self) -> None:
        """Delete everything."""
        self._worlds.clear()
