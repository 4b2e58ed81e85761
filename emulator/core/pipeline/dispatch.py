"""Runs handlers: a document in, a transaction, a document out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from emulator.core.contract.model import Contract, Operation
from emulator.core.errors.failures import AlreadyExists
from emulator.core.http.exchange import Exchange, Performed, Scope
from emulator.core.pipeline.call import Call
from emulator.core.pipeline.kinds import Kinds
from emulator.core.pipeline.plans import Params
from emulator.core.pipeline.provider import Handler, Provider
from emulator.core.primitives import json_text
from emulator.core.storage import idempotency
from emulator.core.storage.repository import Repository
from emulator.core.worlds.world import World

_MOST_CALLERS = 256
"""Callers whose facts are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What an operation does to a document, worked out when it is first called."""

    read: Callable[[Any], Params]
    handle: Handler
    write: Callable[[Any], Any] | None
    """None for a response without a body."""


class Dispatcher:
    """Performs the operations of one provider."""

    def __init__(self, *, provider: Provider, contract: Contract, kinds: Kinds) -> None:
        """Bind a provider's handlers and the classes of its resources to its contract."""
        self._contract = contract
        self._kinds = kinds
        self._provider = provider
        self._messages = provider.messages(contract)
        self._steps: Callable[[str], Steps] = cache(self._make_steps)
        self._facts: Callable[[Scope], Mapping[str, str]] = lru_cache(_MOST_CALLERS)(provider.facts)

    def perform(self, exchange: Exchange, scope: Scope, document: object) -> Performed:
        """Run the handler of an operation.

        Everything happens in one transaction; a `Failure` rolls it back.
        """
        try:
            return self._attempt(exchange, exchange.operation, scope, document)
        except AlreadyExists:
            if exchange.operation.idempotency is None:
                raise
            # Another call may have used the same token since: then its response is replayed.
            return self._attempt(exchange, exchange.operation, scope, document)

    def layer_of(self, exchange: Exchange, scope: Scope) -> str | None:
        """Return the layer that is to answer a call by what is stored; None if it is this one."""
        choose = self._provider.layer_of.get(exchange.operation.name)
        if choose is None:
            return None
        contract, world = self._contract, exchange.world
        with world.repository(
            contract.provider, scope.key, contract.lifecycles, exchange.outcome
        ) as repository:
            call = self._call(world, exchange.operation, scope, repository)
            return choose(call, exchange.request)

    def _make_steps(self, name: str) -> Steps:
        operation = self._contract.operations[name]
        return Steps(
            read=self._messages.reader(operation.request.schema),
            handle=self._provider.handler(operation),
            write=self._messages.writer(operation.response.schema),
        )

    def _attempt(
        self, exchange: Exchange, operation: Operation, scope: Scope, document: object
    ) -> Performed:
        # Transactions take turns: what needs no database is done before one begins.
        steps, contract = self._steps(operation.name), self._contract
        params = steps.read(document)
        with exchange.world.repository(
            contract.provider, scope.key, contract.lifecycles, exchange.outcome
        ) as repository:
            token = operation.idempotency and idempotency.recall(repository, operation, document)
            if token:
                return Performed(document=json_text.Raw(token.answer))
            result = steps.handle(self._call(exchange.world, operation, scope, repository), params)
            response = steps.write(result) if steps.write else None
            if operation.idempotency:
                idempotency.remember(repository, operation, document, response)
        return Performed(document=response, began_as_ordered=repository.mapper.began_as_ordered)

    def _call(
        self, world: World, operation: Operation, scope: Scope, repository: Repository
    ) -> Call:
        return Call(
            contract=self._contract,
            operation=operation,
            kinds=self._kinds.classes,
            checks=self._provider.checks,
            facts=self._facts(scope),
            scope=scope,
            resources=repository,
            identifiers=world.identifiers,
            settings=world.settings,
        )
