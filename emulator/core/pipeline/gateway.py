"""The straight line of every request, from bytes to bytes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

from emulator.core.contract.model import NO_OPERATION, Contract, Operation
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.contract.validation import Violation
from emulator.core.errors.failures import (
    Failure,
    InternalError,
    Invalid,
    NotEmulated,
    Ordered,
    Timeout,
)
from emulator.core.errors.rendering import render, row_of
from emulator.core.http.exchange import Exchange, Request, Response, Scope
from emulator.core.http.protocol import Protocol
from emulator.core.pipeline.explain import explain
from emulator.core.pipeline.name_suffixes import default_outcome
from emulator.core.worlds.faults import NO_EFFECT, Effect
from emulator.core.worlds.match import Incoming
from emulator.core.worlds.registry import Worlds
from emulator.paths import CONTROL_PATH

log = logging.getLogger(__name__)

EMULATED_PAGE = f"{CONTROL_PATH}/operations"
"""Path of the list of emulated operations."""


class Gateway:
    """Serves the requests of one provider, each in its world."""

    def __init__(
        self,
        *,
        contract: Contract,
        protocol: Protocol,
        authenticate: Callable[[Exchange], Scope],
        perform: Callable[[Exchange, Scope, object], object],
        worlds: Worlds,
        world_of: Callable[[Exchange], str | None] = lambda _: None,
        outcome_of: Callable[[object], Outcome] = default_outcome,
        strict: bool = False,
    ) -> None:
        """Use the steps of a request.

        `authenticate` returns the scope of a call; `perform` turns the document of a request into
        that of the response; `world_of` returns the world of a request that names none;
        `outcome_of` reads an outcome from the request itself; `strict` raises if a response
        breaks its schema.
        """
        self.contract = contract
        self._protocol = protocol
        self._perform = perform
        self._worlds = worlds
        self._world_of = world_of
        self._outcome_of = outcome_of
        self._strict = strict
        steps = {
            "parseJson": protocol.read_body,
            "authenticate": authenticate,
            "validate": protocol.read,
        }
        # The order is the vendor's: it decides which of two errors a request gets.
        self._steps: Mapping[str, Callable[[Exchange], Any]] = {
            name: steps[name] for name in contract.service["order"]
        }

    def serve(self, request: Request, operation: Operation) -> Response:
        """Serve a request of a known operation."""
        exchange, effect = self._exchange(request, operation), NO_EFFECT
        rejection: Failure | None = None
        try:
            if not operation.emulated:
                raise NotEmulated(operation=operation.name, page=EMULATED_PAGE)
            results = {name: step(exchange) for name, step in self._steps.items()}
            scope, document = results["authenticate"], results["validate"]
            effect = self._effect(exchange, operation, document)
            if effect.error and not effect.apply_first:
                raise _ordered(effect, operation, document)
            exchange = replace(exchange, outcome=self._outcome(effect, document))
            response = self._respond(exchange, scope, document)
            if effect.error:
                raise _ordered(effect, operation, document)
        except Failure as failure:
            rejection, response = failure, self._error_response(exchange, failure)
        except Exception:
            log.exception("%s %s failed", self.contract.provider, operation.name)
            rejection = InternalError()
            response = self._error_response(exchange, rejection)
        # An effect on lifecycles is spent only where one began: a fault with `times: 1` must not
        # be used up by a request that was refused, or that creates a kind with a single state.
        if effect.is_of_lifecycles and (rejection or not exchange.outcome.applied.is_set()):
            exchange.world.faults.release(effect)
        self._record(exchange, response, rejection)
        if isinstance(rejection, Timeout):
            retry = partial(self.serve, request, operation)
            awaited = rejection.awaited
            return replace(response, wait=rejection.seconds, awaited=awaited, retry=retry)
        return response if effect is NO_EFFECT else _faulty(response, effect)

    def reject(self, request: Request, failure: Failure) -> Response:
        """Respond to a request that names no operation."""
        exchange = self._exchange(request, NO_OPERATION)
        response = self._error_response(exchange, failure)
        self._record(exchange, response, failure)
        return response

    def _effect(self, exchange: Exchange, operation: Operation, document: object) -> Effect:
        provider = self.contract.provider
        call = Incoming(provider=provider, operation=operation.name, document=document)
        return exchange.world.faults.draw(call, exchange.arrived)

    def _outcome(self, effect: Effect, document: object) -> Outcome:
        if effect.outcome is DEFAULT_OUTCOME:
            return self._outcome_of(document)
        # The rule's outcome is shared by requests; each reports for itself whether it was applied.
        return replace(effect.outcome, applied=Event())

    def _respond(self, exchange: Exchange, scope: Scope, document: object) -> Response:
        """Validate the document of a request and perform the operation."""
        violations = exchange.operation.request.violations(document)
        if violations:
            raise Invalid(violations)
        result = self._perform(exchange, scope, document)
        return self._checked(exchange.operation, self._protocol.success(exchange, result))

    def _exchange(self, request: Request, operation: Operation) -> Exchange:
        world = request.world or self._worlds.default
        exchange = Exchange(
            contract=self.contract,
            operation=operation,
            request=request,
            world=world,
            request_id="",
            arrived=world.clock.now(),
        )
        # Credentials may be bound to a world, and reading them needs an exchange: so the first one
        # is in the default world.
        world_of = None if request.world else self._world_of(exchange)
        if world_of is not None:
            world = self._worlds.named(world_of, capped=False)
            exchange = replace(exchange, world=world, arrived=world.clock.now())
        request_id = self._protocol.request_id(world.identifiers, self._request_purpose(exchange))
        return replace(exchange, request_id=request_id)

    def _request_purpose(self, exchange: Exchange) -> str:
        """Return the purpose of a request id: world, provider, operation and contents."""
        provider, world = self.contract.provider, exchange.world
        if not world.identifiers.is_seeded:
            return provider
        name = exchange.operation.name
        return f"{world.name}/{provider}/{name}/{exchange.request.digest()}"

    def _error_response(self, exchange: Exchange, failure: Failure) -> Response:
        describe = partial(self._protocol.describe, exchange)
        error = render(failure, self.contract, describe)
        response = self._protocol.failure(exchange, error)
        broken = self._envelope_violations(error.envelope, response) if self._strict else ()
        if broken and not isinstance(failure, InternalError):
            log.error(
                "%s: the error breaks %s: %s", exchange.operation.name, error.envelope, broken
            )
            return self._error_response(exchange, InternalError())
        return response

    def _envelope_violations(self, envelope: str, response: Response) -> Sequence[Violation]:
        """List the violations of an error's envelope; a body that is not JSON is a text."""
        if not envelope:  # a provider need not describe the shape of its errors
            return ()
        body = response.body.decode()
        is_json = any("json" in value for name, value in response.headers if name == "Content-Type")
        return self.contract.envelopes(envelope).violations(json.loads(body) if is_json else body)

    def _checked(self, operation: Operation, response: Response) -> Response:
        """In strict mode, raise if a response breaks the schema of its operation."""
        if self._strict:
            document = json.loads(response.body) if response.body else None
            broken = operation.response.violations(document)
            if broken:
                raise AssertionError(f"the response violates its schema: {broken[0]}")
        return response

    def _record(self, exchange: Exchange, response: Response, rejection: Failure | None) -> None:
        if self.contract.service.get("journaled", True):
            request, operation = exchange.request, exchange.operation
            row = row_of(rejection, self.contract) if rejection else None
            provider = self.contract.provider
            operation_name = operation.name or None
            exchange.world.coverage.note(provider, operation_name, response.status, row)
            exchange.world.journal.add(
                at=exchange.arrived,
                provider=provider,
                operation=operation_name,
                method=request.method,
                path=request.path,
                query=request.query,
                status=response.status,
                sent=(request.headers.items(), request.body or b""),
                answered=(response.headers, response.body),
                explain=explain(rejection, exchange) if rejection else None,
            )


def _ordered(effect: Effect, operation: Operation, document: object) -> Ordered:
    return Ordered(
        effect.error or "",
        message=effect.message,
        status=effect.status,
        retry_after=effect.retry_after,
        operation=operation.name,
        document=document,
    )


def _faulty(response: Response, effect: Effect) -> Response:
    return replace(
        response,
        delay=effect.delay,
        close_connection=effect.close_connection,
        truncate_bytes=effect.truncate_bytes,
    )
