"""How a world is kept, so that it goes on after a restart of the emulator.

Resources are in the database anyway. Beside them it has a record of each world: clock, settings
and scopes with a baseline as a state document, and how many ids were drawn.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

from emulator.core.primitives.clock import Clock
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.engine import IdCounters, WorldStore
from emulator.core.worlds.plan import Place, WorldPlan
from emulator.core.worlds.state_document import WorldState
from emulator.core.worlds.state_rows import counters_of_world
from emulator.core.worlds.world_settings import WorldSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldPersistence:
    """Keeps a world in a database that lasts, with its `clock`, drawn ids and `settings`.

    Every method takes part in a transaction of the database.
    """

    lasts: ClassVar[bool] = True

    plan: WorldPlan
    name: str
    clock: Clock
    identifiers: Identifiers
    settings: WorldSettings

    def recall(self, store: WorldStore) -> WorldState | None:
        """Return the recorded state, without resources, or None; raises `StateError`."""
        document, drawn = store.read_record(self.name)
        return None if document is None else replace(self.plan.reader.read(document), drawn=drawn)

    def record(self, store: WorldStore, planted: Collection[Place]) -> None:
        """Record the clock, the settings and the places with baseline resources."""
        scopes = self.plan.baseline_scopes(planted)
        document = self.settings.changes(self.clock)
        document["providers"] = {name: {"baseline_scopes": own} for name, own in scopes.items()}
        store.write_record(self.name, document)

    def note_ids(self, store: WorldStore) -> None:
        """Record how many ids were drawn, of those drawn since the last call."""
        drawn = counters_of_world(self.identifiers.latest(), self.name)
        store.note_counters(self.name, drawn)

    def restart(self, store: WorldStore, drawn: IdCounters) -> None:
        """Delete the record and begin with the counters of a state."""
        self.forget(store)
        store.note_counters(self.name, drawn)

    def forget(self, store: WorldStore) -> None:
        """Delete the record."""
        store.forget_record(self.name)


class NoPersistence:
    """Keeps nothing, where the database is in memory and ends with the emulator."""

    lasts: ClassVar[bool] = False

    def recall(self, _: WorldStore) -> WorldState | None:
        """Return None: no world was there before."""
        return None

    def record(self, _: WorldStore, planted: Collection[Place]) -> None:
        """Do nothing."""

    def note_ids(self, _: WorldStore) -> None:
        """Do nothing."""

    def restart(self, _: WorldStore, drawn: IdCounters) -> None:
        """Do nothing."""

    def forget(self, _: WorldStore) -> None:
        """Do nothing."""
