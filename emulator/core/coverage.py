"""What of the contracts has been exercised in a world: operations, errors, states.

Coverage is noted when a call has been answered, and never before. What a contract has is
asked of the contract; here is only what was seen.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from emulator.core.contract import Contract
from emulator.core.failures import Failure, Ordered
from emulator.core.speech import ordered_row

Told = Iterable[tuple[str, str]]
"""Kinds of resources, with the names of states they were in."""


class Coverage:
    """Counts, of every provider in one world."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[str, Counter[tuple[str, int]]] = {}
        self._rows: dict[str, set[str]] = {}
        self._states: dict[str, set[tuple[str, str]]] = {}

    def note(
        self, provider: str, operation: str | None, status: int, failure_row: str | None
    ) -> None:
        """Note an answer, and the row of errors.json that spoke, if one did."""
        with self._lock:
            if operation is not None:
                self._calls.setdefault(provider, Counter())[operation, status] += 1
            if failure_row is not None:
                self._rows.setdefault(provider, set()).add(failure_row)

    def note_state(self, provider: str, kind: str, state: str) -> None:
        """Note that a resource was in a state when a call came upon it."""
        self.note_states(provider, [(kind, state)])

    def note_states(self, provider: str, told: Told) -> None:
        """Note the states in which a call came upon resources."""
        known = self._states.get(provider)
        if known is None or not known.issuperset(told):
            with self._lock:
                self._states.setdefault(provider, set()).update(told)

    def clear(self, provider: str | None = None) -> None:
        """Forget everything, or what is of one provider."""
        with self._lock:
            for noted in (self._calls, self._rows, self._states):
                if provider is None:
                    noted.clear()
                else:
                    noted.pop(provider, None)

    def calls(self, provider: str) -> Mapping[tuple[str, int], int]:
        """Tell how often each operation was answered with each status."""
        with self._lock:
            return dict(self._calls.get(provider, Counter()))

    def rows(self, provider: str) -> frozenset[str]:
        """List the rows of errors.json that spoke."""
        with self._lock:
            return frozenset(self._rows.get(provider, ()))

    def states(self, provider: str) -> frozenset[tuple[str, str]]:
        """List the states that were come upon, with the kind of resource each was of."""
        with self._lock:
            return frozenset(self._states.get(provider, ()))


def row_name(failure: Failure | None, contract: Contract) -> str | None:
    """Name the row of errors.json that speaks for a failure; None where there is none."""
    if failure is None:
        return None
    rows = contract.failures
    if isinstance(failure, Ordered):
        return ordered_row(contract, failure.effect.error or "", failure.effect.status)
    name = type(failure).__name__
    named = (f"{name}:{failure.subject}", name, "Broken")
    return next((each for each in named if each in rows), None)
