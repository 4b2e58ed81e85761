"""Ordering faults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

from emulator.control.context import (
    LONGEST,
    ControlContext,
    Handler,
    shown_time,
    span,
    storable_text,
)
from emulator.core.contract.model import Contract, Document
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.errors.rendering import ordered_row
from emulator.core.primitives.identifiers import chances
from emulator.core.worlds.faults import Effect, Match, Rule
from emulator.core.worlds.registry import WorldError
from emulator.core.worlds.world import World

_COMMON = {"Broken", "Forbidden", "Throttled", "Unauthenticated", "Unavailable"}
"""Failures that any operation may come to, declared or not."""

_OF_ERRORS = {"message", "status", "retry_after", "after"}
"""Members of an effect that say more of its error."""


def add_fault(context: ControlContext, params: Document) -> object:
    """Order a fault; refuse an error that no operation it is for declares."""
    match, effect = params.get("match", {}), _effect(params)
    _check(context, match, effect, forced=params.get("force", False))
    world = _world_of(context, params)
    rule = world.faults.add(
        partial(_rule, _match(context, match), effect, params, world.clock.now())
    )
    return _shown(rule, world)


def faults(context: ControlContext, _: Document) -> object:
    """List the faults that are ordered, oldest first."""
    return {"faults": [_shown(rule, context.world) for rule in context.world.faults.all()]}


def remove_fault(context: ControlContext, params: Document) -> object:
    """Take back the order of a fault."""
    if not context.world.faults.remove(params["id"]):
        raise NotFound("fault", id=params["id"])
    return {"status": "ok"}


def clear_faults(context: ControlContext, _: Document) -> object:
    """Take back every order."""
    context.world.faults.clear()
    return {"status": "ok"}


def _world_of(context: ControlContext, params: Document) -> World:
    named = params.get("match", {}).get("world")
    try:
        return context.worlds.named(named) if named else context.world
    except WorldError as error:
        raise Refused("no-world", reason=str(error)) from None


def _match(context: ControlContext, params: Document) -> Match:
    """Read a match; requests to the control API are like none, or it could lock itself out."""
    return Match(
        providers=frozenset(context.selected_providers(params)),
        operation=params.get("operation"),
        fields=params.get("fields", {}),
        nth=params.get("nth"),
    )


def _effect(params: Document) -> Effect:
    effect = params["effect"]
    for name in ({*effect, *params} & _OF_ERRORS) if "error" not in effect else ():
        raise Refused("no-error", name=name)
    if "reason" in effect and effect.get("lifecycle") != "failed":
        raise Refused("no-failure", name="reason")
    names = ("error", "message", "status", "retry_after", "delay", "cut", "truncate")
    given = {name: effect[name] for name in names if name in effect}
    if "retry_after" in given:
        given["retry_after"] = min(given["retry_after"], LONGEST)
    after, outcome = effect.get("after", params.get("after", False)), _outcome(effect)
    if "error" in effect and not after and outcome is not DEFAULT_OUTCOME:
        raise Refused("nothing-begins")
    return Effect(**given, after=after, outcome=outcome)


def _outcome(effect: Document) -> Outcome:
    ordered, stays = effect.get("lifecycle"), effect.get("stays")
    if ordered is None and stays is None:
        return DEFAULT_OUTCOME
    return Outcome(
        mode=ordered if ordered in ("immediate", "timed", "manual") else None,
        fails=ordered == "failed",
        reason=storable_text(effect, "reason"),
        hold=None if stays is None else span(stays),
    )


def _rule(match: Match, effect: Effect, params: Document, now: int, id: str) -> Rule:
    lasts = params.get("seconds")
    return Rule(
        id=id,
        match=match,
        effect=effect,
        order={name: params[name] for name in ("match", "effect") if name in params},
        times=params.get("times"),
        probability=params.get("probability", 1),
        chance=chances(params.get("seed")),
        expires_at=None if lasts is None else now + span(lasts),
    )


def _check(context: ControlContext, match: Document, effect: Effect, *, forced: bool) -> None:
    """Raise where nobody has such an operation, one has no such error, or nobody can fail so."""
    for name, operations in context.matching_operations(match).items():
        contract = context.contracts[name]
        declared = {*_codes(contract), *(code for each in operations for code in each.errors)}
        if effect.error is not None and not forced and not _has(contract, effect, declared):
            told = ", ".join(sorted(declared))
            raise Refused("not-declared", provider=name, error=effect.error, declared=told)
    able = [
        name for name in context.selected_providers(match) if _can_fail(context.contracts[name])
    ]
    if effect.outcome.fails and not forced and not able:
        raise Refused("never-fails", provider=", ".join(context.selected_providers(match)))


def _can_fail(contract: Contract) -> bool:
    """Tell whether any kind has a lifecycle that ends badly."""
    return any(life.fails for lives in contract.lifecycles.values() for life in lives.values())


def _has(contract: Contract, effect: Effect, declared: Collection[str]) -> bool:
    row = contract.row(ordered_row(contract, effect.error or "", effect.status) or "")
    return row is not None and row["code"] in declared


def _codes(contract: Contract) -> Iterator[str]:
    """Give the codes of failures that any operation may come to."""
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
        "seen": rule.seen,
        "used": rule.used,
    }


HANDLERS: Mapping[str, Handler] = {
    "AddFault": add_fault,
    "ListFaults": faults,
    "RemoveFault": remove_fault,
    "ClearFaults": clear_faults,
}
