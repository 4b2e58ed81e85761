"""Finds the providers: the packages in `emulator.providers`, and those other packages add.

A distribution of its own adds a provider through the entry point group
`create_dataset_emulator.providers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from emulator import providers
from emulator.core.pipeline.provider import Provider

ENTRY_POINTS = "create_dataset_emulator.providers"


def find_providers() -> Mapping[str, Provider]:
    """Load every provider there is, by name."""
    return {provider.name: provider for provider in _providers()}


def _providers() -> Iterator[Provider]:
    for module in iter_modules(providers.__path__):
        yield import_module(f"{providers.__name__}.{module.name}").PROVIDER
    for entry_point in entry_points(group=ENTRY_POINTS):
        yield entry_point.load()
