"""The table that `dataset-emulator operations` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.catalogue import ProviderCatalogue
from emulator.contracts import load_contracts
from emulator.core.contract.loader import Loader

_HEADINGS = ("PROVIDER", "OPERATION", "ROUTE", "STATUS", "EVIDENCE")


def operations_table(provider: str | None = None, *, emulated_only: bool = False) -> Iterator[str]:
    """Return the lines of the table; raises `KeyError` for an unknown provider."""
    rows = [_HEADINGS, *_rows(provider, emulated_only)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _rows(provider: str | None, emulated_only: bool) -> Iterator[Sequence[str]]:
    catalogue = ProviderCatalogue.find()
    contracts = load_contracts(Loader(locations=catalogue.locations), catalogue.loaders())
    for contract in [contracts[provider]] if provider else contracts.values():
        for operation in contract.operations.values():
            if operation.emulated or not emulated_only:
                yield (
                    contract.provider,
                    operation.name,
                    operation.target or f"{operation.method} {operation.path}",
                    str(operation.status) if operation.emulated else "not emulated",
                    operation.evidence,
                )
