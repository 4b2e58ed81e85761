"""Calls about faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import starmap

from emulator.control.context import (
    LONGEST,
    ControlContext,
    Handler,
    shown_time,
    span,
    storable_text,
)
from emulator.core.contract.beginnings import begun_by, shows_reason
from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.errors.ordering import codes_of
from emulator.core.primitives.identifiers import chances
from emulator.core.worlds.faults import Effect, Rule
from emulator.core.worlds.match import Match
from emulator.core.worlds.registry import WorldError
from emulator.core.worlds.world import World

_COMMON = {"InternalError", "Forbidden", "Throttled", "Unauthenticated", "Unavailable"}
"""Failures that any operation may answer with, declared or not."""

_OF_ERRORS = {"message", "status", "retry_after", "apply_first"}
"""Members of an effect that require its `error`."""


def add_fault(context: ControlContext, params: Document) -> object:
    """Add a fault; reject an error that no matched operation declares, unless told to allow it."""
    match, effect = params.get("match", {}), _effect(params)
    _check(context, match, effect, forced=params.get("allow_undeclared", False))
    world = _world_of(context, params)
    rule = world.faults.add(partial(_rule, effect, params, world.clock.now()))
    return _shown(rule, world)


def faults(context: ControlContext, _: Document) -> object:
    """List the faults, oldest first."""
    return {"faults": [_shown(rule, context.world) for rule in context.world.faults.rules]}


def remove_fault(context: ControlContext, params: Document) -> object:
    """Remove a fault."""
    if not context.world.faults.remove(params["id"]):
        raise NotFound("fault", id=params["id"])
    return {"status": "ok"}


def clear_faults(context: ControlContext, _: Document) -> object:
    """Remove every fault."""
    context.world.faults.clear()
    return {"status": "ok"}


def _world_of(context: ControlContext, params: Document) -> World:
    named = params.get("match", {}).get("world")
    try:
        return context.worlds.named(named) if named else context.world
    except WorldError as error:
        raise Refused("invalid-world", reason=str(error)) from None


def _effect(params: Document) -> Effect:
    effect = params["effect"]
    for name in ({*effect, *params} & _OF_ERRORS) if "error" not in effect else ():
        raise Refused("requires-error", name=name)
    if "reason" in effect and effect.get("lifecycle") != "failed":
        raise Refused("requires-failed", name="reason")
    names = (
        "error",
        "message",
        "status",
        "retry_after",
        "delay",
        "close_connection",
        "truncate_bytes",
    )
    given = {name: effect[name] for name in names if name in effect}
    if "retry_after" in given:
        given["retry_after"] = min(given["retry_after"], LONGEST)
    outcome = _outcome(effect)
    apply_first = effect.get("apply_first", params.get("apply_first", False))
    if "error" in effect and not apply_first and outcome is not DEFAULT_OUTCOME:
        raise Refused(
            "nothing-created", name="lifecycle" if "lifecycle" in effect else "hold_seconds"
        )
    return Effect(**given, apply_first=apply_first, outcome=outcome)


def _outcome(effect: Document) -> Outcome:
    ordered, held = effect.get("lifecycle"), effect.get("hold_seconds")
    if ordered is None and held is None:
        return DEFAULT_OUTCOME
    return Outcome(
        mode=ordered if ordered in ("immediate", "timed", "manual") else None,
        fails=ordered == "failed",
        reason=storable_text(effect, "reason"),
        hold=None if held is None else span(held),
    )


def _rule(effect: Effect, params: Document, now: int, id: str) -> Rule:
    expires_in, match = params.get("expires_in"), params.get("match", {})
    return Rule(
        id=id,
        match=Match.read(match),
        nth=match.get("nth"),
        effect=effect,
        order={name: params[name] for name in ("match", "effect") if name in params},
        times=params.get("times"),
        probability=params.get("probability", 1),
        chance=chances(params.get("random_seed")),
        expires_at=None if expires_in is None else now + span(expires_in),
    )


def _check(context: ControlContext, match: Document, effect: Effect, *, forced: bool) -> None:
    """Check that what is ordered can happen to a matched operation; raises `Failure`s."""
    matching = {
        name: [each for each in operations if each.emulated]
        for name, operations in context.matching_operations(match).items()
    }
    if not any(matching.values()):
        raise Refused("not-emulated", operation=match["operation"])
    for name, operations in matching.items():
        contract = context.contracts[name]
        declared = {*_codes(contract), *(code for each in operations for code in each.errors)}
        if effect.error is not None and not forced and not _has(contract, effect, declared):
            valid = ", ".join(sorted(declared))
            raise Refused("undeclared-error", provider=name, error=effect.error, declared=valid)
    _check_outcome(context, matching, effect.outcome)


def _check_outcome(
    context: ControlContext, matching: Mapping[str, Sequence[Operation]], outcome: Outcome
) -> None:
    """Check that a matched operation begins a lifecycle that can go as ordered."""
    begun = [
        (context.contracts[name], operation, lifecycle)
        for name, operations in matching.items()
        for operation in operations
        for lifecycle in begun_by(context.contracts[name], operation)
    ]
    failing = [(contract, operation) for contract, operation, life in begun if life.can_fail]
    if outcome.fails and not failing:
        raise Refused("no-failed-state", provider=", ".join(matching))
    if outcome.sets_delays and not any(life.has_delays for _, _, life in begun):
        raise Refused("no-delays", provider=", ".join(matching))
    if outcome.reason is not None and not any(starmap(shows_reason, failing)):
        raise Refused("reason-not-shown", provider=", ".join(matching))


def _has(contract: Contract, effect: Effect, declared: AbstractSet[str]) -> bool:
    return not declared.isdisjoint(codes_of(contract, effect.error or "", effect.status))


def _codes(contract: Contract) -> Iterator[str]:
    """Yield the codes of the failures in `_COMMON`."""
    named = {*contract.failures, *_COMMON}
    rows = ((name, contract.row(name)) for name in named if name.partition(":")[0] in _COMMON)
    return (row["code"] for _, row in rows if row)


def _shown(rule: Rule, world: World) -> Mapping[str, object]:
    return {
        "id": rule.id,
        "world": world.name,
        "match": rule.order.get("match", {}),
        "effect": rule.order["effect"],
        "times": rule.times,
        "probability": rule.probability,
        "expires_at": shown_time(rule.expires_at),
        "matched": rule.matched,
        "applied": rule.applied,
    }


HANDLERS: Mapping[str, Handler] = {
    "AddFault": add_fault,
    "ListFaults": faults,
    "RemoveFault": remove_fault,
    "ClearFaults": clear_faults,
}
