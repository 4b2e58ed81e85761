"""What the contract tests iterate over: every provider, found as the emulator finds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from emulator.catalogue import ProviderCatalogue
from emulator.contracts import load_contracts
from emulator.core.contract.loader import Loader
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.switches import Choices, Switch, switches_of
from emulator.core.http.plain_json import PlainJson
from emulator.core.http.protocol import Protocol
from emulator.core.pipeline.kinds import Kinds
from emulator.core.pipeline.provider import Provider

CATALOGUE = ProviderCatalogue.find()
LOADER = Loader(trusting=False)
SCHEMAS = built_in_folder()


@cache
def providers() -> Mapping[str, Provider]:
    return CATALOGUE.load()


@cache
def contracts() -> Mapping[str, Contract]:
    return load_contracts(LOADER, CATALOGUE.loaders())


@cache
def kinds(provider: str) -> Kinds:
    """The classes of the resources of a provider."""
    return Kinds(contracts()[provider], CATALOGUE.entry(provider).load)


@cache
def control() -> Contract:
    return LOADER.load("control", lambda: PlainJson.formats)


@cache
def variants() -> Mapping[tuple[str, str], Contract]:
    """The contracts that each choice of each switch makes, by flag and choice."""
    return {
        (switch.flag, choice): _chosen(switch, choice)
        for contract in contracts().values()
        for switch in switches_of(contract.service)
        for choice in switch.choices
    }


def _chosen(switch: Switch, choice: str) -> Contract:
    provider = switch.provider
    chosen = Choices({switch.flag: choice})
    return load_contracts(LOADER, {provider: CATALOGUE.entry(provider).load}, chosen)[provider]


def protocol_of(contract: Contract) -> Protocol:
    if contract.provider == "control":
        return PlainJson(contract.service)
    return providers()[contract.provider].under(contract.layers).protocol(contract.service)


def operations() -> list[tuple[str, Operation]]:
    """Every operation of every provider, with the provider's name."""
    return [(name, op) for name, c in contracts().items() for op in c.operations.values()]
