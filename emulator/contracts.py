"""Loads contracts with the chosen switches, and checks them if they were not checked before.

What the emulator is installed with, files and code, is checked by `validate` and by tests, and
trusted here. So the code of a provider need not be imported to know its contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from emulator.catalogue import Load
from emulator.control import Dialect, control_security
from emulator.core.contract.files import ContractError
from emulator.core.contract.loader import Loader, faults_of_messages
from emulator.core.contract.location import CONTROL
from emulator.core.contract.model import Contract, Document
from emulator.core.contract.switches import Choices, layered, switches_of
from emulator.core.contract.validation import Format
from emulator.core.http.auth.authenticator import faults_of as faults_of_credentials
from emulator.core.http.auth.authenticator import security_of
from emulator.core.http.exchange import Scope
from emulator.core.http.plain_json import PlainJson
from emulator.core.primitives.nearest import with_hint
from emulator.settings import SettingError

if TYPE_CHECKING:  # it imports marshmallow
    from emulator.core.pipeline.provider import Provider


DEFAULTS = Choices()
"""No switch is set."""


def load_contracts(
    loader: Loader, providers: Mapping[str, Load], choices: Choices = DEFAULTS
) -> Mapping[str, Contract]:
    """Load the contracts of providers with the chosen switches, in order of port.

    Raises `ContractError`, `SettingError` for an unknown switch or choice, and what importing the
    code of a provider raises.
    """
    contracts, known_flags = [], set()
    for name, load in providers.items():
        service = loader.read(name, "service.json", meta="service")
        known_flags |= {switch.flag for switch in switches_of(service)}
        contracts.append(load_layers(loader, name, load, _chosen_layers(service, choices)))
    for flag in choices.by_flag.keys() - known_flags:
        raise SettingError(with_hint(f"unknown switch {flag}", flag, known_flags))
    contracts.sort(key=lambda contract: contract.service["portOffset"])
    return {contract.provider: contract for contract in contracts}


def load_layers(loader: Loader, name: str, load: Load, layers: Sequence[str]) -> Contract:
    """Load the contract of a provider under layers; raises what `load_contracts` raises."""
    contract = loader.under(layers).load(name, partial(formats_of, load, layers))
    if not loader.trusts(name):
        for fault in faults_of(contract, load(), messages=loader.has_overlay):
            raise fault
    return contract


def formats_of(load: Load, layers: Sequence[str]) -> Mapping[str, Format]:
    """Return the values of `format` that messages of a provider may use, each with its check."""
    return load().under(layers).protocol.formats


def load_control(loader: Loader) -> Contract:
    """Load the contract of the control API; raises `ContractError`."""
    contract = loader.load(CONTROL, lambda: PlainJson.formats)
    for fault in faults_of_messages(contract) if loader.has_overlay else ():
        raise fault
    return contract


def dialects_of(
    contracts: Mapping[str, Contract], providers: Mapping[str, Load]
) -> Mapping[str, Callable[[], Dialect]]:
    """Return what makes the dialect of each contract, that of the control API included.

    The code of a provider is imported then; it raises `ProviderError`.
    """

    def dialect(contract: Contract) -> Dialect:
        service = contract.service
        if contract.provider == CONTROL:
            return Dialect(PlainJson(service), control_security, lambda _: {})
        provider = providers[contract.provider]()
        protocol = provider.under(contract.layers).protocol(service)
        identity = service["identity"]
        usual = Scope(**{name: identity[name] for name in ("account", "region", "caller")})
        known = partial(provider.known, usual)
        return Dialect(protocol, security_of(service, provider.schemes), known)

    return {name: partial(dialect, contract) for name, contract in contracts.items()}


def faults_of(
    contract: Contract, provider: Provider, *, messages: bool = True
) -> Iterator[ContractError]:
    """List what is wrong with a contract as a whole, and between it and its provider.

    Messages are read when they are first used, and not now if `messages` is False.
    """
    performs = provider.under(contract.layers)
    unread = list(faults_of_messages(contract)) if messages else []
    yield from unread
    yield from performs.faults(contract)
    yield from performs.faults_of_messages(contract) if messages and not unread else ()
    yield from faults_of_credentials(contract, provider.schemes)


def _chosen_layers(service: Document, choices: Choices) -> Sequence[str]:
    try:
        return layered(service, choices).always
    except KeyError as choice:
        raise SettingError(
            f"invalid choice {choice} for a switch of {service['provider']}"
        ) from None
