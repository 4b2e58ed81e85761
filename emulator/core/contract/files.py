"""Finds the files of contracts, in folders laid over each other.

A layer is a folder of a provider that is laid over its other files: a file there replaces
that of the same name, and `<name>.patch.json` is a JSON Merge Patch (RFC 7396) on it. So it
is with an overlay, whose files replace or patch those of the same folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Document


class ContractError(Exception):
    """A file of the contract is broken; the text names file, JSON pointer and fault."""

    def __init__(self, file: Path | str, pointer: str, fault: str) -> None:
        super().__init__(f"{file}: {pointer or '/'}: {fault}")


@dataclass(frozen=True, slots=True)
class LayeredFiles:
    """The files of contracts: the built-in ones, or those that a provider brings."""

    overlay: Path | None
    """A user's folder of the same form as `schemas/`."""
    layers: Sequence[str]
    """Folders of the provider, the later over the earlier."""
    locations: Mapping[str, Path]
    """The folders of schemas of providers that bring their own."""

    def find(self, folder: str, name: str) -> tuple[Path | None, Document | None]:
        """Return a document with the layers applied, and the last file that changed it."""
        last, document = None, None
        for under in (folder, *(f"{folder}/{layer}" for layer in self.layers)):
            for file in self._files(under, name):
                written = parse(file)
                document = written if file.name == name else _patched(document, written)
                last = file
        return last, document

    def names(self, provider: str) -> set[str]:
        """Name every document that a provider has a file of, not those with a patch only."""
        folders = [
            root / provider / layer
            for root in self._roots(provider)
            for layer in ("", *self.layers)
        ]
        return {file.name for folder in folders if folder.is_dir() for file in folder.iterdir()}

    def _files(self, folder: str, name: str) -> Sequence[Path]:
        """List what a folder has of a document: a file, a patch on it, or both, in this order.

        Nothing that is under a file of the overlay counts, and no patch under a patch.
        """
        found: list[Path] = []
        for root in self._roots(folder.partition("/")[0]):
            file, patch = (root / folder / each for each in (name, _patch_of(name)))
            if not found and patch.is_file():
                found.append(patch)
            if file.is_file():
                return [file, *found]
        return found

    def _roots(self, provider: str) -> Sequence[Path]:
        own = self.locations.get(provider, built_in_folder())
        return [self.overlay, own] if self.overlay else [own]

    def are_built_in(self, provider: str) -> bool:
        """Return whether all files of a provider are those that the emulator is installed with."""
        return self._roots(provider) == [built_in_folder()]

    def check_layers(self, provider: str) -> None:
        """Raise `ContractError` for a layer that has no folder."""
        for layer in self.layers:
            if not any((root / provider / layer).is_dir() for root in self._roots(provider)):
                raise ContractError(f"{provider}/{layer}", "", "the folder is missing")


def parse(file: Path) -> Any:
    """Parse a file as JSON; raises `ContractError`."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ContractError(file, "", str(error)) from None


def _patch_of(name: str) -> str:
    return f"{name.removesuffix('.json')}.patch.json"


def _patched(document: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    patched = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            patched.pop(name, None)
        else:
            patched[name] = _patched(patched.get(name), value)
    return patched
