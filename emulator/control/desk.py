"""What a call of the control API works with: a world, and what there is beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.core.clock import SECOND, from_iso
from emulator.core.contract import Contract
from emulator.core.failures import NotFound, Refused
from emulator.core.world import World
from emulator.core.worlds import Worlds

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The world a call commands, all worlds, and the contracts of the providers."""

    world: World
    worlds: Worlds
    contracts: Mapping[str, Contract]

    def chosen(self, wish: Document) -> list[str]:
        """List the provider that is named, or all; raises `NotFound`."""
        return [self.known(wish["provider"])] if "provider" in wish else list(self.contracts)

    def known(self, provider: str) -> str:
        """Give the name of a provider that there is; raises `NotFound`."""
        if provider not in self.contracts:
            raise NotFound("provider", id=provider)
        return provider


Handler = Callable[[Desk, Document], object]
"""Takes the document of a call and gives that of its answer."""


def micros(time: str | float) -> int:
    """Read a time, ISO 8601 or seconds since 1970, as microseconds; raises `Refused`."""
    try:
        return from_iso(time) if isinstance(time, str) else int(time * SECOND)
    except (ValueError, OverflowError) as error:
        raise Refused("not-a-time", reason=str(error)) from None
