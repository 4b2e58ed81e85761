"""What a provider adds to its contract: handlers, wire schemas, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.core.call import Call
from emulator.core.wire import Wire

Handler = Callable[[Call, Any], object]
"""Takes an accepted call and its request dataclass, gives what the response is dumped from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider; each mapping has an entry per emulated operation, by its name."""

    name: str
    handlers: Mapping[str, Handler]
    requests: Mapping[str, type[Wire]]
    responses: Mapping[str, type[Wire] | None]
    """None where the vendor answers without a body."""
