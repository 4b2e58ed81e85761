"""Ordering faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from emulator.control.desk import Desk, Document, Handler
from emulator.core.clock import SECOND, to_iso
from emulator.core.contract import Contract, Operation
from emulator.core.failures import NotFound, Refused
from emulator.core.faults import Effect, Match, Rule
from emulator.core.identifiers import chances
from emulator.core.outcomes import AS_USUAL, Outcome
from emulator.core.speech import ordered_row

_COMMON = {"Broken", "Forbidden", "Throttled", "Unauthenticated", "Unavailable"}
"""Failures that any operation may come to, declared or not."""


def add_fault(desk: Desk, wish: Document) -> object:
    """Order a fault; refuse an error that no operation it is for declares."""
    match, effect = _match(wish.get("match", {})), _effect(wish)
    for provider in [desk.known(match.provider)] if match.provider else []:
        _check(desk.contracts[provider], match, effect, forced=wish.get("force", False))
    if effect.error and not match.provider:
        raise Refused("no-provider", error=effect.error)
    world = _world_of(desk, wish)
    rule = world.faults.add(partial(_rule, match, effect, wish, world.clock.now()))
    return _shown(rule)


def faults(desk: Desk, _: Document) -> object:
    """List the faults that are ordered, oldest first."""
    return {"faults": [_shown(rule) for rule in desk.world.faults.all()]}


def remove_fault(desk: Desk, wish: Document) -> object:
    """Take back the order of a fault."""
    if not desk.world.faults.remove(wish["id"]):
        raise NotFound("fault", id=wish["id"])
    return {"status": "ok"}


def clear_faults(desk: Desk, _: Document) -> object:
    """Take back every order."""
    desk.world.faults.clear()
    return {"status": "ok"}


def _world_of(desk: Desk, wish: Document) -> Any:
    named = wish.get("match", {}).get("world")
    return desk.worlds.named(named) if named else desk.world


def _match(wish: Document) -> Match:
    names = ("provider", "operation", "nth")
    given = {name: wish[name] for name in names if name in wish}
    return Match(**given, fields=wish.get("fields", {}))


def _effect(wish: Document) -> Effect:
    effect = wish["effect"]
    names = ("error", "message", "status", "retry_after", "delay", "cut", "truncate")
    given = {name: effect[name] for name in names if name in effect}
    after = effect.get("after", wish.get("after", False))
    return Effect(**given, after=after, outcome=_outcome(effect))


def _outcome(effect: Document) -> Outcome:
    ordered, stays = effect.get("lifecycle"), effect.get("stays")
    if ordered is None and stays is None:
        return AS_USUAL
    return Outcome(
        mode=ordered if ordered in ("immediate", "timed", "manual") else None,
        fails=ordered == "failed",
        reason=effect.get("reason"),
        stays=None if stays is None else int(stays * SECOND),
    )


def _rule(match: Match, effect: Effect, wish: Document, now: int, id: str) -> Rule:
    lasts = wish.get("seconds")
    return Rule(
        id=id,
        match=match,
        effect=effect,
        order={name: wish[name] for name in ("match", "effect") if name in wish},
        times=wish.get("times"),
        probability=wish.get("probability", 1),
        chance=chances(wish.get("seed")),
        expires_at=None if lasts is None else now + int(lasts * SECOND),
    )


def _check(contract: Contract, match: Match, effect: Effect, *, forced: bool) -> None:
    """Raise where the contract has no such operation, or the operation no such error."""
    if match.operation and match.operation not in contract.operations:
        raise NotFound("operation", id=match.operation)
    if effect.error is None or forced:
        return
    chosen = contract.operations.values()
    meant = [op for op in chosen if match.operation in (None, op.name)]
    if not any(_declares(contract, operation, effect) for operation in meant):
        declared = sorted({*_codes(contract), *(code for op in meant for code in op.errors)})
        raise Refused("not-declared", error=effect.error, declared=", ".join(declared))


def _declares(contract: Contract, operation: Operation, effect: Effect) -> bool:
    error = effect.error or ""
    row = ordered_row(contract, error, effect.status)
    if error.partition(":")[0] in _COMMON or error in _codes(contract):
        return row is not None
    return row is not None and row["code"] in operation.errors


def _codes(contract: Contract) -> Iterator[str]:
    """Give the codes of failures that any operation may come to."""
    rows = contract.failures.items()
    return (row["code"] for name, row in rows if name.partition(":")[0] in _COMMON)


def _shown(rule: Rule) -> Mapping[str, object]:
    return {
        "id": rule.id,
        "match": rule.order.get("match", {}),
        "effect": rule.order["effect"],
        "times": rule.times,
        "probability": rule.probability,
        "expires_at": None if rule.expires_at is None else to_iso(rule.expires_at),
        "seen": rule.seen,
        "used": rule.used,
    }


HANDLERS: Mapping[str, Handler] = {
    "AddFault": add_fault,
    "ListFaults": faults,
    "RemoveFault": remove_fault,
    "ClearFaults": clear_faults,
}
