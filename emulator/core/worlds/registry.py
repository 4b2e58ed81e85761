"""Every world there is: made when it is first named, listed, dropped."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence

from emulator.core.worlds.world import World

DEFAULT = "default"
"""The world of requests that name none."""

MOST = 1000
"""Worlds there may be at a time, for each keeps a journal."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class WorldError(ValueError):
    """A world cannot be: its name is none, or there are too many."""


class Worlds:
    """The worlds of one emulator."""

    def __init__(
        self, make: Callable[[str], World], most: int = MOST, there: Iterable[str] = ()
    ) -> None:
        """Make worlds with `make`, by their names; the default one and those `there` at once."""
        self._make = make
        self._most = most
        self._lock = threading.Lock()
        self._worlds = {name: make(name) for name in dict.fromkeys((DEFAULT, *there))}

    @property
    def default(self) -> World:
        """The world of requests that name none."""
        return self._worlds[DEFAULT]

    def named(self, name: str, *, capped: bool = True) -> World:
        """Give a world, made on first use; raises `WorldError`.

        `capped` are those that any request may name: there may be only so many.
        """
        found = self._worlds.get(name)
        return found or self._made(name, self._most if capped else math.inf)

    def all(self) -> Sequence[World]:
        """List the worlds, in the order in which they were made."""
        with self._lock:
            return list(self._worlds.values())

    def drop(self, name: str) -> bool:
        """Forget a world with all that is in it; the default one starts over. Tell if it was."""
        with self._lock:  # nobody makes it anew before the last row of it is gone
            world = self._worlds.get(name) if name == DEFAULT else self._worlds.pop(name, None)
            if world and name == DEFAULT:
                world.reset()
            elif world:
                world.forget()
        return world is not None

    def _made(self, name: str, most: float) -> World:
        if not _NAME.fullmatch(name):
            raise WorldError(
                "a world is named with up to 64 letters, digits, dots, dashes and underscores"
            )
        with self._lock:
            if name not in self._worlds and len(self._worlds) >= most:
                raise WorldError(f"there are {self._most} worlds already; drop some")
            if name not in self._worlds:
                self._worlds[name] = self._make(name)
            return self._worlds[name]
