"""Switches: where a vendor's behaviour varies or is disputed, a user chooses.

A provider declares them in its service.json. A choice may lay a folder of the provider,
a layer, over the rest of its contract, or decide per request: those that bear a mark of
a layer are answered by the contract with it. What a layer changes is data, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Follow = Literal["pages", "live"]
"""What a user who sets no switch follows where both differ: the pages or the live service."""

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
    def live(self) -> str:
        """The choice nearest to the live service; the default where nothing was seen of it."""
        return str(self.declared.get("live", self.default))

    @property
    def is_complete(self) -> bool:
        """Whether the declaration has what an option of the command line is made of."""
        declared = self.declared
        return {"description", "default", "choices"} <= declared.keys() and (
            {self.default, self.live} <= declared["choices"].keys()
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user chose: switches by flag, and what those follow that are not set."""

    by_flag: Mapping[str, str] = field(default_factory=dict)
    follow: Follow = "pages"

    def of(self, switch: Switch) -> Declared:
        """Return the choice that holds for a switch; raises `KeyError` if it has no such."""
        unset = switch.live if self.follow == "live" else switch.default
        choice: Declared = switch.declared["choices"][self.by_flag.get(switch.flag, unset)]
        return choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Layered:
    """The layers of a contract: those of every request, and those that matchers select.

    An empty name among the latter is the contract with those of every request alone.
    """

    always: tuple[str, ...]
    matchers: Mapping[str, Sequence[Declared]]

    def with_(self, layer: str) -> tuple[str, ...]:
        """Return the layers of the requests for which matchers select a layer."""
        return (*self.always, layer) if layer else self.always


def switches_of(service: Declared) -> Iterable[Switch]:
    """List the switches of one provider."""
    for name, declared in service.get("switches", {}).items():
        yield Switch(provider=service["provider"], name=name, declared=declared)


def layered(service: Declared, choices: Choices) -> Layered:
    """Return a provider's layers under these settings; raises `KeyError` for no choice."""
    chosen = [choices.of(switch) for switch in switches_of(service)]
    return Layered(
        always=tuple(choice["layer"] for choice in chosen if "layer" in choice),
        matchers={
            layer: matchers
            for choice in chosen
            for layer, matchers in choice.get("matchers", {}).items()
        },
    )
