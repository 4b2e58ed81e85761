"""The files of contracts that the control API serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from emulator.control.openapi import Dialect
from emulator.core.contract.loader import Loader
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Contract, Document
from emulator.core.errors.failures import NotFound
from emulator.core.primitives.nearest import hint

_FILES = ("service", "errors", "lifecycles", "quotas", "resources", "rules", "seed")
_FURTHER = ("_shared", "examples")
_META = "_meta"
"""The folder of the meta-schemas."""


class ContractFiles:
    """The files of contracts, with layers and overlay applied; those of the control API, too."""

    def __init__(
        self,
        contracts: Mapping[str, Contract],
        loader: Loader,
        dialects: Mapping[str, Callable[[], Dialect]],
    ) -> None:
        """Serve the files of these contracts, and no other file.

        Making the dialect of a provider imports its code.
        """
        self._dialects = dialects
        self._contracts = contracts
        self._loader = loader

    def contract(self, provider: str) -> Contract:
        """Return a contract; raises `NotFound`."""
        if provider not in self._contracts:
            raise NotFound("provider", id=provider, hint=hint(provider, self._contracts))
        return self._contracts[provider]

    def dialect(self, provider: str) -> Dialect:
        """Make the dialect of a provider; raises `ProviderError`."""
        return self._dialects[provider]()

    def read(self, provider: str, name: str) -> Document:
        """Read a file of a contract; return an empty object if the file does not exist."""
        layers = self._contracts[provider].layers
        return self._loader.under(layers).read(provider, name, default={})

    def file(self, provider: str, name: str) -> Document:
        """Return a file of a contract, or a meta-schema; raises `NotFound`."""
        absent: Document = {}
        loader = self._loader
        if provider == _META:
            names = {file.name for file in (built_in_folder() / _META).glob("*.json")}
        else:
            contract = self.contract(provider)
            loader, names = loader.under(contract.layers), set(_names(contract))
        # a name from outside must not reach the file system unless it is in the list
        found = loader.read(provider, name, default=absent) if name in names else absent
        if found is absent:
            raise NotFound("file", id=f"{provider}/{name}", hint=hint(name, sorted(names)))
        return found


def _names(contract: Contract) -> Iterator[str]:
    yield from (f"{name}.json" for name in (*_FILES, *_FURTHER))
    for operation in contract.operations.values():
        if operation.emulated:
            yield from (f"{operation.name}.{side}.json" for side in ("request", "response"))
    yield from (f"{name}.error.json" for name in contract.envelope_names)
