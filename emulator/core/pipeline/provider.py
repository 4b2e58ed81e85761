"""What a provider adds to its contract: its dialect, handlers, wire schemas and resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.core.contract.files import ContractError
from emulator.core.contract.model import Contract
from emulator.core.http.auth.authenticator import Schemes
from emulator.core.http.protocol import Protocol
from emulator.core.pipeline.call import Call
from emulator.core.pipeline.messages import Formats
from emulator.core.pipeline.wire import Wire
from emulator.core.storage.resource import Resource

Handler = Callable[[Call, Any], object]
"""Takes a call and its parameters, returns what the response is made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider; each mapping has an entry per emulated operation, by its name."""

    name: str
    protocol: type[Protocol]
    """How requests and responses are written."""
    schemes: Schemes = field(default_factory=dict)
    """How callers authenticate."""
    handlers: Mapping[str, Handler]
    formats: Formats = field(default_factory=dict)
    """How values are written that are neither plain JSON nor a format of every provider."""
    requests: Mapping[str, type[Wire]] = field(default_factory=dict)
    responses: Mapping[str, type[Wire] | None] = field(default_factory=dict)
    """None for responses without a body."""
    resources: Sequence[type[Resource]]
    """Every kind of resource the provider stores."""
    client: str | None = None
    """What makes a client of the vendor's own library, `module:function`; it is given a URL.

    None where a session of `requests` does.
    """
    layers: Mapping[str, Provider] = field(default_factory=dict)
    """Providers for layers of the contract with other operations."""

    def faults(self, contract: Contract) -> Iterator[ContractError]:
        """List what the provider lacks to perform the operations of a contract."""
        for operation in contract.operations.values():
            if operation.emulated and operation.name not in self.handlers:
                file, pointer = f"{self.name}/service.json", f"/operations/{operation.name}"
                yield ContractError(file, pointer, "nothing handles it")

    @property
    def kinds(self) -> Mapping[str, type[Resource]]:
        """The kinds of resources by their names."""
        return {resource.kind: resource for resource in self.resources}

    def under(self, layers: Sequence[str]) -> Provider:
        """Return the provider for the contract under layers."""
        return next((self.layers[name] for name in reversed(layers) if name in self.layers), self)
