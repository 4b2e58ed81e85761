"""The composition root: settings in, one WSGI application out.

Which object gets which collaborator is decided here and nowhere else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from emulator.catalogue import Load, ProviderCatalogue, ProviderError
from emulator.contracts import dialects_of, faults_of, load_contracts, load_control, load_layers
from emulator.control import CONTROL, ContractFiles, ControlDispatcher, Guard
from emulator.core.contract.files import ContractError
from emulator.core.contract.loader import Loader
from emulator.core.contract.model import Contract
from emulator.core.contract.switches import Choices, layered
from emulator.core.errors.failures import InternalError
from emulator.core.http.auth.authenticator import Authenticator
from emulator.core.http.auth.keyring import CredentialsError, Keyring, keyrings
from emulator.core.http.cors import Cors
from emulator.core.http.matchers import matches_any
from emulator.core.http.plain_json import PlainJson
from emulator.core.http.wsgi import Environ, StartResponse, Wsgi, WsgiRequest
from emulator.core.pipeline.flask_app import ProviderApp, Variant
from emulator.core.pipeline.gateway import Gateway
from emulator.core.pipeline.kinds import Kinds
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

if TYPE_CHECKING:
    from flask import Flask

    from emulator.core.pipeline.provider import Provider  # it imports marshmallow

log = logging.getLogger(__name__)


class Application:
    """One emulator: a WSGI application, its contracts and its world."""

    def __init__(
        self,
        settings: Settings,
        wall: Callable[[], int] = time.time_ns,
        *,
        trusting: bool = True,
    ) -> None:
        """Load, wire and seed everything; `wall` returns real time in nanoseconds.

        Raises `ProviderError` for an incomplete provider, `ContractError` and `RouteConflict`
        for a broken contract, `SettingError` for an unknown switch, choice or folder, an invalid
        credentials file or an invalid seed, and `DatabaseError` for a database that cannot be
        used. Files and code that the emulator is installed with are not checked, unless
        `trusting` is False, and a provider's code is imported when it is first needed.
        """
        self.settings = settings
        catalogue = ProviderCatalogue.find()
        providers = catalogue.loaders()
        loader = _loader(settings.schemas, catalogue, trusting=trusting)
        self._choices = Choices(settings.switches, settings.follow)
        self.contracts = load_contracts(loader, providers, self._choices)
        self._keyrings = _keyrings(settings, self.contracts)
        self.database = open_engine(settings.database)
        self._control = load_control(loader)
        self._kinds = {
            name: _kinds(providers[name], contract, loader)
            for name, contract in self.contracts.items()
        }
        for name, kinds in self._kinds.items():
            for fault in () if loader.trusts(name) else kinds.faults(self.contracts[name]):
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
        self._apps = {
            name: self._provider_app(providers[name], contract, loader)
            for name, contract in self.contracts.items()
        }
        self._router = self._make_router(self._control_app(providers, loader, guard), guard)
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

    @property
    def flask_apps(self) -> Mapping[str, Flask]:
        """The Flask application of each provider, by name; changes are made before requests."""
        return {name: app.flask for name, app in self._apps.items()}

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

    def _make_router(self, control: Wsgi, guard: Guard) -> ProviderRouter:
        routes = [
            Route.to(name, app, self.contracts[name].service) for name, app in self._apps.items()
        ]
        return ProviderRouter(
            routes=routes, control=control, worlds=self.worlds, accepts=guard.accepts
        )

    def _control_app(
        self, providers: Mapping[str, Load], loader: Loader, guard: Guard
    ) -> Inspector:
        contract = self._control
        all_contracts = {**self.contracts, CONTROL: contract}
        contract_files = ContractFiles(all_contracts, loader, dialects_of(all_contracts, providers))
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
        app = ProviderApp(Variant(contract=contract, make=lambda: gateway))
        return Inspector(app, lambda environ: guard.accepts(WsgiRequest(environ)))

    def _provider_app(self, load: Load, contract: Contract, loader: Loader) -> ProviderApp:
        layers, name = layered(contract.service, self._choices), contract.provider
        others = [
            Variant(contract=other, accepts=matches_any(matchers), make=self._maker(load, other))
            for layer, matchers in layers.matchers.items()
            for other in [load_layers(loader, name, load, layers.with_(layer))]
        ]
        return ProviderApp(*others, Variant(contract=contract, make=self._maker(load, contract)))

    def _maker(self, load: Load, contract: Contract) -> Callable[[], Gateway]:
        """Return what makes the gateway of a provider, whose code is imported then.

        If the code cannot be used, each request gets a 500.
        """

        def make() -> Gateway:
            try:
                provider = load()
                for fault in faults_of(contract, provider, messages=False):
                    raise fault
            except (ProviderError, ContractError) as error:
                log.error("%s", error)  # noqa: TRY400 - a line says it all
                return self._gateway_of_broken(contract)
            return self._gateway(provider, contract)

        return make

    def _gateway(self, provider: Provider, contract: Contract) -> Gateway:
        from emulator.core.pipeline.dispatch import Dispatcher  # noqa: PLC0415 - marshmallow

        performs = provider.under(contract.layers)
        service, keyring = contract.service, self._keyrings[contract.provider]
        authenticator = Authenticator(self.settings.auth, service, keyring, provider.schemes)
        kinds = self._kinds[contract.provider]
        dispatcher = Dispatcher(provider=performs, contract=contract, kinds=kinds)
        return Gateway(
            contract=contract,
            protocol=performs.protocol(service),
            authenticate=authenticator.authenticate,
            perform=dispatcher.perform,
            worlds=self.worlds,
            known=performs.known,
            world_of=authenticator.world_of if keyring.binds else None,
            layer_of=dispatcher.layer_of if performs.layer_of else None,
            outcomes_in_names=self.settings.outcomes_in_names,
            strict=self.settings.strict,
            strict_requests=self.settings.strict_requests,
        )

    def _gateway_of_broken(self, contract: Contract) -> Gateway:
        """Make a gateway that answers with the vendor's internal error, as plain JSON."""

        def fail(*_: object) -> NoReturn:
            raise InternalError

        return Gateway(
            contract=contract,
            protocol=PlainJson(contract.service),
            authenticate=fail,
            perform=fail,
            worlds=self.worlds,
        )


def _loader(folder: str | None, catalogue: ProviderCatalogue, *, trusting: bool) -> Loader:
    """Make the loader of contracts, with an overlay folder if given; raises `SettingError`."""
    if folder is not None and not Path(folder).is_dir():
        raise SettingError(f"the schemas folder {folder} does not exist")
    overlay = Path(folder) if folder else None
    return Loader(overlay, locations=catalogue.locations, trusting=trusting)


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


def _kinds(load: Load, contract: Contract, loader: Loader) -> Kinds:
    """Make the classes of a provider's resources: those of its contract without layers.

    What one generation of an API stores the others read, and so does a state document.
    """
    return Kinds(
        load_layers(loader, contract.provider, load, ()) if contract.layers else contract, load
    )


def create_app(settings: Settings | None = None) -> Application:
    """Make an emulator as a WSGI application, without a socket.

    Raises what `Application` raises.
    """
    return Application(settings or Settings())


def flask_app(provider: str) -> Flask:
    """Make an emulator and return the Flask application of one provider, as for `flask routes`.

    Raises what `Application` raises, and `KeyError` for an unknown provider.
    """
    return create_app().flask_apps[provider]
