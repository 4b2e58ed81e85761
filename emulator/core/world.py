"""A world: the state, time, identifiers and journal that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from emulator.core import objects, seeds
from emulator.core.auth.nonces import Nonces
from emulator.core.clock import Clock
from emulator.core.contract import Contract, Document
from emulator.core.faults import Faults
from emulator.core.identifiers import Identifiers
from emulator.core.journal import Journal
from emulator.core.outcomes import AS_USUAL, Mode, Outcome, Pace
from emulator.core.redaction import Redaction
from emulator.core.resources import Resource
from emulator.core.shelf import Lifecycles, Shelf
from emulator.core.store import Cursor, Store
from emulator.core.survey import Seen, Wish, is_meant, jump, survey


class World:
    """One isolated world; everything that happens in it happens on its one clock."""

    def __init__(
        self,
        *,
        name: str,
        contracts: Mapping[str, Contract],
        store: Store,
        clock: Clock,
        identifiers: Identifiers,
        speed: float,
        lifecycle: Mode | None,
        demo: bool,
        kinds: Mapping[str, Sequence[type[Resource]]] | None = None,
    ) -> None:
        """Make a world and plant its seeds.

        Delays of lifecycles are divided by `speed`; the lifecycle `immediate` leaves them
        out, `timed` has even those that others have on request only, `manual` waits for commands;
        `demo` adds the demo rows of every provider. `kinds` are, by provider, those that
        are filed.
        """
        self.name = name
        self._kinds = {
            provider: {kind.kind: kind for kind in filed}
            for provider, filed in (kinds or {}).items()
        }
        self.clock = clock
        self.identifiers = identifiers
        self.journal = Journal(_redaction(contract.service for contract in contracts.values()))
        self.nonces = Nonces()
        self.faults = Faults()
        self.limits: dict[str, dict[str, int | None]] = {provider: {} for provider in contracts}
        self.speed = self._first_speed = speed
        self.lifecycle = self._first_lifecycle = lifecycle
        self.lifecycles: dict[str, dict[str, Mode]] = {}
        """Modes by provider and kind, where they differ from that of the world."""
        self._contracts = contracts
        self._demo = demo
        self._store = store
        self._planted: set[tuple[str, str]] = set()
        if demo:
            with store.transaction() as cursor:
                for provider in contracts:
                    self._plant_demo(cursor, provider)

    @contextmanager
    def shelf(
        self,
        provider: str,
        scope: str,
        lifecycles: Lifecycles | None = None,
        outcome: Outcome = AS_USUAL,
    ) -> Iterator[Shelf]:
        """Open a transaction on what a provider keeps for a scope, baseline included.

        States are told by the provider's `lifecycles`, if not by those given; what begins
        one goes as the `outcome` says.
        """
        planted, mine = self._planted, (provider, scope)  # a reset makes another set of them
        with self._store.transaction() as cursor:
            shelf = self._shelf(cursor, provider, scope)
            if mine not in planted:
                seeds.plant(shelf, self._contracts[provider], "baseline")
            if lifecycles is not None:
                shelf.lifecycles = lifecycles
            shelf.pace = replace(shelf.pace, outcome=outcome)
            yield shelf
        planted.add(mine)

    @contextmanager
    def objects(self) -> Iterator[Shelf]:
        """Open a transaction on the S3 objects that belong to everybody."""
        with self._store.transaction() as cursor:
            yield self._shelf(cursor, objects.OWNER, objects.SCOPE)

    def reset(self, provider: str | None = None) -> None:
        """Go back to the seeds; of one provider the state, its journal and quotas only.

        Requests that are under way see the state before or after it, never between.
        """
        chosen = [provider] if provider else list(self._contracts)
        with self._store.transaction() as cursor:
            if provider is None:
                self.clock.reset()
                self.identifiers.reset()
                self.speed, self.lifecycle = self._first_speed, self._first_lifecycle
                self._store.forget(cursor, self.name, objects.OWNER)
            for name in chosen:
                self._store.forget(cursor, self.name, name)
                self._plant_demo(cursor, name)
                self.limits[name].clear()
                self.lifecycles.pop(name, None)
            self._planted = {place for place in self._planted if place[0] not in chosen}
            self.journal.clear(provider)
            self.nonces.clear()
            self.faults.clear(provider)

    def survey(self) -> list[Seen]:
        """List every resource of every provider."""
        with self._store.transaction() as cursor:
            return list(self._survey(cursor))

    def jump(self, provider: str, kind: str, id: str, wish: Wish) -> Seen | None:
        """Let a resource be in a state from now on, and give it; None where there is none.

        Raises `NoSuchState`.
        """
        contract, now = self._contracts[provider], self.clock.now()
        with self._store.transaction() as cursor:
            for seen in self._survey(cursor):
                if is_meant(seen, provider, kind, id):
                    statements = self._store.statements
                    jump(cursor, statements, seen, contract=contract, now=now, wish=wish)
            after = [each for each in self._survey(cursor) if is_meant(each, provider, kind, id)]
        return after[0] if after else None

    def _survey(self, cursor: Cursor) -> Iterator[Seen]:
        statements, now = self._store.statements, self.clock.now()
        return survey(cursor, statements, self._contracts, self.name, now)

    def settles_at(self) -> int:
        """Tell the time from which no resource changes its state by itself any more."""
        with self._store.transaction() as cursor:
            return self._store.settles_at(cursor, self.name)

    def _plant_demo(self, cursor: Cursor, provider: str) -> None:
        contract = self._contracts[provider]
        if self._demo:
            shelf = self._shelf(cursor, provider, seeds.default_scope(contract))
            seeds.plant(shelf, contract, "demo")

    def _shelf(self, cursor: Cursor, provider: str, scope: str) -> Shelf:
        contract = self._contracts.get(provider)
        return Shelf(
            cursor=cursor,
            statements=self._store.statements,
            lifecycles=contract.lifecycles if contract else {},
            world=self.name,
            provider=provider,
            scope=scope,
            now=self.clock.now(),
            pace=Pace(
                speed=self.speed, mode=self.lifecycle, modes=self.lifecycles.get(provider, {})
            ),
            queries=self._store.queries,
            kinds=self._kinds.get(provider, {}),
        )


def _redaction(services: Iterable[Document]) -> Redaction:
    """Take out what is secret at any of the services: a request may have lost its way."""
    known = list(services)
    terms = [service.get("credentials", {}) for service in known]
    return Redaction(
        names=[name for service in known for name in service.get("secrets", ())],
        looks=[each["looksReal"] for each in terms if "looksReal" in each],
    )
