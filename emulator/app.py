"""The composition root: settings in, one WSGI application out.

Which object gets which collaborator is decided here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from emulator.catalogue import ProviderCatalogue
from emulator.control import CONTROL, ContractFiles, ControlDispatcher, Guard
from emulator.core.contract.files import ContractError
from emulator.core.contract.loader import Loader, faults_of_messages
from emulator.core.contract.model import Contract, Document
from emulator.core.contract.switches import layered, switches_of
from emulator.core.http.auth.authenticator import Authenticator
from emulator.core.http.auth.authenticator import faults_of as faults_of_credentials
from emulator.core.http.auth.keyring import CredentialsError, Keyring, keyrings
from emulator.core.http.cors import Cors
from emulator.core.http.matchers import matches_any
from emulator.core.http.plain_json import PlainJson
from emulator.core.http.wsgi import Environ, StartResponse, Wsgi, WsgiRequest
from emulator.core.pipeline.dispatch import Dispatcher
from emulator.core.pipeline.flask_app import ProviderApp
from emulator.core.pipeline.gateway import Gateway
from emulator.core.pipeline.kinds import Kinds
from emulator.core.pipeline.provider import Provider
from emulator.core.primitives import json_text
from emulator.core.primitives.clock import Clock
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.engines import open_engine
from emulator.core.worlds.plan import WorldPlan
from emulator.core.worlds.registry import Worlds
from emulator.core.worlds.state_document import StateError, StateReader, WorldState
from emulator.core.worlds.world import World
from emulator.core.worlds.world_settings import WorldSettings
from emulator.inspector import Inspector
from emulator.router import ProviderRouter, Route
from emulator.settings import SeedError, SettingError, Settings


class Application:
    """One emulator: a WSGI application, its contracts and its world."""

    def __init__(self, settings: Settings, wall: Callable[[], int] = time.time_ns) -> None:
        """Load, wire and seed everything; `wall` returns real time in nanoseconds.

        Raises `ProviderError` for an incomplete provider, `ContractError` and `RouteConflict`
        for a broken contract, `SettingError` for an unknown switch, choice or folder, an invalid
        credentials file or an invalid seed, and `DatabaseError` for a database that cannot be
        used.
        """
        self.settings = settings
        catalogue = ProviderCatalogue.find()
        providers, loader = catalogue.load(), _loader(settings.schemas, catalogue)
        self.contracts = load_contracts(loader, providers, settings.switches)
        self._keyrings = _keyrings(settings, self.contracts)
        self.database = open_engine(settings.database)
        self._control = load_control(loader)
        self._kinds = {
            name: _kinds(providers[name], contract, loader)
            for name, contract in self.contracts.items()
        }
        for name, kinds in self._kinds.items() if loader.has_overlay else ():
            for fault in kinds.faults(self.contracts[name]):
                raise fault
        reader = StateReader(self.contracts, self._kinds)
        plan = WorldPlan(
            contracts=self.contracts,
            kinds=self._kinds,
            database=self.database,
            reader=reader,
            seed=_read_seed(settings.seed, reader),
            demo=settings.demo,
        )
        try:
            make = partial(self._world, plan=plan, wall=wall)
            self.worlds = Worlds(make, there=self.database.worlds())
        except StateError as error:
            raise SeedError(f"{settings.seed or 'the database'}: {error}") from None
        guard = Guard(settings.host, settings.control_token, settings.cors_origin)
        self._router = ProviderRouter(
            routes=self._routes(providers, loader),
            control=self._control_app(loader, guard),
            worlds=self.worlds,
            accepts=guard.accepts,
        )
        origins = settings.cors_origin
        self._wsgi: Wsgi = Cors(self._router, origins) if origins else self._router

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        return self._wsgi(environ, start_response)

    @property
    def world(self) -> World:
        """The world of requests that name no world."""
        return self.worlds.default

    @property
    def longest_body(self) -> int:
        """Bytes of the longest body that any provider or the control API reads."""
        contracts = [*self.contracts.values(), self._control]
        return max(int(contract.service["limits"]["bodyBytes"]) for contract in contracts)

    def give_ports(self, ports: Mapping[str, int]) -> None:
        """Assign ports to providers, for requests that nothing else identifies."""
        self._router.give_ports(ports)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _world(self, name: str, *, plan: WorldPlan, wall: Callable[[], int]) -> World:
        return World(
            name,
            plan,
            clock=Clock(self.settings.clock, wall),
            identifiers=Identifiers(self.settings.id_seed),
            settings=WorldSettings(self.settings.speed, self.settings.lifecycle),
        )

    def _routes(self, providers: Mapping[str, Provider], loader: Loader) -> Sequence[Route]:
        return [
            Route.to(name, self._provider_app(providers[name], contract, loader), contract.service)
            for name, contract in self.contracts.items()
        ]

    def _control_app(self, loader: Loader, guard: Guard) -> Inspector:
        contract = self._control
        contract_files = ContractFiles({**self.contracts, CONTROL: contract}, loader)
        gateway = Gateway(
            contract=contract,
            protocol=PlainJson(contract.service),
            authenticate=guard.authenticate,
            perform=ControlDispatcher(
                self.worlds, self.contracts, contract_files, self._kinds
            ).perform,
            worlds=self.worlds,
            strict=self.settings.strict,
        )
        return Inspector(ProviderApp(gateway), lambda environ: guard.accepts(WsgiRequest(environ)))

    def _provider_app(self, provider: Provider, contract: Contract, loader: Loader) -> ProviderApp:
        layers = layered(contract.service, self.settings.switches)
        others = [
            (
                matches_any(matchers),
                self._gateway(provider, load_layers(loader, provider, extra_layers)),
            )
            for layer, matchers in layers.matchers.items()
            for extra_layers in [(*layers.always, layer)]
        ]
        return ProviderApp(self._gateway(provider, contract), others)

    def _gateway(self, provider: Provider, contract: Contract) -> Gateway:
        performs = provider.under(contract.layers)
        service, keyring = contract.service, self._keyrings[contract.provider]
        authenticator = Authenticator(self.settings.auth, service, keyring, provider.schemes)
        return Gateway(
            contract=contract,
            protocol=performs.protocol(service),
            authenticate=authenticator.authenticate,
            perform=Dispatcher(
                provider=performs, contract=contract, kinds=self._kinds[contract.provider]
            ).perform,
            worlds=self.worlds,
            world_of=authenticator.world_of,
            outcomes_in_names=self.settings.outcomes_in_names,
            strict=self.settings.strict,
        )


def _loader(folder: str | None, catalogue: ProviderCatalogue) -> Loader:
    """Make the loader of contracts, with an overlay folder if given; raises `SettingError`."""
    if folder is not None and not Path(folder).is_dir():
        raise SettingError(f"the schemas folder {folder} does not exist")
    return Loader(Path(folder) if folder else None, locations=catalogue.locations)


def _read_seed(file: str | None, reader: StateReader) -> WorldState | None:
    """Read the seed file; raises `SeedError`."""
    if file is None:
        return None
    try:
        return reader.read(json_text.read(Path(file).read_text(encoding="utf-8")))
    except OSError as error:
        raise SeedError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise SeedError(f"{file}: {error}") from None


def _keyrings(settings: Settings, providers: Iterable[str]) -> Mapping[str, Keyring]:
    try:
        return keyrings(settings.credentials, providers)
    except CredentialsError as error:
        raise SettingError(str(error)) from None


def load_contracts(
    loader: Loader, providers: Mapping[str, Provider], switches: Mapping[str, str] | None = None
) -> Mapping[str, Contract]:
    """Load the contracts of providers with the chosen switches, in order of port.

    Raises `ContractError`, and `SettingError` for an unknown switch or choice.
    """
    switches = switches or {}
    contracts, known_flags = [], set()
    for name, provider in providers.items():
        service = loader.read(name, "service.json", meta="service")
        known_flags |= {switch.flag for switch in switches_of(service)}
        contracts.append(load_layers(loader, provider, _chosen_layers(service, switches)))
    for flag in switches.keys() - known_flags:
        raise SettingError(f"unknown switch {flag}")
    contracts.sort(key=lambda contract: contract.service["portOffset"])
    return {contract.provider: contract for contract in contracts}


def load_layers(loader: Loader, provider: Provider, layers: Sequence[str]) -> Contract:
    """Load the contract of a provider under layers; raises `ContractError`."""
    formats = provider.under(layers).protocol.formats
    contract = loader.under(layers).load(provider.name, formats)
    for fault in faults_of(contract, provider, messages=loader.has_overlay):
        raise fault
    return contract


def _kinds(provider: Provider, contract: Contract, loader: Loader) -> Kinds:
    """Make the classes of a provider's resources: those of its contract without layers.

    What one generation of an API stores the others read, and so does a state document.
    """
    return provider.kinds(load_layers(loader, provider, ()) if contract.layers else contract)


def load_control(loader: Loader) -> Contract:
    """Load the contract of the control API; raises `ContractError`."""
    contract = loader.load(CONTROL, PlainJson.formats)
    for fault in faults_of_messages(contract) if loader.has_overlay else ():
        raise fault
    return contract


def faults_of(
    contract: Contract, provider: Provider, *, messages: bool = True
) -> Iterator[ContractError]:
    """List what is wrong with a contract as a whole, and between it and its provider.

    The built-in messages are read when they are first used, and not now if `messages` is False.
    """
    yield from faults_of_messages(contract) if messages else ()
    yield from provider.under(contract.layers).faults(contract)
    yield from faults_of_credentials(contract, provider.schemes)


def _chosen_layers(service: Document, switches: Mapping[str, str]) -> Sequence[str]:
    try:
        return layered(service, switches).always
    except KeyError as choice:
        raise SettingError(
            f"invalid choice {choice} for a switch of {service['provider']}"
        ) from None


def create_app(settings: Settings | None = None) -> Application:
    """Make an emulator as a WSGI application, without a socket.

    Raises what `Application` raises.
    """
    return Application(settings or Settings())
