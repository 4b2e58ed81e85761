"""Calls about coverage: the parts of the contracts that clients have exercised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from emulator.control.context import ControlContext, Handler
from emulator.core.contract.model import Contract, Document
from emulator.core.worlds.coverage import Coverage, with_totals


def coverage(context: ControlContext, params: Document) -> object:
    """Return the operations, error rows and states that were exercised, and the rest."""
    seen = context.world.coverage
    return with_totals(
        {
            name: _covered(context.contracts[name], seen)
            for name in context.selected_providers(params)
        }
    )


def _covered(contract: Contract, seen: Coverage) -> Document:
    return {
        "operations": _operations(contract, seen),
        "errors": _split(contract.failures, seen.rows(contract.provider)),
        "states": _states(contract, seen),
    }


def _operations(contract: Contract, seen: Coverage) -> Mapping[str, Document]:
    """Count the calls of each emulated operation, by status."""
    calls = seen.calls(contract.provider)
    found = {}
    for name in (
        operation.name for operation in contract.operations.values() if operation.emulated
    ):
        statuses = {str(at[1]): times for at, times in sorted(calls.items()) if at[0] == name}
        found[name] = {"calls": sum(statuses.values()), "statuses": statuses}
    return found


def _states(contract: Contract, seen: Coverage) -> Mapping[str, Document]:
    """Split the states of each kind by whether a call read a resource in them."""
    exercised = seen.states(contract.provider)
    named = {
        kind: dict.fromkeys(
            state.name for life in lives.values() for state in life.states if state.name
        )
        for kind, lives in contract.lifecycles.items()
    }
    return {
        kind: _split(names, {state for of, state in exercised if of == kind})
        for kind, names in named.items()
    }


def _split(names: Iterable[str], seen: Collection[str]) -> Document:
    everything = list(names)
    return {
        "exercised": [name for name in everything if name in seen],
        "missing": [name for name in everything if name not in seen],
    }


HANDLERS: Mapping[str, Handler] = {"GetCoverage": coverage}
