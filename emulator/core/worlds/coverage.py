"""Coverage of a world: the operations, errors and states that clients have exercised.

It is recorded when a call has been answered. The rest of a contract is not recorded here, but
read from the contract.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Covered = Mapping[str, Any]
"""Coverage of a provider: the `calls` and `statuses` of each of its `operations`, and the names
`exercised` and `missing` of its `errors` and, by kind, of its `states`."""

KindStates = Iterable[tuple[str, str]]
"""Pairs of a kind of resource and the name of a state."""


class Coverage:
    """Counts of one world, by provider."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
        self._rows: dict[str, set[str]] = {}
        self._states: dict[str, set[tuple[str, str]]] = {}

    def note(
        self, provider: str, operation: str | None, status: int, failure_row: str | None
    ) -> None:
        """Record a response, and the row of errors.json that made it, if one did."""
        with self._lock:
            if operation is not None:
                self._calls[provider][operation, status] += 1
            if failure_row is not None:
                self._rows.setdefault(provider, set()).add(failure_row)

    def note_states(self, provider: str, seen: KindStates) -> None:
        """Record the states of the resources that a call read or made."""
        known = self._states.get(provider)
        if known is None or not known.issuperset(seen):
            with self._lock:
                self._states.setdefault(provider, set()).update(seen)

    def clear(self, provider: str | None = None) -> None:
        """Clear the counts, or those of one provider."""
        with self._lock:
            for noted in (self._calls, self._rows, self._states):
                if provider is None:
                    noted.clear()
                else:
                    noted.pop(provider, None)

    def calls(self, provider: str) -> Mapping[tuple[str, int], int]:
        """Return how often each operation was answered with each status."""
        with self._lock:
            return dict(self._calls.get(provider, Counter()))

    def rows(self, provider: str) -> frozenset[str]:
        """List the rows of errors.json that were used."""
        with self._lock:
            return frozenset(self._rows.get(provider, ()))

    def states(self, provider: str) -> frozenset[tuple[str, str]]:
        """List the states of resources that were read or made, each with its kind."""
        with self._lock:
            return frozenset(self._states.get(provider, ()))


def with_totals(providers: Mapping[str, Covered]) -> dict[str, Any]:
    """Add the totals of each provider and of all."""
    shown = {name: {**covered, "totals": _totals(covered)} for name, covered in providers.items()}
    parts = {
        part: _sum(covered["totals"][part] for covered in shown.values())
        for part in ("operations", "errors", "states")
    }
    return {"providers": shown, "totals": parts}


def _totals(covered: Covered) -> dict[str, dict[str, int]]:
    calls = [each["calls"] for each in covered["operations"].values()]
    return {
        "operations": {"exercised": sum(map(bool, calls)), "total": len(calls)},
        "errors": _total(covered["errors"]),
        "states": _sum(map(_total, covered["states"].values())),
    }


def _total(names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    exercised = len(names["exercised"])
    return {"exercised": exercised, "total": exercised + len(names["missing"])}


def _sum(totals: Iterable[Mapping[str, int]]) -> dict[str, int]:
    summed = list(totals)
    return {name: sum(each[name] for each in summed) for name in ("exercised", "total")}
