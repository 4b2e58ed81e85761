"""What the worlds of an emulator have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from emulator.core.contract.model import Contract
from emulator.core.storage.engine import Engine
from emulator.core.worlds.state_document import Kinds, StateReader, WorldState

Place = tuple[str, str]
"""A provider and a scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPlan:
    """What every world of an emulator is made from.

    `reader` reads state documents. A world starts with the state `seed`, unless the database has
    one already; `demo` adds the demo rows of every provider.
    """

    contracts: Mapping[str, Contract]
    kinds: Kinds = field(default_factory=dict)
    database: Engine
    reader: StateReader
    seed: WorldState | None = None
    demo: bool = False

    def baseline_scopes(self, planted: Collection[Place]) -> Mapping[str, Sequence[str]]:
        """Return the scopes with baseline resources by provider, of those that have a baseline."""
        return {
            name: [scope for provider, scope in planted if provider == name]
            for name, contract in self.contracts.items()
            if contract.seed.get("baseline")
        }
