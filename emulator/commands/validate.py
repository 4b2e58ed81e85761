"""`dataset-emulator validate`: would an emulator start with these schemas, and if not, why not?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, product, zip_longest
from pathlib import Path
from typing import get_args

from emulator.app import Application
from emulator.catalogue import ProviderCatalogue
from emulator.contracts import faults_of, formats_of, load_control
from emulator.core.contract.files import ContractError
from emulator.core.contract.loader import DEFAULTS, Loader, faults_of_messages
from emulator.core.contract.location import CONTROL
from emulator.core.contract.model import Document
from emulator.core.contract.switches import Follow, Switch, switches_of
from emulator.core.pipeline.flask_app import RouteConflict
from emulator.core.primitives.nearest import with_hint
from emulator.core.primitives.regex import PatternError
from emulator.settings import SettingError, Settings

Layers = tuple[str, ...]

_METAS = {
    "service": "service",
    "errors": "errors",
    "lifecycles": "lifecycles",
    "quotas": "quotas",
    "resources": "resources",
    "rules": "rules",
    "seed": "seed",
    "examples": "examples",
    "_shared": "message",
}
"""Files of a contract beside those of its operations, each with its meta-schema."""


class Validation:
    """Looks for faults in the providers and their schemas, under a folder laid over them."""

    def __init__(self, folder: Path | None) -> None:
        """Validate the built-in files, or these with a folder laid over them."""
        self._folder = folder
        self._catalogue = ProviderCatalogue.find()
        self._loader = Loader(folder, locations=self._catalogue.locations, trusting=False)
        self._names = [*self._catalogue.services, CONTROL]

    def faults(self) -> list[str]:
        """List every fault, a line each.

        A step looks at what the steps before it found sound: which providers there are and each
        file by itself, then each contract as a whole, then all of them together.
        """
        incomplete = list(self._catalogue.faults())
        found = [*incomplete, *_lines([*self._unread_files(), *self._faults_of_files()])]
        if found:
            return found
        return _lines(self._faults_of_contracts()) or _lines(self._faults_of_all())

    def _faults_of_files(self) -> Iterator[ContractError]:
        yield from self._loader.faults(DEFAULTS, "errors.json", meta="errors")
        for name in self._names:
            for layers in self._layers(name):
                under = self._loader.under(layers)
                for file in _files(under, name):
                    meta, optional = _METAS.get(file, "message"), file in _METAS
                    yield from under.faults(name, f"{file}.json", meta=meta, optional=optional)

    def _unread_files(self) -> Iterator[ContractError]:
        """Complain about files of the folder that no contract would ever read."""
        known = {Path(DEFAULTS, "errors.json")}
        for name in self._names:
            for layers in self._layers(name):
                files = _files(self._loader.under(layers), name)
                known |= {Path(name, *layers, f"{file}.json") for file in files}
        for file in sorted(self._folder.rglob("*.json")) if self._folder else ():
            plain = f"{file.name.removesuffix('.json').removesuffix('.patch')}.json"
            read = file.relative_to(self._folder or "").with_name(plain)
            if read not in known:
                beside = (each.name for each in known if each.parent == read.parent)
                complaint = with_hint("no contract reads this file", plain, beside)
                yield ContractError(file, "", complaint)

    def _faults_of_contracts(self) -> Iterator[ContractError]:
        yield from faults_of_messages(load_control(self._loader))
        for name, load in self._catalogue.loaders().items():
            for layers in self._layers(name):
                formats = partial(formats_of, load, layers)
                contract = self._loader.under(layers).load(name, formats)
                yield from faults_of(contract, load())

    def _faults_of_all(self) -> Iterator[Exception]:
        """Start an emulator with every choice, alone and beside what was seen on live services."""
        overlay = str(self._folder) if self._folder else None
        for follow, switches in product(get_args(Follow), self._rounds()):
            try:
                settings = Settings(schemas=overlay, follow=follow, switches=switches)
                Application(settings, trusting=False).close()
            except (ContractError, RouteConflict, PatternError, SettingError) as error:
                yield error

    def _layers(self, name: str) -> list[Layers]:
        """List the layers that a contract may be under: none, or one of its own."""
        try:
            service = self._loader.read(name, "service.json", meta="service")
        except ContractError:  # reported for the file
            return [()]
        return [(), *((layer,) for layer in dict.fromkeys(_layers_in(service)))]

    def _rounds(self) -> Iterator[Mapping[str, str]]:
        """List settings that together make each choice of each provider, one switch at a time."""
        choices = []
        for name in self._catalogue.names:
            service = self._loader.read(name, "service.json", meta="service")
            choices.append([{}, *chain.from_iterable(map(_choices, switches_of(service)))])
        for together in zip_longest(*choices, fillvalue={}):
            yield {flag: choice for switches in together for flag, choice in switches.items()}


def _lines(faults: Iterable[Exception]) -> list[str]:
    """Write each fault once: most of a contract is the same under every layer."""
    return list(dict.fromkeys(str(fault).partition("\n")[0] for fault in faults))


def _files(loader: Loader, name: str) -> Sequence[str]:
    """Name the files that a contract may have."""
    try:
        operations = loader.read(name, "service.json", meta="service")["operations"]
        errors = loader.read(name, "errors.json", meta="errors", default={})
    except ContractError:  # reported for the file
        return list(_METAS)
    rows = errors.get("failures", {}).values()
    shapes = dict.fromkeys(each["envelope"] for each in (errors, *rows) if "envelope" in each)
    messages = (f"{each}.{side}" for each in operations for side in ("request", "response"))
    return [*_METAS, *messages, *(f"{shape}.error" for shape in shapes)]


def _choices(switch: Switch) -> list[dict[str, str]]:
    return [{switch.flag: choice} for choice in switch.choices]


def _layers_in(service: Document) -> Iterator[str]:
    for switch in switches_of(service):
        for choice in switch.declared["choices"].values():
            yield from (choice["layer"],) if "layer" in choice else ()
            yield from filter(None, choice.get("matchers", {}))
