"""Switches: where a vendor's behaviour varies or is disputed, a user chooses.

A provider declares them in its service.json. A choice may lay a folder of the provider,
a layer, over the rest of its contract, or decide per request: those that bear a mark of
a layer are answered by the contract with it. What a layer changes is data, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Declared = Mapping[str, Any]
"""A service.json, or a part of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One switch of a provider, as service.json declares it."""

    provider: str
    name: str
    declared: Declared

    @property
    def flag(self) -> str:
        """The name by which a user sets it: `<provider>-<name>`."""
        return f"{self.provider}-{self.name}"

    @property
    def choices(self) -> Sequence[str]:
        """The names of what may be chosen."""
        return list(self.declared["choices"])

    @property
    def default(self) -> str:
        """The choice of who chooses nothing."""
        return str(self.declared["default"])

    @property
    def is_complete(self) -> bool:
        """Whether the declaration has what an option of the command line is made of."""
        declared = self.declared
        return {"description", "default", "choices"} <= declared.keys() and (
            declared["default"] in declared["choices"]
        )

    def chosen(self, choices: Mapping[str, str]) -> Declared:
        """Return the choice among settings by flag, or the default; raises `KeyError`."""
        choice: Declared = self.declared["choices"][choices.get(self.flag, self.default)]
        return choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """The layers of a contract: those of every request, and those that matchers select."""

    always: tuple[str, ...]
    matchers: Mapping[str, Sequence[Declared]]


def switches_of(service: Declared) -> Iterable[Switch]:
    """List the switches of one provider."""
    for name, declared in service.get("switches", {}).items():
        yield Switch(provider=service["provider"], name=name, declared=declared)


def layered(service: Declared, choices: Mapping[str, str]) -> Layered:
    """Return a provider's layers under these settings; raises `KeyError` for no choice."""
    chosen = [switch.chosen(choices) for switch in switches_of(service)]
    return Layered(
        always=tuple(choice["layer"] for choice in chosen if "layer" in choice),
        matchers={
            layer: matchers
            for choice in chosen
            for layer, matchers in choice.get("matchers", {}).items()
        },
    )
