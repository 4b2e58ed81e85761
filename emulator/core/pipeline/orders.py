"""What a fault makes of a call: the error that it orders, and the way its response is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.core.errors.failures import Ordered
from emulator.core.http.exchange import Exchange, Response
from emulator.core.worlds.faults import Effect, Rule


def ordered(
    rule: Rule, exchange: Exchange, document: object, known: Mapping[str, object]
) -> Ordered:
    """Make the error of a fault for a request; `known` is what texts may say of it."""
    effect = rule.effect
    return Ordered(
        effect.error or "",
        fault=rule.id,
        operation=exchange.operation,
        document=document,
        known=known,
        limits=exchange.world.settings.limits(exchange.contract.provider),
        message=effect.message,
        status=effect.status,
        retry_after=effect.retry_after,
    )


def faulty(response: Response, effect: Effect) -> Response:
    """Return a response that is delivered as a fault has it."""
    return replace(
        response,
        delay=effect.delay,
        close_connection=effect.close_connection,
        truncate_bytes=effect.truncate_bytes,
    )
