"""Runs handlers: a document in, a transaction, a document out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from emulator.core import documents, idempotency
from emulator.core.call import Call, Scope
from emulator.core.contract import Contract, Operation
from emulator.core.failures import AlreadyExists
from emulator.core.loader import ContractError
from emulator.core.provider import Provider
from emulator.core.shelf import Shelf
from emulator.core.wire import Wire
from emulator.core.world import World


class Dispatcher:
    """Performs the operations of one provider in one world."""

    def __init__(self, *, provider: Provider, contract: Contract, world: World) -> None:
        """Bind a provider's handlers and wire schemas to its contract; raises `ContractError`."""
        for operation in contract.operations.values():
            if operation.emulated and operation.name not in provider.handlers:
                file = f"{contract.provider}/service.json"
                raise ContractError(file, f"/operations/{operation.name}", "nothing handles it")
        self._contract = contract
        self._world = world
        self._handlers = provider.handlers
        # wire schemas are made when they are first needed, for that takes longer than using them
        self._loader: Callable[[str], Wire] = cache(lambda name: provider.requests[name]())
        self._dumper: Callable[[str], Wire | None] = cache(partial(_made, provider.responses))

    def perform(self, operation: Operation, scope: Scope, document: object) -> object:
        """Run the handler of an operation and give the document of its answer.

        Everything happens in one transaction; a `Failure` undoes it.
        """
        try:
            return self._attempt(operation, scope, document)
        except AlreadyExists:
            if operation.idempotency is None:
                raise
            # Another call may have used the same token since: then there is an answer to replay.
            return self._attempt(operation, scope, document)

    def _attempt(self, operation: Operation, scope: Scope, document: object) -> object:
        wish = self._loader(operation.name).record(document)
        dumper = self._dumper(operation.name)
        contract = self._contract
        with self._world.shelf(contract.provider, scope.key, contract.lifecycles) as shelf:
            used = idempotency.recall(shelf, operation, document)
            if used:
                return documents.Raw(used.answer)
            result = self._handlers[operation.name](self._call(scope, shelf), wish)
            answer = dumper.dump(result) if dumper else None
            idempotency.remember(shelf, operation, document, answer)
        return answer

    def _call(self, scope: Scope, shelf: Shelf) -> Call:
        return Call(
            contract=self._contract,
            scope=scope,
            store=shelf,
            identifiers=self._world.identifiers,
            limits=self._world.limits[self._contract.provider],
        )


def _made(wires: Mapping[str, type[Wire] | None], name: str) -> Wire | None:
    wire = wires[name]
    return wire() if wire else None
