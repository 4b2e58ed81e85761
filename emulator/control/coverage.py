"""Telling what of the contracts has been exercised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from emulator.control.desk import Desk, Document, Handler
from emulator.core.contract import Contract
from emulator.core.coverage import Coverage

Total = Mapping[str, int]
"""How many were exercised, of how many."""

_PARTS = ("operations", "errors", "states")


def coverage(desk: Desk, wish: Document) -> object:
    """Tell which operations, error rows and states were exercised, of all that there are."""
    shown = {name: _shown(desk.contracts[name], desk.world.coverage) for name in desk.chosen(wish)}
    totals = {part: _sum(each["totals"][part] for each in shown.values()) for part in _PARTS}
    return {"providers": shown, "totals": totals}


def _shown(contract: Contract, seen: Coverage) -> Document:
    operations, states = _operations(contract, seen), _states(contract, seen)
    errors = _split(contract.failures, seen.rows(contract.provider))
    called = sum(1 for each in operations.values() if each["calls"])
    return {
        "operations": operations,
        "errors": errors,
        "states": states,
        "totals": {
            "operations": {"exercised": called, "of": len(operations)},
            "errors": _total(errors),
            "states": _sum(map(_total, states.values())),
        },
    }


def _operations(contract: Contract, seen: Coverage) -> Mapping[str, Document]:
    """Count the calls of each operation that is emulated, by status."""
    calls = seen.calls(contract.provider)
    found = {}
    for name in (
        operation.name for operation in contract.operations.values() if operation.emulated
    ):
        statuses = {str(at[1]): times for at, times in sorted(calls.items()) if at[0] == name}
        found[name] = {"calls": sum(statuses.values()), "statuses": statuses}
    return found


def _states(contract: Contract, seen: Coverage) -> Mapping[str, Document]:
    """Tell, of each kind, the states that a call came upon."""
    come_upon = seen.states(contract.provider)
    named = {
        kind: dict.fromkeys(
            state.name for life in lives.values() for state in life.states if state.name
        )
        for kind, lives in contract.lifecycles.items()
    }
    return {
        kind: _split(names, {state for of, state in come_upon if of == kind})
        for kind, names in named.items()
    }


def _split(names: Iterable[str], seen: Collection[str]) -> Document:
    everything = list(names)
    return {
        "exercised": [name for name in everything if name in seen],
        "missing": [name for name in everything if name not in seen],
    }


def _total(split: Document) -> Total:
    exercised = len(split["exercised"])
    return {"exercised": exercised, "of": exercised + len(split["missing"])}


def _sum(totals: Iterable[Total]) -> Total:
    summed = list(totals)
    return {name: sum(each[name] for each in summed) for name in ("exercised", "of")}


HANDLERS: Mapping[str, Handler] = {"GetCoverage": coverage}
