"""What a call of the control API works with: a world, and what there is beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import get_args

from emulator.control.contract_files import ContractFiles
from emulator.core.contract.lifecycle import Meaning
from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.primitives.clock import SECOND, from_iso, to_iso
from emulator.core.storage.row_mapping import is_storable
from emulator.core.worlds.registry import Worlds
from emulator.core.worlds.world import World

LONGEST = 1e12
"""Seconds that are as good as for ever: more than the clock can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlContext:
    """The world a call commands, all worlds, and the contracts and kinds of the providers."""

    world: World
    worlds: Worlds
    contracts: Mapping[str, Contract]
    contract_files: ContractFiles
    kinds: Mapping[str, Collection[str]]

    def selected_providers(self, params: Document) -> list[str]:
        """List the provider that is named, or all; raises `NotFound`."""
        return (
            [self.require_provider(params["provider"])]
            if "provider" in params
            else list(self.contracts)
        )

    def matching_operations(self, params: Document) -> Mapping[str, list[Operation]]:
        """List, by provider, the operations that are named, or all; raises `NotFound`."""
        operation = params.get("operation")
        every = {
            name: self.contracts[name].operations.values()
            for name in self.selected_providers(params)
        }
        found = {
            name: [each for each in known if operation in (None, each.name)]
            for name, known in every.items()
        }
        if not any(found.values()):
            raise NotFound("operation", id=operation)
        return {name: operations for name, operations in found.items() if operations}

    def check_resource_filter(self, params: Document) -> None:
        """Raise `NotFound` or `Refused` where no provider that is meant has the kind or state."""
        chosen, kind = self.selected_providers(params), params.get("kind")
        if kind is not None and not any(kind in self.kinds[name] for name in chosen):
            raise NotFound("kind", id=kind)
        lives = [self.contracts[name].lifecycles.values() for name in chosen]
        named = {
            each.name
            for kinds in lives
            for by in kinds
            for life in by.values()
            for each in life.states
        }
        states = {*named, *get_args(Meaning)} - {"", "gone"}
        if params.get("state", "ready") not in states:
            told = ", ".join(sorted(states))
            raise Refused("unknown-state", state=params["state"], states=told)

    def require_provider(self, provider: str) -> str:
        """Give the name of a provider that there is; raises `NotFound`."""
        if provider not in self.contracts:
            raise NotFound("provider", id=provider)
        return provider


Handler = Callable[[ControlContext, Document], object]
"""Takes the document of a call and gives that of its answer."""


def micros(time: str | float) -> int:
    """Read a time, ISO 8601 or seconds since 1970, as microseconds; raises `Refused`."""
    try:
        return from_iso(time) if isinstance(time, str) else int(time * SECOND)
    except (ValueError, OverflowError) as error:
        raise Refused("invalid-time", reason=str(error)) from None


def storable_text(params: Document, name: str) -> str | None:
    """Give a text that will be stored, if there is one; raises `Refused`."""
    text: str | None = params.get(name)
    if not is_storable(text):
        raise Refused("unstorable-text", name=name)
    return text


def span(seconds: float) -> int:
    """Give the length of a time as microseconds; for ever is `LONGEST`."""
    return int(min(seconds, LONGEST) * SECOND)


def shown_time(micros: int | None) -> str | None:
    """Write a time, ISO 8601; None where there is none that the clock could show."""
    try:
        return None if micros is None else to_iso(micros)
    except OverflowError:
        return None
