"""The worlds of an emulator: made on first use, listed, deleted."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence

from emulator.core.worlds.world import World

DEFAULT = "default"
"""The world of requests that name none."""

MOST = 1000
"""Worlds that may exist at a time, at most, as each keeps a journal."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class WorldError(ValueError):
    """The name of a world is invalid, or there are too many worlds."""


class Worlds:
    """The worlds of one emulator."""

    def __init__(
        self, make: Callable[[str], World], most: int = MOST, there: Iterable[str] = ()
    ) -> None:
        """Make worlds with `make`, by name; the default one and those `there` at once."""
        self._make = make
        self._most = most
        self._lock = threading.Lock()
        self._worlds = {name: make(name) for name in dict.fromkeys((DEFAULT, *there))}
        self.default = self._worlds[DEFAULT]
        """The world of requests that name none."""

    def named(self, name: str, *, capped: bool = True) -> World:
        """Return a world, made on first use; raises `WorldError`.

        The limit holds for `capped` names, which any request may send.
        """
        found = self._worlds.get(name)
        return found or self._made(name, self._most if capped else math.inf)

    def all(self) -> Sequence[World]:
        """List the worlds in the order in which they were made."""
        with self._lock:
            return list(self._worlds.values())

    def drop(self, name: str) -> bool:
        """Delete a world (reset the default one). Return whether it existed."""
        with self._lock:  # a request must not make it again before its last row is deleted
            world = self._worlds.get(name) if name == DEFAULT else self._worlds.pop(name, None)
            if world and name == DEFAULT:
                world.reset()
            elif world:
                world.forget()
        return world is not None

    def _made(self, name: str, most: float) -> World:
        if not _NAME.fullmatch(name):
            raise WorldError(
                "the name of a world has up to 64 letters, digits, dots, dashes and underscores,"
                " and begins with a letter or digit"
            )
        with self._lock:
            if name not in self._worlds and len(self._worlds) >= most:
                raise WorldError(f"there are {self._most} worlds already; delete some")
            if name not in self._worlds:
                self._worlds[name] = self._make(name)
            return self._worlds[name]
