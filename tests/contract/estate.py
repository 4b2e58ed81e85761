"""What the contract tests iterate over: every provider, found as the emulator finds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from emulator.app import load_contracts
from emulator.core.contract.loader import Loader, built_in_folder
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.switches import switches_of
from emulator.core.http.protocol import Protocol
from emulator.core.pipeline.provider import Provider
from emulator.dialects.catalogue import PROTOCOLS, formats_of
from emulator.registry import find_providers

SCHEMAS = built_in_folder()


@cache
def providers() -> Mapping[str, Provider]:
    return find_providers()


@cache
def contracts() -> Mapping[str, Contract]:
    return load_contracts(Loader(), providers())


@cache
def control() -> Contract:
    return Loader().load("control", formats_of)


@cache
def variants() -> Mapping[tuple[str, str], Contract]:
    """The contracts that each choice of each switch makes, by flag and choice."""
    return {
        (switch.flag, choice): load_contracts(Loader(), [switch.provider], {switch.flag: choice})[
            switch.provider
        ]
        for contract in contracts().values()
        for switch in switches_of(contract.service)
        for choice in switch.choices
    }


def protocol_of(contract: Contract) -> Protocol:
    return PROTOCOLS[contract.service["protocol"]["name"]](contract.service)


def operations() -> list[tuple[str, Operation]]:
    """Every operation of every provider, with the provider's name."""
    return [(name, op) for name, c in contracts().items() for op in c.operations.values()]
