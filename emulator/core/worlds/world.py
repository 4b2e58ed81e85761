"""A world: an isolated set of state, time, identifiers, faults and journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from emulator.core.contract.model import Contract, Document
from emulator.core.contract.policy import DEFAULT_OUTCOME, LifecycleMode, LifecyclePolicy, Outcome
from emulator.core.primitives.changes import Changes
from emulator.core.primitives.clock import Clock, ClockError
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage import objects, seeds
from emulator.core.storage.engine import Engine, Transaction
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.storage.row_mapping import RowMapper
from emulator.core.storage.rows import Lifecycles
from emulator.core.worlds import state_rows
from emulator.core.worlds.coverage import Coverage
from emulator.core.worlds.faults import Faults
from emulator.core.worlds.journal import Journal
from emulator.core.worlds.nonces import Nonces
from emulator.core.worlds.redaction import redaction_of
from emulator.core.worlds.resource_states import EVERYTHING, WorldResources
from emulator.core.worlds.state_document import StateError, StateReader, WorldState
from emulator.core.worlds.state_settings import WorldSettings, changed_settings, settings_document


class World:
    """One isolated world with one clock."""

    def __init__(
        self,
        *,
        name: str,
        contracts: Mapping[str, Contract],
        database: Engine,
        clock: Clock,
        identifiers: Identifiers,
        settings: WorldSettings,
        demo: bool,
        kinds: Mapping[str, Sequence[type[Resource]]] | None = None,
        form: StateReader | None = None,
        seed: WorldState | None = None,
    ) -> None:
        """Make a world and plant its seeds; raises `StateError` for an invalid seed.

        The `settings` are what a reset goes back to. `demo` adds the demo rows of every
        provider. `kinds` are the resources each provider stores. `form` reads state documents.
        `seed` is the state at the start, unless the database has one already.
        """
        self.name = name
        self._kinds = {
            provider: {kind.kind: kind for kind in there if kind.is_indexed()}
            for provider, there in (kinds or {}).items()
        }
        self.changes = Changes()
        """Counts changes of the resources and of the clock."""
        self.clock = clock
        clock.on_change = self.changes.note
        self.identifiers = identifiers
        self.journal = Journal(redaction_of(contract.service for contract in contracts.values()))
        self.nonces = Nonces()
        self.faults = Faults(contracts)
        self.coverage = Coverage()
        self.limits: dict[str, dict[str, int | None]] = {provider: {} for provider in contracts}
        self._defaults = settings
        self.speed, self.lifecycle = settings.speed, settings.lifecycle
        self.lifecycles: dict[str, dict[str, LifecycleMode]] = {}
        """Lifecycle modes by provider and kind that differ from the world's."""
        self._contracts = contracts
        self._demo = demo
        self._database = database
        self._planted: set[tuple[str, str]] = set()
        self._form = form or StateReader(contracts, self._kinds)
        self._seed = seed or WorldState()
        self._is_gone = False
        self.resources = WorldResources(self._transaction, contracts, name, clock)
        if demo or seed or database.lasts:
            self._begin()

    @contextmanager
    def repository(
        self,
        provider: str,
        scope: str,
        lifecycles: Lifecycles | None = None,
        outcome: Outcome = DEFAULT_OUTCOME,
    ) -> Iterator[Repository]:
        """Open a transaction on the resources of a provider in a scope, baseline included.

        States follow `lifecycles`, by default the provider's; new ones follow the `outcome`.
        """
        planted, mine = self._planted, (provider, scope)  # a reset makes another set of them
        with self._transaction() as store:
            repository = self._repository(store, provider, scope, lifecycles)
            if mine not in planted:
                seeds.plant(repository, self._contracts[provider], "baseline")
                self._record(store, planted | {mine})
            repository.policy = replace(repository.policy, outcome=outcome)
            yield repository
        planted.add(mine)
        self.coverage.note_states(provider, repository.mapper.states_seen)

    @contextmanager
    def objects(self) -> Iterator[Repository]:
        """Open a transaction on the S3 objects for everyone."""
        with self._transaction() as store:
            yield self._repository(store, objects.OWNER, objects.SCOPE)

    def reset(self, provider: str | None = None) -> None:
        """Reset to the seeds; for one provider only its state, journal and quotas.

        Concurrent requests see the state before or after it, never between.
        """
        chosen = [provider] if provider else list(self._contracts)
        with self._transaction() as store:
            if provider is None:
                self._become(store, self._seed)
            else:
                self._keep(store, self._seed, provider, self.clock.now())
                self._set(self._seed, provider)
            for name in chosen:
                self._plant_demo(store, name)
            self._record(store, self._planted)
            self.journal.clear(provider)
            self.nonces.clear()
            self.faults.clear(provider)
            self.coverage.clear(provider)

    def forget(self) -> None:
        """Delete the world from the database; requests in progress store nothing any more."""
        with self._database.transaction() as store:
            for owner in (objects.OWNER, *self._contracts):
                store.forget(self.name, owner)
            store.forget_record(self.name)
            self._is_gone = True

    def keep(self) -> None:
        """Record the clock and every other setting in the database."""
        with self._transaction() as store:
            self._record(store, self._planted)

    def snapshot(self) -> Document:
        """Return the state document: resources, clock and settings, without secrets."""
        with self._database.transaction() as store:
            rows = list(store.select(self.name, EVERYTHING))
            claims = store.claims(self.name)
        scopes = self._baselines(self._planted)
        document = {
            **settings_document(self._settings(), self.clock),
            "identifiers": state_rows.counters_document(self.identifiers.drawn(), self.name),
            "objects": state_rows.objects_of(rows),
            "providers": state_rows.providers_of(rows, claims, scopes),
        }
        return dict(sorted(document.items()))

    def restore(self, document: object) -> None:
        """Replace the state by that of a document; raises `StateError`.

        Journal, faults and coverage stay as they are. Concurrent requests see the state before
        or after it, never between; if it raises, nothing has changed.
        """
        state = self._form.read(document)
        with self._transaction() as store:
            self._become(store, state)
            self._record(store, self._planted)

    def _become(self, store: Transaction, state: WorldState, *, whole: bool = True) -> None:
        """Start from a state; unless `whole`, resources in the database stay."""
        now, offset = state.clock.get("now"), state.clock.get("offset", 0)
        try:
            begins_at = self.clock.would_show(now=now, offset=offset)
        except ClockError as error:
            raise StateError(["clock"], str(error)) from None
        if whole:
            store.forget_record(self.name)
            store.note_counters(self.name, state.drawn)
            store.forget(self.name, objects.OWNER)
            everyones = self._repository(store, objects.OWNER, objects.SCOPE)
            state_rows.plant_objects(replace(everyones, now=begins_at), state.objects)
        for provider in self._contracts if whole else ():
            self._keep(store, state, provider, begins_at)
        # nothing fails from here on
        self.clock.restart(mode=state.clock.get("mode"), now=now, offset=offset)
        self.identifiers.reset({(self.name, *p): times for p, times in state.drawn.items()})
        self.speed = self._defaults.speed if state.speed is None else state.speed
        self.lifecycle = state.lifecycles.get("default", self._defaults.lifecycle)
        for provider in self._contracts:
            self._set(state, provider)

    def _keep(self, store: Transaction, state: WorldState, provider: str, now: int) -> None:
        """Replace the resources of a provider by those of a state."""
        store.forget(self.name, provider)
        repository = replace(self._repository(store, provider, ""), now=now)
        kept = state.providers.get(provider, {})
        state_rows.plant(repository, self._contracts[provider], kept)

    def _set(self, state: WorldState, provider: str) -> None:
        """Apply the settings of a state to a provider."""
        scopes = state.providers.get(provider, {}).get("baseline_scopes", ())
        others = {place for place in self._planted if place[0] != provider}
        self._planted = others | {(provider, scope) for scope in scopes}
        self.limits[provider].clear()
        self.limits[provider].update(state.limits.get(provider, {}))
        self.lifecycles.pop(provider, None)
        if provider in state.lifecycles.get("providers", {}):
            self.lifecycles[provider] = dict(state.lifecycles["providers"][provider])

    def _baselines(self, planted: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
        """Return the scopes with baseline resources, by provider."""
        return {
            name: [scope for provider, scope in planted if provider == name]
            for name, contract in self._contracts.items()
            if contract.seed.get("baseline")
        }

    def _begin(self) -> None:
        """Add the seeds, or continue from the state in the database."""
        with self._database.transaction() as store:
            left, drawn = store.read_record(self.name)
            if left is None:
                self._become(store, self._seed, whole=store.is_empty(self.name))
            else:
                self._become(store, replace(self._form.read(left), drawn=drawn), whole=False)
            for provider in self._contracts:
                self._plant_demo(store, provider)
            self._record(store, self._planted)

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """Open a transaction that may write; it is rolled back if the world was deleted."""
        with self._database.transaction() as store:
            yield store
            drawn = state_rows.counters_of_world(self.identifiers.latest(), self.name)
            store.note_counters(self.name, drawn)
            if self._is_gone:
                store.undo()
        if store.has_written:
            self.changes.note()

    def _record(self, store: Transaction, planted: Iterable[tuple[str, str]]) -> None:
        """Record the settings that differ from the defaults."""
        document = changed_settings(self._settings(), self.clock, self._defaults)
        document["providers"] = {
            name: {"baseline_scopes": scopes} for name, scopes in self._baselines(planted).items()
        }
        store.write_record(self.name, document)

    def _settings(self) -> WorldSettings:
        return WorldSettings(self.speed, self.lifecycle, self.lifecycles, self.limits)

    def _plant_demo(self, store: Transaction, provider: str) -> None:
        contract = self._contracts[provider]
        if self._demo:
            repository = self._repository(store, provider, seeds.default_scope(contract))
            seeds.plant(repository, contract, "demo")

    def _repository(
        self, store: Transaction, provider: str, scope: str, lifecycles: Lifecycles | None = None
    ) -> Repository:
        """Return the resources of a provider, whose states follow its lifecycles by default."""
        contract = self._contracts.get(provider)
        if lifecycles is None:
            lifecycles = contract.lifecycles if contract else {}
        return Repository(
            store=store,
            mapper=RowMapper(lifecycles=lifecycles, kinds=self._kinds.get(provider, {})),
            world=self.name,
            provider=provider,
            scope=scope,
            now=self.clock.now(),
            policy=LifecyclePolicy(
                speed=self.speed, mode=self.lifecycle, modes=self.lifecycles.get(provider, {})
            ),
        )
