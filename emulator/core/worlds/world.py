"""A world: an isolated set of state, time, identifiers, faults and journal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

from emulator.core.contract.model import Document
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.primitives.changes import Changes
from emulator.core.primitives.clock import Clock, ClockError
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage import objects, seeds
from emulator.core.storage.engine import Transaction
from emulator.core.storage.repository import Repository
from emulator.core.storage.rows import Lifecycles, RowMapper
from emulator.core.worlds import state_rows
from emulator.core.worlds.coverage import Coverage
from emulator.core.worlds.faults import Faults
from emulator.core.worlds.journal import Journal
from emulator.core.worlds.nonces import Nonces
from emulator.core.worlds.persistence import NoPersistence, WorldPersistence
from emulator.core.worlds.plan import Place, WorldPlan
from emulator.core.worlds.redaction import redaction_of
from emulator.core.worlds.resource_states import EVERYTHING, WorldResources
from emulator.core.worlds.state_document import StateError, WorldState
from emulator.core.worlds.world_settings import WorldSettings


class World:
    """One isolated world with one clock: what it has, its resources included."""

    def __init__(
        self,
        name: str,
        plan: WorldPlan,
        *,
        clock: Clock,
        identifiers: Identifiers,
        settings: WorldSettings,
    ) -> None:
        """Make a world as planned and plant its seeds; raises `StateError` for an invalid seed.

        Clock, identifiers and settings are its own.
        """
        contracts = plan.contracts
        self.name = name
        self.changes = Changes()
        """Counts changes of the resources and of the clock."""
        self.clock = clock
        clock.on_change = self.changes.note
        self.identifiers = identifiers
        self.settings = settings
        self.journal = Journal(redaction_of(contract.service for contract in contracts.values()))
        self.nonces = Nonces()
        self.faults = Faults(contracts)
        self.coverage = Coverage()
        self._plan = plan
        self._contracts = contracts
        self._database = plan.database
        self._seed = plan.seed or WorldState()
        self._planted: set[Place] = set()
        self._persistence: WorldPersistence | NoPersistence = NoPersistence()
        if plan.database.lasts:
            self._persistence = WorldPersistence(
                plan=plan, name=name, clock=clock, identifiers=identifiers, settings=settings
            )
        self._is_gone = False
        self.resources = WorldResources(self._transaction, contracts, name, clock)
        if plan.demo or plan.seed or self._persistence.lasts:
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
        place = (provider, scope)
        with self._transaction() as store:
            # Read in the transaction, as a reset may come before its turn; a later reset makes
            # another set.
            planted = self._planted
            repository = self._repository(store, provider, scope, lifecycles, outcome)
            if place not in planted:
                seeds.plant(repository, self._contracts[provider], "baseline")
                self._persistence.record(store, planted | {place})
            yield repository
        planted.add(place)
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
        with self._transaction() as store:
            if provider is None:
                self._become(store, self._seed)
            else:
                self._store(store, self._seed, provider, self.clock.now())
                self._set(self._seed, provider)
            for name in self._providers(provider):
                self._plant_demo(store, name)
            self._persistence.record(store, self._planted)
            self.journal.clear(provider)
            self.nonces.clear()
            self.faults.clear(provider)
            self.coverage.clear(provider)

    def snapshot(self) -> Document:
        """Return the state document: resources, clock and settings, without secrets."""
        with self._database.transaction() as store:
            rows = list(store.select(self.name, EVERYTHING))
            claims = store.claims(self.name)
            settings, drawn = self.settings.document(self.clock), self.identifiers.drawn()
            scopes = self._plan.baseline_scopes(self._planted)
        document = {
            **settings,
            "identifiers": state_rows.counters_document(drawn, self.name),
            "objects": state_rows.objects_of(rows),
            "providers": state_rows.providers_of(rows, claims, scopes),
        }
        return dict(sorted(document.items()))

    def restore(self, document: object) -> None:
        """Replace the state by that of a document; raises `StateError`.

        Journal, faults and coverage stay as they are. Concurrent requests see the state before
        or after it, never between; if it raises, nothing has changed.
        """
        state = self._plan.reader.read(document)
        with self._transaction() as store:
            self._become(store, state)
            self._persistence.record(store, self._planted)

    def check(self) -> None:
        """Raise what the database raises if it cannot be used now."""
        with self._database.transaction():
            pass

    def keep(self) -> None:
        """Record the clock and every other setting, if the database lasts."""
        if self._persistence.lasts:
            with self._transaction() as store:
                self._persistence.record(store, self._planted)

    def forget(self) -> None:
        """Delete the world from the database; requests in progress store nothing any more."""
        with self._database.transaction() as store:
            for owner in (objects.OWNER, *self._contracts):
                store.forget(self.name, owner)
            self._persistence.forget(store)
            self._is_gone = True

    def _begin(self) -> None:
        """Add the seeds, or continue from the state in the database."""
        with self._database.transaction() as store:
            left = self._persistence.recall(store)
            is_left = left is not None or not store.is_empty(self.name)
            self._become(store, left or self._seed, whole=not is_left)
            for provider in self._contracts:
                self._plant_demo(store, provider)
            self._persistence.record(store, self._planted)

    def _become(self, store: Transaction, state: WorldState, *, whole: bool = True) -> None:
        """Start from a state; unless `whole`, resources in the database stay."""
        now, offset = state.clock.get("now"), state.clock.get("offset", 0)
        try:
            begins_at = self.clock.would_show(now=now, offset=offset)
        except ClockError as error:
            raise StateError(["clock"], str(error)) from None
        if whole:
            self._persistence.restart(store, state.drawn)
            store.forget(self.name, objects.OWNER)
            everyones = self._repository(store, objects.OWNER, objects.SCOPE)
            state_rows.plant_objects(replace(everyones, now=begins_at), state.objects)
            for provider in self._contracts:
                self._store(store, state, provider, begins_at)
        # nothing fails from here on
        self.clock.restart(mode=state.clock.get("mode"), now=now, offset=offset)
        self.identifiers.reset({(self.name, *p): times for p, times in state.drawn.items()})
        self._set(state)

    def _store(self, store: Transaction, state: WorldState, provider: str, now: int) -> None:
        """Replace the resources of a provider by those of a state."""
        store.forget(self.name, provider)
        repository = replace(self._repository(store, provider, ""), now=now)
        stored = state.providers.get(provider, {})
        state_rows.plant(repository, self._contracts[provider], stored)

    def _set(self, state: WorldState, provider: str | None = None) -> None:
        """Take settings and baselines from a state, those of one provider or all of them."""
        self.settings.restart(state, provider)
        changed = self._providers(provider)
        kept = {place for place in self._planted if place[0] not in changed}
        self._planted = kept | {
            (name, scope)
            for name in changed
            for scope in state.providers.get(name, {}).get("baseline_scopes", ())
        }

    def _providers(self, provider: str | None = None) -> Collection[str]:
        """Return one provider, or all of them."""
        return self._contracts if provider is None else [provider]

    def _plant_demo(self, store: Transaction, provider: str) -> None:
        contract = self._contracts[provider]
        if self._plan.demo:
            repository = self._repository(store, provider, seeds.default_scope(contract))
            seeds.plant(repository, contract, "demo")

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """Open a transaction that may write; it is rolled back if the world was deleted."""
        with self._database.transaction() as store:
            yield store
            if self._persistence.lasts:
                self._persistence.note_ids(store)
            if self._is_gone:
                store.undo()
        if store.has_written:
            self.changes.note()

    def _repository(
        self,
        store: Transaction,
        provider: str,
        scope: str,
        lifecycles: Lifecycles | None = None,
        outcome: Outcome = DEFAULT_OUTCOME,
    ) -> Repository:
        """Return the resources of a provider, whose states follow its lifecycles by default."""
        contract = self._contracts.get(provider)
        if lifecycles is None:
            lifecycles = contract.lifecycles if contract else {}
        return Repository(
            store=store,
            mapper=RowMapper(lifecycles=lifecycles, kinds=self._plan.kinds.get(provider, {})),
            world=self.name,
            provider=provider,
            scope=scope,
            now=self.clock.now(),
            policy=self.settings.policy(provider, outcome),
        )
