"""The handlers of the control API, by operation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from emulator.control import (
    clock,
    contracts,
    coverage,
    faults,
    objects,
    quotas,
    requests,
    resources,
    state,
    status,
)
from emulator.control.context import ControlContext, Handler
from emulator.control.contract_files import ContractFiles
from emulator.core.contract.model import Contract
from emulator.core.http.exchange import Exchange, Performed, Scope
from emulator.core.worlds.registry import Worlds

HANDLERS: Mapping[str, Handler] = {
    **status.HANDLERS,
    **clock.HANDLERS,
    **quotas.HANDLERS,
    **faults.HANDLERS,
    **objects.HANDLERS,
    **requests.HANDLERS,
    **resources.HANDLERS,
    **state.HANDLERS,
    **coverage.HANDLERS,
    **contracts.HANDLERS,
}


class ControlDispatcher:
    """Performs the operations of the control API in the world that the request names."""

    def __init__(
        self,
        worlds: Worlds,
        contracts: Mapping[str, Contract],
        contract_files: ContractFiles,
        kinds: Mapping[str, Collection[str]],
    ) -> None:
        """Command the worlds that serve the providers of `contracts`, with their `kinds`.

        A library has the files of the contracts.
        """
        self._worlds = worlds
        self._contracts = contracts
        self._contract_files = contract_files
        self._kinds = kinds

    def perform(self, exchange: Exchange, _: Scope, document: Any) -> Performed:
        """Run the handler of an operation."""
        context = ControlContext(
            world=exchange.world,
            worlds=self._worlds,
            contracts=self._contracts,
            contract_files=self._contract_files,
            kinds=self._kinds,
        )
        response = HANDLERS[exchange.operation.name](context, document)
        if exchange.operation.method != "GET":
            exchange.world.keep()
        return Performed(document=response)
