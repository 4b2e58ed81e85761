"""The context of a call of the control API, and readers of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import get_args

from emulator.control.contract_files import ContractFiles
from emulator.core.contract.lifecycle import Phase
from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.primitives.clock import SECOND, from_iso, to_iso
from emulator.core.primitives.json_text import is_storable
from emulator.core.primitives.nearest import hint
from emulator.core.worlds.registry import Worlds
from emulator.core.worlds.world import World

LONGEST = 1e12
"""Seconds from which a time is taken as endless: more than the clock can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlContext:
    """The world of a call, all worlds, and the contracts and kinds of the providers."""

    world: World
    worlds: Worlds
    contracts: Mapping[str, Contract]
    contract_files: ContractFiles
    kinds: Mapping[str, Collection[str]]

    def selected_providers(self, params: Document) -> list[str]:
        """List the provider that `params` name, or all; raises `NotFound`."""
        return (
            [self.require_provider(params["provider"])]
            if "provider" in params
            else list(self.contracts)
        )

    def matching_operations(self, params: Document) -> Mapping[str, list[Operation]]:
        """List, by provider, the operations that `params` name, or all; raises `NotFound`."""
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
            names = (each.name for known in every.values() for each in known)
            raise unknown("operation", str(operation), names)
        return {name: operations for name, operations in found.items() if operations}

    def check_resource_filter(self, params: Document) -> None:
        """Check that a selected provider has the kind and state; raises `NotFound` or `Refused`."""
        chosen, kind = self.selected_providers(params), params.get("kind")
        if kind is not None and not any(kind in self.kinds[name] for name in chosen):
            raise unknown("kind", kind, chain.from_iterable(self.kinds[name] for name in chosen))
        native = {
            state.name
            for provider in chosen
            for lifecycles in self.contracts[provider].lifecycles.values()
            for lifecycle in lifecycles.values()
            for state in lifecycle.states
        }
        states = {*native, *get_args(Phase)} - {"", "gone"}
        if params.get("state", "ready") not in states:
            known = ", ".join(sorted(states))
            raise Refused("unknown-state", state=params["state"], states=known)

    def require_provider(self, provider: str) -> str:
        """Return the name of a provider if it exists; raises `NotFound`."""
        if provider not in self.contracts:
            raise unknown("provider", provider, self.contracts)
        return provider


def unknown(subject: str, name: str, known: Iterable[str], *, of: str = "") -> NotFound:
    """Return the failure for a name that does not exist, with the known one that is nearest."""
    return NotFound(subject, id=f"{of}{name}", hint=hint(name, known))


Handler = Callable[[ControlContext, Document], object]
"""Takes the parameters of a call and returns the document of its response."""


def micros(time: str | float) -> int:
    """Read a time (ISO 8601, or seconds since 1970) as microseconds; raises `Refused`."""
    try:
        return from_iso(time) if isinstance(time, str) else int(time * SECOND)
    except (ValueError, OverflowError) as error:
        raise Refused("invalid-time", reason=str(error)) from None


def storable_text(params: Document, name: str) -> str | None:
    """Return a parameter that will be stored, or None; raises `Refused`."""
    text: str | None = params.get(name)
    if not is_storable(text):
        raise Refused("unstorable-text", name=name)
    return text


def span(seconds: float) -> int:
    """Convert seconds to microseconds, at most those of `LONGEST`."""
    return int(min(seconds, LONGEST) * SECOND)


def shown_time(micros: int | None) -> str | None:
    """Format a time as ISO 8601; None for a time that the clock cannot show."""
    try:
        return None if micros is None else to_iso(micros)
    except OverflowError:
        return None
