"""`dataset-emulator validate`: would an emulator start with these schemas?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product, zip_longest
from pathlib import Path

from emulator.app import Application
from emulator.catalogue import find_providers
from emulator.control import CONTROL
from emulator.core.contract.loader import ContractError, Loader
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Document
from emulator.core.contract.switches import Switch, switches_of
from emulator.core.pipeline.flask_app import RouteConflict
from emulator.core.primitives.regex import PatternError
from emulator.settings import SettingError, Settings

_NAMES = ("_shared", "errors", "lifecycles", "quotas", "rules", "seed", "service")
"""Files of a provider beside those of its operations."""


def fault_of(folder: Path | None) -> str | None:
    """Return the first fault of the schemas, under a folder laid over them; None if there is none.

    Every combination of a provider's switches is tried, and so every layer.
    """
    # Laid over themselves, the built-in schemas are read to the last message as well.
    overlay = folder or built_in_folder()
    loader = Loader(overlay)
    try:
        if folder:
            _refuse_unread(folder, loader)
        for switches in _rounds(loader):
            Application(Settings(schemas=str(overlay), switches=switches)).close()
    except (ContractError, RouteConflict, PatternError, SettingError) as error:
        return str(error).partition("\n")[0]
    return None


def _rounds(loader: Loader) -> Iterator[Mapping[str, str]]:
    """Return choices that, one after the other, make every combination that a provider has."""
    combined = []
    for name in find_providers():
        service = loader.read(name, "service.json", meta="service")
        combined.append([dict(each) for each in product(*map(_choices, switches_of(service)))])
    for together in zip_longest(*combined, fillvalue={}):
        yield {flag: choice for switches in together for flag, choice in switches.items()}


def _choices(switch: Switch) -> list[tuple[str, str]]:
    return [(switch.flag, choice) for choice in switch.choices]


def _refuse_unread(folder: Path, loader: Loader) -> None:
    """Raise `ContractError` for a file of an overlay that no contract would ever read."""
    known = {path for name in (*find_providers(), CONTROL) for path in _read_of(name, loader)}
    for file in sorted(folder.rglob("*.json")):
        plain = f"{file.name.removesuffix('.json').removesuffix('.patch')}.json"
        if file.relative_to(folder).with_name(plain) not in known:
            raise ContractError(file, "", "no contract reads this file")


def _read_of(provider: str, loader: Loader) -> Iterator[Path]:
    """List the files that the contract of a provider may have, in it and in its layers."""
    layers = ["", *_layers_of(loader.read(provider, "service.json", meta="service"))]
    names = set(_NAMES)
    for layer in layers:
        under = loader.under([layer] if layer else [])
        for operation in under.read(provider, "service.json", meta="service")["operations"]:
            names |= {f"{operation}.request", f"{operation}.response"}
        names |= {f"{name}.error" for name in _envelopes(under, provider)}
    yield from (Path(provider, layer, f"{name}.json") for layer, name in product(layers, names))


def _envelopes(loader: Loader, provider: str) -> Iterator[str]:
    errors = loader.read(provider, "errors.json", meta="errors")
    yield errors["envelope"]
    yield from (row["envelope"] for row in errors["failures"].values() if "envelope" in row)


def _layers_of(service: Document) -> Iterator[str]:
    for switch in switches_of(service):
        for choice in switch.declared["choices"].values():
            yield from (choice["layer"],) if "layer" in choice else ()
            yield from choice.get("matchers", {})
