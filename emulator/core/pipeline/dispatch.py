"""Runs handlers: a document in, a transaction, a document out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from emulator.core.contract.model import Contract, Operation
from emulator.core.errors.failures import AlreadyExists
from emulator.core.http.exchange import Exchange, Performed, Scope
from emulator.core.pipeline.call import Call
from emulator.core.pipeline.kinds import Kinds
from emulator.core.pipeline.provider import Provider
from emulator.core.primitives import json_text
from emulator.core.storage import idempotency
from emulator.core.storage.repository import Repository
from emulator.core.worlds.world import World


class Dispatcher:
    """Performs the operations of one provider."""

    def __init__(self, *, provider: Provider, contract: Contract, kinds: Kinds) -> None:
        """Bind a provider's handlers and the classes of its resources to its contract."""
        self._contract = contract
        # Making a wire schema takes much longer than using it, so each is made at its first use.
        self._messages = provider.messages(contract)
        self._kinds = kinds
        self._provider = provider
        self._reader = cache(self._make_reader)
        self._writer = cache(self._make_writer)

    def _make_reader(self, name: str) -> Callable[[Any], object]:
        return self._messages.reader(self._contract.operations[name].request.schema)

    def _make_writer(self, name: str) -> Callable[[Any], Any] | None:
        return self._messages.writer(self._contract.operations[name].response.schema)

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

    def _attempt(
        self, exchange: Exchange, operation: Operation, scope: Scope, document: object
    ) -> Performed:
        # Transactions take turns: what needs no database is done before one begins.
        params = self._reader(operation.name)(document)
        write = self._writer(operation.name)
        contract = self._contract
        with exchange.world.repository(
            contract.provider, scope.key, contract.lifecycles, exchange.outcome
        ) as repository:
            token = idempotency.recall(repository, operation, document)
            if token:
                return Performed(document=json_text.Raw(token.answer))
            call = self._call(exchange.world, operation, scope, repository)
            result = self._provider.handler(operation)(call, params)
            response = write(result) if write else None
            idempotency.remember(repository, operation, document, response)
        return Performed(document=response, began_as_ordered=repository.mapper.began_as_ordered)

    def _call(
        self, world: World, operation: Operation, scope: Scope, repository: Repository
    ) -> Call:
        return Call(
            contract=self._contract,
            operation=operation,
            kinds=self._kinds,
            checks=self._provider.checks,
            scope_facts=self._provider.scope_facts,
            scope=scope,
            resources=repository,
            identifiers=world.identifiers,
            limits=world.settings.limits(self._contract.provider),
        )
