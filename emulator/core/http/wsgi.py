"""The words of WSGI, and the emulator's own keys of an environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

WORLD = "emulator.world"
"""Key of the world that a request names."""

RESPONSE = "emulator.response"
"""Key of an answer that is not simply sent; the server sees to that."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
