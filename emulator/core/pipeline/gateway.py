"""The straight line of every request, from bytes to bytes."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile

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
from emulator.core.errors.rendering import render
from emulator.core.http.exchange import Exchange, Performed, Request, Response, Scope
from emulator.core.http.protocol import Protocol
from emulator.core.pipeline.explain import Rejection
from emulator.core.pipeline.name_suffixes import outcome_from_name
from emulator.core.pipeline.orders import faulty, ordered
from emulator.core.pipeline.review import reviews
from emulator.core.primitives.clock import SECOND, http_date
from emulator.core.worlds.faults import NO_EFFECT, Effect, Rule
from emulator.core.worlds.match import Incoming
from emulator.core.worlds.registry import Worlds
from emulator.paths import CONTROL_PATH

log = logging.getLogger(__name__)

EMULATED_PAGE = f"{CONTROL_PATH}/operations"
"""Path of the list of emulated operations."""

OWN_FAILURE = "X-Emulator-Error"
"""Header of a response to a request that the emulator itself failed at."""


class AnotherLayer(Exception):
    """What is stored decides that another layer of the provider answers the request."""

    def __init__(self, layer: str) -> None:
        super().__init__(layer)
        self.layer = layer


class Gateway:
    """Serves the requests of one provider, each in its world."""

    def __init__(
        self,
        *,
        contract: Contract,
        protocol: Protocol,
        authenticate: Callable[[Exchange], Scope],
        perform: Callable[[Exchange, Scope, object], Performed],
        worlds: Worlds,
        known: Callable[[Scope, object], Mapping[str, object]] = lambda *_: {},
        world_of: Callable[[Exchange], str | None] | None = None,
        layer_of: Callable[[Exchange, Scope], str | None] | None = None,
        outcomes_in_names: bool = False,
        strict: bool = False,
        strict_requests: bool = False,
    ) -> None:
        """Use the steps of a request.

        `authenticate` returns the scope of a call; `perform` runs an operation with the document
        of a request; `known` returns what texts may say of a request and of its caller;
        `world_of` returns the world of a request that names none, and `layer_of` the layer that
        answers it in place of this one. With `outcomes_in_names` the suffix of a name may choose
        an outcome; `strict` raises if a response breaks its schema; `strict_requests` rejects
        members that the vendor ignores.
        """
        self.contract = contract
        self._protocol = protocol
        self._authenticate = authenticate
        self._perform = perform
        self._worlds = worlds
        self._known = known
        self._world_of = world_of
        self._layer_of = layer_of
        self._outcomes_in_names = outcomes_in_names
        self._strict = strict
        self._strict_requests = strict_requests
        self._reviews = reviews(contract, protocol)
        # The vendor's order decides which of two errors a request gets.
        reads = {"parseJson": protocol.read_body, "validate": protocol.read}
        early = takewhile(lambda step: step != "authenticate", contract.service["order"])
        self._reads_before_authentication = [reads[step] for step in early]

    def serve(self, request: Request, operation: Operation) -> Response:
        """Serve a request of a known operation; raises `AnotherLayer`."""
        exchange, effect = self._exchange(request, operation), NO_EFFECT
        rejection: Failure | None = None
        try:
            if not operation.emulated:
                subject = "route" if self.contract.has_own_route(operation) else None
                raise NotEmulated(subject, operation=operation.name, page=EMULATED_PAGE)
            scope, document = self._read(exchange)
            rule = self._matching_fault(exchange, document)
            effect = rule.effect if rule else NO_EFFECT
            exchange.outcome = self._outcome(effect, document)
            if rule:
                response = self._respond_with_fault(rule, exchange, scope, document)
            else:
                response, _ = self._respond(exchange, scope, document)
        except Failure as failure:
            rejection, response = failure, self._error_response(exchange, failure)
        except AnotherLayer:
            raise
        except Exception:
            log.exception("%s %s failed", self.contract.provider, operation.name)
            rejection = InternalError()
            response = self._error_response(exchange, rejection)
        _date(response, exchange)
        self._record(exchange, response, rejection)
        if isinstance(rejection, Timeout):
            retry = partial(self.serve, request, operation)
            awaited = rejection.awaited
            return replace(response, wait=rejection.seconds, awaited=awaited, retry=retry)
        return response if effect is NO_EFFECT else faulty(response, effect)

    def reject(self, request: Request, failure: Failure) -> Response:
        """Respond to a request that names no operation."""
        exchange = self._exchange(request, NO_OPERATION)
        response = self._error_response(exchange, failure)
        _date(response, exchange)
        self._record(exchange, response, failure)
        return response

    def _read(self, exchange: Exchange) -> tuple[Scope, object]:
        """Authenticate the caller and read the document, with the errors in the vendor's order."""
        for read in self._reads_before_authentication:
            read(exchange)
        scope = self._authenticate(exchange)
        layer = self._layer_of(exchange, scope) if self._layer_of else None
        if layer is not None:
            raise AnotherLayer(layer)
        return scope, self._protocol.read(exchange)

    def _matching_fault(self, exchange: Exchange, document: object) -> Rule | None:
        if not exchange.world.faults.rules:
            return None
        provider, operation = self.contract.provider, exchange.operation.name
        call = Incoming(provider=provider, operation=operation, document=document)
        return exchange.world.faults.match(call, exchange.arrived)

    def _outcome(self, effect: Effect, document: object) -> Outcome:
        if effect.outcome == DEFAULT_OUTCOME and self._outcomes_in_names:
            return outcome_from_name(document)
        return effect.outcome

    def _respond(self, exchange: Exchange, scope: Scope, document: object) -> tuple[Response, bool]:
        """Perform a valid operation; return also whether a lifecycle began as ordered."""
        rules = exchange.rules
        if not rules.accepts(document):
            raise Invalid(rules.violations(document))
        performed = self._perform(exchange, scope, document)
        response = self._protocol.success(exchange, performed.document)
        return self._checked(exchange.operation, response), performed.began_as_ordered

    def _respond_with_fault(
        self, rule: Rule, exchange: Exchange, scope: Scope, document: object
    ) -> Response:
        """Do the same under a fault, and apply or release it; raises its error."""
        effect = rule.effect
        # It is spent only where it changed something: a fault with `times: 1` must not be used up
        # by a request that is refused anyway, or that creates a kind with a single state.
        applied = effect.changes_delivery
        try:
            if effect.error and not effect.apply_first:
                applied = True
                raise self._ordered(rule, exchange, scope, document)
            response, began_as_ordered = self._respond(exchange, scope, document)
            applied = applied or began_as_ordered or effect.error is not None
            if effect.error:
                raise self._ordered(rule, exchange, scope, document)
            return response
        finally:
            faults = exchange.world.faults
            faults.apply(rule) if applied else faults.release(rule)

    def _ordered(self, rule: Rule, exchange: Exchange, scope: Scope, document: object) -> Ordered:
        known = {**self._known(scope, document), "page": EMULATED_PAGE}
        return ordered(rule, exchange, document, known)

    def _exchange(self, request: Request, operation: Operation) -> Exchange:
        world = request.world or self._worlds.default
        exchange = Exchange(
            contract=self.contract,
            operation=operation,
            request=request,
            world=world,
            arrived=world.clock.now(),
            request_id_for=self._request_id,
            is_strict=self._strict_requests,
        )
        # Credentials may be bound to a world, and reading them needs an exchange: so it begins in
        # the default world.
        bound_to = self._world_of(exchange) if self._world_of and not request.world else None
        if bound_to is not None:
            exchange.world = world = self._worlds.named(bound_to, capped=False)
            exchange.arrived = world.clock.now()
        if world.identifiers.is_seeded:
            # It counts: the same request gets another id the next time, whether this one is shown
            # or not.
            exchange.request_id = self._request_id(exchange)
        return exchange

    def _request_id(self, exchange: Exchange) -> str:
        identifiers = exchange.world.identifiers
        return self._protocol.request_id(identifiers, self._request_purpose(exchange))

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
        if isinstance(failure, InternalError):  # the vendor's words alone do not tell who failed
            return replace(response, headers=[*response.headers, (OWN_FAILURE, "InternalError")])
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

    def _record(self, exchange: Exchange, response: Response, failure: Failure | None) -> None:
        """Note a response in coverage and journal, and why it was rejected, if it was."""
        world, request = exchange.world, exchange.request
        if not self.contract.service.get("journaled", True):
            return
        provider, operation = self.contract.provider, exchange.operation.name or None
        rejection = Rejection.of(failure, exchange) if failure else None
        row = rejection.row if rejection else None
        world.coverage.note(provider, operation, response.status, row)
        world.journal.add(
            at=exchange.arrived,
            provider=provider,
            operation=operation,
            method=request.method,
            path=request.path,
            query=request.query,
            status=response.status,
            sent=(request.headers.items(), request.body or b""),
            answered=(response.headers, response.body),
            rejection=rejection,
            review=self._reviews.get(exchange.operation.name),
            duration_ms=round((time.perf_counter() - exchange.began) * 1000, 3),
        )


def _date(response: Response, exchange: Exchange) -> None:
    """Add the date by the clock of the world: clients correct their own clocks by it.

    A dialect may have given it a place of its own.
    """
    if "Date" not in [name for name, _ in response.headers]:
        response.headers = [*response.headers, ("Date", http_date(exchange.arrived // SECOND))]
