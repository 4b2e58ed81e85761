"""The catalogue: which providers there are, and the contract files, switches and ports of each.

A provider is checked in, as a package in `emulator.providers` with a folder in `schemas/`, or
installed: a distribution names it in the entry point group `create_dataset_emulator.providers`
and brings its folder in `schemas/` inside its package.

Names, ports, matchers and switches are those of service.json: the code of a provider is imported
when somebody needs it. So nothing heavy is imported here before, and an incomplete provider is
reported when a command needs it, not when it is found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from emulator import providers
from emulator.core.contract.location import CONTROL, built_in_folder
from emulator.core.contract.switches import Switch, switches_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from emulator.core.pipeline.provider import Provider

ENTRY_POINTS = "create_dataset_emulator.providers"

Service = Mapping[str, Any]
"""A service.json."""

Load = Callable[[], "Provider"]
"""Imports the code of a provider; raises `ProviderError`."""


class ProviderError(Exception):
    """A provider is incomplete; the text is one line: the provider, and what is missing."""


@dataclass(frozen=True)
class Entry:
    """One provider: where its code and its contract files are."""

    name: str
    module: str
    attribute: str
    schemas: Path
    """The folder that has the provider's folder of contract files."""

    @cached_property
    def service(self) -> Service:
        """The service.json, checked for its required members; raises `ProviderError`."""
        file = self.schemas / self.name / "service.json"
        try:
            service = json.loads(file.read_text("utf-8"))
            missing = [name for name in _required() if name not in service]
        except FileNotFoundError:
            raise ProviderError(f"{self.name}: {file}: the file is missing") from None
        except (OSError, ValueError, TypeError) as error:
            raise ProviderError(f"{self.name}: {file}: {error}") from None
        if missing:
            raise ProviderError(f"{self.name}: {file}: /{missing[0]}: the member is missing")
        if service["provider"] != self.name or not isinstance(service["portOffset"], int):
            raise ProviderError(f"{self.name}: {file}: wrong provider or portOffset")
        return dict(service)

    @cached_property
    def switches(self) -> Sequence[Switch]:
        """The provider's own switches; raises `ProviderError`."""
        try:
            switches = list(switches_of(self.service))
            complete = all(switch.is_complete for switch in switches)
        except (AttributeError, TypeError):
            complete = False
        if not complete:
            raise ProviderError(f"{self.name}: service.json: /switches: a switch is incomplete")
        return switches

    def load(self) -> Provider:
        """Import the provider's code; raises `ProviderError`."""
        from emulator.core.pipeline.provider import Provider  # noqa: PLC0415 - heavy

        place = f"{self.module}:{self.attribute}"
        try:
            provider = getattr(import_module(self.module), self.attribute)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            raise ProviderError(f"{self.name}: cannot load {place}: {reason}") from None
        if not isinstance(provider, Provider) or provider.name != self.name:
            raise ProviderError(f"{self.name}: {place} is not the Provider of that name")
        return provider


class ProviderCatalogue:
    """The providers of this installation, in the order of their ports."""

    def __init__(self, entries: Iterable[Entry], faults: Iterable[str] = ()) -> None:
        """Order the entries; `faults` are of folders without an entry, such as one without code."""
        self._entries = sorted(entries, key=_port)
        self._faults = list(faults)

    @classmethod
    @cache
    def find(cls) -> ProviderCatalogue:
        """Find the providers that are checked in and those that are installed, once per process."""
        entries = [*_checked_in(), *_installed()]
        return cls(_first_of_each(entries), [*_taken_names(entries), *_folders_alone(entries)])

    @property
    def complete(self) -> Sequence[Entry]:
        """The providers whose service.json has its required members."""
        return [entry for entry in self._entries if not list(_faults_of(entry))]

    def entry(self, name: str) -> Entry:
        """Return the entry of a provider; raises `KeyError`."""
        return {entry.name: entry for entry in self._entries}[name]

    @property
    def names(self) -> Sequence[str]:
        """The names of all providers."""
        return [entry.name for entry in self._entries]

    @property
    def services(self) -> Mapping[str, Service]:
        """The service.json of each complete provider, by name."""
        return {entry.name: entry.service for entry in self.complete}

    @property
    def switches(self) -> Sequence[Switch]:
        """The switches of the complete providers."""
        return [switch for entry in self.complete for switch in entry.switches]

    @property
    def locations(self) -> Mapping[str, Path]:
        """Where the contract files of each provider are: the folder that has its folder."""
        return {entry.name: entry.schemas for entry in self._entries}

    def faults(self) -> Iterator[str]:
        """List what is incomplete, one line each; the code of the providers is imported."""
        yield from self._faults
        for entry in self._entries:
            found = list(_faults_of(entry))
            yield from found or _faults_of_code(entry)

    def loaders(self) -> Mapping[str, Load]:
        """Return what imports the code of each provider, by name.

        Raises `ProviderError` for what is incomplete besides the code.
        """
        if self._faults:
            raise ProviderError(self._faults[0])
        for entry in self._entries:
            entry.switches  # noqa: B018 - raises for an incomplete service.json
        return {entry.name: entry.load for entry in self._entries}

    def load(self) -> Mapping[str, Provider]:
        """Import the code of every provider, by name; raises `ProviderError`."""
        return {name: load() for name, load in self.loaders().items()}


def _port(entry: Entry) -> tuple[int, str]:
    """Order by port, and incomplete providers after all others."""
    try:
        return entry.service["portOffset"], entry.name
    except ProviderError:
        return 2**16, entry.name


def _required() -> Sequence[str]:
    meta = json.loads((built_in_folder() / "_meta" / "service.json").read_text("utf-8"))
    required: Sequence[str] = meta["required"]
    return required


def _faults_of(entry: Entry) -> Iterator[str]:
    try:
        entry.switches  # noqa: B018 - raises for an incomplete service.json
    except ProviderError as error:
        yield str(error)


def _faults_of_code(entry: Entry) -> Iterator[str]:
    try:
        entry.load()
    except ProviderError as error:
        yield str(error)


def _checked_in() -> Iterator[Entry]:
    for module in iter_modules(providers.__path__):
        yield Entry(
            module.name, f"{providers.__name__}.{module.name}", "PROVIDER", built_in_folder()
        )


def _installed() -> Iterator[Entry]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - heavy

    for found in entry_points(group=ENTRY_POINTS):
        yield Entry(found.name, found.module, found.attr or "PROVIDER", _schemas_of(found))


def _schemas_of(found: EntryPoint) -> Path:
    """Find the folder `schemas` of a package, without importing any of it.

    It is beside the module, or beside a package that the module is in.
    """
    top, *below = found.module.split(".")
    spec = find_spec(top)
    beginnings = list(spec.submodule_search_locations or ()) if spec else []
    folders = [
        Path(beginning, *below[:depth], "schemas")
        for beginning in beginnings
        for depth in range(len(below) + 1)
    ]
    fitting = [folder for folder in folders if (folder / found.name).is_dir()]
    return [*fitting, *folders, Path(f"{found.module}/schemas")][0]


def _first_of_each(entries: Iterable[Entry]) -> Iterable[Entry]:
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.name, entry)
    return first.values()


def _taken_names(entries: Sequence[Entry]) -> Iterator[str]:
    names = [CONTROL, *(entry.name for entry in entries)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        modules = " and ".join(entry.module for entry in entries if entry.name == name)
        yield f"{name}: the name is taken ({modules})"


def _folders_alone(entries: Sequence[Entry]) -> Iterator[str]:
    """Complain about folders of contract files that are no provider's."""
    known = {entry.schemas / entry.name for entry in entries} | {built_in_folder() / CONTROL}
    for schemas in dict.fromkeys((built_in_folder(), *(entry.schemas for entry in entries))):
        for folder in sorted(schemas.glob("[a-z]*/")):
            # what is left of a folder that was removed is no fault
            if folder not in known and any(folder.rglob("*.json")):
                yield f"{folder.name}: {folder} has contract files, but the provider has no code"
