"""The straight line every request takes, from bytes to bytes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from emulator.core.call import Answer, Exchange, Request, Scope
from emulator.core.contract import Contract, Operation
from emulator.core.failures import Broken, Failure, Invalid, NotEmulated
from emulator.core.protocols.protocol import Protocol
from emulator.core.speech import speak
from emulator.core.world import World
from emulator.core.worlds import Worlds

log = logging.getLogger(__name__)

EMULATED_PAGE = "/_emulator/operations"
"""Where the emulator lists what it emulates."""


class Gateway:
    """Answers the requests of one provider, in the world each is for."""

    def __init__(
        self,
        *,
        contract: Contract,
        protocol: Protocol,
        admit: Callable[[Exchange], Scope],
        perform: Callable[[Exchange, Scope, object], object],
        worlds: Worlds,
        bound: Callable[[Exchange], str | None] = lambda _: None,
        strict: bool = False,
    ) -> None:
        """Take the steps a request goes through.

        `admit` tells whose call it is, `perform` makes the document of an answer from
        that of a request, `bound` names the world of a request that names none itself;
        `strict` refuses to send what breaks a response schema.
        """
        self.contract = contract
        self._protocol = protocol
        self._perform = perform
        self._worlds = worlds
        self._bound = bound
        self._strict = strict
        steps = {"parse": protocol.read_body, "admit": admit, "read": protocol.read}
        self._steps: Mapping[str, Callable[[Exchange], Any]] = {
            name: steps[name] for name in contract.service["steps"]
        }

    def serve(self, request: Request, operation: Operation) -> Answer:
        """Take one recognised request from bytes to bytes."""
        exchange = self._exchange(request, operation)
        try:
            if operation.request is None:
                raise NotEmulated(operation=operation.name, page=EMULATED_PAGE)
            done = {name: step(exchange) for name, step in self._steps.items()}
            scope, document = done["admit"], done["read"]
            violations = operation.request.violations(document)
            if violations:
                raise Invalid(violations)
            result = self._perform(exchange, scope, document)
            answer = self._checked(operation, self._protocol.success(exchange, result))
        except Failure as failure:
            answer = self._refusal(exchange, failure)
        except Exception:
            log.exception("%s %s failed", self.contract.provider, operation.name)
            answer = self._refusal(exchange, Broken())
        return self._written_down(exchange, answer)

    def refuse(self, request: Request, failure: Failure) -> Answer:
        """Answer a request that names no operation."""
        exchange = self._exchange(request, None)
        return self._written_down(exchange, self._refusal(exchange, failure))

    def _exchange(self, request: Request, operation: Operation | None) -> Exchange:
        world = request.world or self._worlds.default
        exchange = self._exchange_in(world, request, operation)
        bound = None if request.world or operation is None else self._bound(exchange)
        if bound is None:
            return exchange
        return self._exchange_in(self._worlds.named(bound), request, operation)

    def _exchange_in(self, world: World, request: Request, operation: Operation | None) -> Exchange:
        return Exchange(
            contract=self.contract,
            operation=operation,
            request=request,
            world=world,
            request_id=self._protocol.request_id(world.identifiers, self.contract.provider),
            arrived=world.clock.now(),
        )

    def _refusal(self, exchange: Exchange, failure: Failure) -> Answer:
        describe = partial(self._protocol.describe, exchange)
        return self._protocol.failure(exchange, speak(failure, self.contract, describe))

    def _checked(self, operation: Operation, answer: Answer) -> Answer:
        """In strict mode, raise when an answer breaks the response schema of its operation."""
        if self._strict and operation.response:
            document = json.loads(answer.body) if answer.body else None
            broken = operation.response.violations(document)
            if broken:
                raise AssertionError(f"the answer breaks its schema: {broken[0]}")
        return answer

    def _written_down(self, exchange: Exchange, answer: Answer) -> Answer:
        if self.contract.service.get("journaled", True):
            request, operation = exchange.request, exchange.operation
            exchange.world.journal.add(
                at=exchange.arrived,
                provider=self.contract.provider,
                operation=operation.name if operation else None,
                method=request.method,
                path=request.path,
                query=request.query,
                status=answer.status,
                sent=(request.headers.items(), request.body or b""),
                answered=(answer.headers, answer.body),
            )
        return answer
