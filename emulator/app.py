"""The composition root: settings in, one WSGI application out.

Which object gets which collaborator is decided here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from emulator.control import CONTROL, Commands, Guard
from emulator.core.auth.identity import Identity
from emulator.core.clock import Clock
from emulator.core.contract import Contract
from emulator.core.dispatch import Dispatcher
from emulator.core.gateway import Gateway
from emulator.core.identifiers import Identifiers
from emulator.core.loader import Loader
from emulator.core.mount import Environ, Mount, StartResponse
from emulator.core.protocols.catalogue import PROTOCOLS, formats_of
from emulator.core.provider import Provider
from emulator.core.store import Store
from emulator.core.world import World
from emulator.front import Door, FrontDoor
from emulator.registry import find_providers
from emulator.settings import Settings


class Application:
    """One emulator: a WSGI application, its contracts and its world."""

    def __init__(self, settings: Settings, wall: Callable[[], int] = time.time_ns) -> None:
        """Load, wire and seed everything; `wall` tells real time in nanoseconds.

        Raises `ContractError` for a broken contract and `sqlalchemy.exc.SQLAlchemyError`
        for a database that cannot be used.
        """
        self.settings = settings
        loader = Loader(Path(settings.schemas) if settings.schemas else None)
        providers = find_providers()
        self.contracts = load_contracts(loader, providers)
        self.store = Store(settings.database)
        self.world = World(
            name="default",
            contracts=self.contracts,
            store=self.store,
            clock=Clock(settings.clock, wall),
            identifiers=Identifiers(settings.id_seed),
            speed=settings.speed,
            immediate=settings.lifecycle == "immediate",
            demo=settings.demo,
        )
        doors = [
            Door.to(name, self._provider_app(providers[name], contract), contract.service)
            for name, contract in self.contracts.items()
        ]
        self._front = FrontDoor(
            doors=doors,
            control=self._control_app(loader),
            world=self.world,
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI asks."""
        return self._front(environ, start_response)

    @property
    def longest_body(self) -> int:
        """Bytes of the longest body any provider reads."""
        limits = [contract.service["limits"] for contract in self.contracts.values()]
        return max(int(limit["bodyBytes"]) for limit in limits)

    def give_ports(self, ports: Mapping[str, int]) -> None:
        """Let a port belong to one provider, for requests that nothing else settles."""
        self._front.give_ports(ports)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def _control_app(self, loader: Loader) -> Mount:
        contract = loader.load(CONTROL, formats_of)
        gateway = Gateway(
            contract=contract,
            protocol=PROTOCOLS[contract.service["protocol"]["name"]](contract.service),
            admit=Guard({self.settings.host}).admit,
            perform=Commands(self.world, self.contracts).perform,
            world=self.world,
            strict=self.settings.strict,
        )
        return Mount(contract, gateway)

    def _provider_app(self, provider: Provider, contract: Contract) -> Mount:
        identity = contract.service["identity"]
        gateway = Gateway(
            contract=contract,
            protocol=PROTOCOLS[contract.service["protocol"]["name"]](contract.service),
            admit=Identity(identity["scheme"], identity, contract.service["hosts"]).of,
            perform=Dispatcher(provider=provider, contract=contract, world=self.world).perform,
            world=self.world,
            strict=self.settings.strict,
        )
        return Mount(contract, gateway)


def load_contracts(loader: Loader, names: Iterable[str]) -> Mapping[str, Contract]:
    """Load the contracts of the named providers, in the order of their ports."""
    contracts = [loader.load(name, formats_of) for name in names]
    contracts.sort(key=lambda contract: contract.service["portOffset"])
    return {contract.provider: contract for contract in contracts}


def create_app(settings: Settings | None = None) -> Application:
    """Make an emulator as a WSGI application, without any socket.

    Raises what `Application` raises.
    """
    return Application(settings or Settings())
