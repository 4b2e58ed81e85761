"""Reads contracts: the files of `schemas/<provider>`, checked and compiled.

The files are described by the meta-schemas in `schemas/_meta`; one that breaks its
meta-schema, or names something that is not there, stops the start. Those that the emulator is
installed with have been checked before, and are trusted. The schemas of messages are read when
they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from emulator.core.contract import kinds, lifecycle
from emulator.core.contract.file_faults import faults_in
from emulator.core.contract.files import ContractError, LayeredFiles
from emulator.core.contract.model import (
    Contract,
    Document,
    Idempotency,
    Member,
    Messages,
    Operation,
)
from emulator.core.contract.references import UnresolvedReference, inline
from emulator.core.contract.validation import Format, Rules
from emulator.core.primitives.clock import SECOND

_DATA_SCHEMA = "$schema"
"""Names the meta-schema of a data file, for editors; no part of its data."""

DEFAULTS = "_defaults"
"""The folder of what every contract has unless it has its own."""


class Loader:
    """Reads contracts from folders laid over each other."""

    def __init__(
        self,
        overlay: Path | None = None,
        layers: Sequence[str] = (),
        locations: Mapping[str, Path] | None = None,
        *,
        trusting: bool = True,
    ) -> None:
        """Use the built-in schemas, under an `overlay` folder of the same form if given.

        The `layers` of a provider are laid over both, the later over the earlier. `locations`
        are the folders of schemas of providers that bring their own. Built-in files are not
        checked, unless `trusting` is False: tests and `validate` do it.
        """
        self._files = LayeredFiles(overlay, layers, locations or {})
        self._trusting = trusting

    @property
    def has_overlay(self) -> bool:
        """Whether a user's folder is laid over the schemas; it is checked before it is used."""
        return self._files.overlay is not None

    def under(self, layers: Sequence[str]) -> Loader:
        """Return a loader of the same folders with other layers."""
        files = self._files
        return Loader(files.overlay, layers, files.locations, trusting=self._trusting)

    def trusts(self, provider: str) -> bool:
        """Return whether the files of a provider, and its code, have been checked before."""
        return self._trusting and self._files.are_built_in(provider)

    def load(self, provider: str, formats: Callable[[], Mapping[str, Format]]) -> Contract:
        """Load and check one provider's contract; raises `ContractError`.

        `formats` returns the values of `format` that messages may use, each with its check; it is
        called when messages are read.
        """
        service = self.read(provider, "service.json", meta="service")
        self._files.check_layers(provider)
        errors = self.read(provider, "errors.json", meta="errors", default={})
        shared = cache(partial(self.read, provider, "_shared.json", meta="message", default={}))
        lifecycles = self.read(provider, "lifecycles.json", meta="lifecycles", default={})
        resources = self.read(provider, "resources.json", meta="resources", default={})
        defaults = self.read(DEFAULTS, "errors.json", meta="errors")
        operations = [
            *self._operations(provider, service, shared, formats),
            *_not_emulated(service, _status_of_not_emulated(errors, defaults)),
        ]
        contract = Contract(
            provider=provider,
            layers=tuple(self._files.layers),
            service=service,
            operations={operation.name: operation for operation in operations},
            failures=errors.get("failures", {}),
            violations=errors.get("violations", {"report": "first", "rows": []}),
            envelope=errors.get("envelope", ""),
            envelopes=cache(
                lambda name: Rules(self._message(provider, f"{name}.error.json", shared()))
            ),
            defaults=defaults,
            lifecycles={
                kind: {name: lifecycle.parse(entry) for name, entry in named.items()}
                for kind, named in lifecycles.items()
            },
            kinds={name: kinds.parse(name, entry) for name, entry in resources.items()},
            quotas=self.read(provider, "quotas.json", meta="quotas", default={}),
            rules=self.read(provider, "rules.json", meta="rules", default={}),
            seed=self.read(provider, "seed.json", meta="seed", default={}),
        )
        if self.has_overlay:  # what a user wrote is checked before it is used
            for name in contract.envelope_names:
                contract.envelopes(name)
        return contract

    def read(
        self, folder: str, name: str, *, meta: str | None = None, default: Document | None = None
    ) -> Document:
        """Read one file and check it against a meta-schema; raises `ContractError`."""
        document = (
            _read_built_in(tuple(self._files.layers), folder, name, meta, trusting=self._trusting)
            if self._files.are_built_in(folder)
            else self.found(folder, name, meta)
        )
        if document is not None:
            return document
        if default is None:
            raise _missing(folder, name)
        return default

    def found(self, folder: str, name: str, meta: str | None) -> Document | None:
        """Parse and check one file; return None for a missing one. Raises `ContractError`."""
        file, document = self._files.find(folder, name)
        if file is None or document is None:
            return None
        for fault in () if self.trusts(folder) else faults_in(file, document, meta):
            raise fault
        return document if meta in (None, "message") else _data(document)

    def faults(
        self, folder: str, name: str, *, meta: str, optional: bool = False
    ) -> Iterator[ContractError]:
        """List everything that is wrong with one file; one that is `optional` may be missing."""
        try:
            file, document = self._files.find(folder, name)
        except ContractError as error:
            yield error
            return
        if file is not None:
            yield from faults_in(file, document, meta)
        elif not optional:
            yield _missing(folder, name)

    def _operations(
        self,
        provider: str,
        service: Document,
        shared: Callable[[], Document],
        formats: Callable[[], Mapping[str, Format]],
    ) -> Iterator[Operation]:
        known = self._files.names(provider)
        for name, entry in service["operations"].items():
            for side in ("request", "response"):  # they are read later, but must exist now
                if f"{name}.{side}.json" not in known:
                    raise _missing(provider, f"{name}.{side}.json")
            read = partial(self._messages, provider, name, shared, formats)
            yield _emulated(name, entry, service, read)

    def _messages(
        self,
        provider: str,
        name: str,
        shared: Callable[[], Document],
        formats: Callable[[], Mapping[str, Format]],
    ) -> Messages:
        request = Rules(self._message(provider, f"{name}.request.json", shared()), formats())
        response = Rules(self._message(provider, f"{name}.response.json", shared()), formats())
        return Messages(request=request, response=response, members=tuple(_members(request.schema)))

    def _message(self, provider: str, name: str, shared: Document) -> Document:
        message = self.read(provider, name, meta="message")
        try:
            inlined: Document = inline(message, shared)
        except UnresolvedReference as fault:
            raise ContractError(f"{provider}/{name}", "", str(fault)) from None
        return inlined


@cache
def _read_built_in(
    layers: tuple[str, ...], folder: str, name: str, meta: str | None, *, trusting: bool
) -> Document | None:
    """Read one of the built-in files once: a test suite makes many emulators in a process."""
    return Loader(layers=layers, trusting=trusting).found(folder, name, meta)


def faults_of_messages(contract: Contract) -> Iterator[ContractError]:
    """Read the messages of every operation now, and list the first fault of each."""
    for operation in contract.operations.values():
        try:
            operation.emulated and operation.messages  # noqa: B018
        except ContractError as error:
            yield error


def _data(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != _DATA_SCHEMA}


def _missing(folder: str, name: str) -> ContractError:
    return ContractError(f"{folder}/{name}", "", "the file is missing")


def _emulated(
    name: str, entry: Document, service: Document, read: Callable[[], Messages]
) -> Operation:
    token = entry.get("idempotency")
    return Operation(
        name=name,
        method=entry["method"],
        path=entry["path"],
        target=_target(service, name, entry["path"]),
        status=entry["status"],
        errors=tuple(entry["errors"]),
        error_evidence=_error_evidence(name, entry, service.get("errorEvidence", {})),
        documentation=entry.get("documentation", service["documentation"]),
        evidence=entry["evidence"],
        idempotency=token
        and Idempotency(member=token["member"], lasts=int(token["hours"] * 3600 * SECOND)),
        open=entry.get("open", False),
        does=entry.get("does", {}),
        read=read,
    )


def _error_evidence(name: str, entry: Document, known: Document) -> Mapping[str, str]:
    others = known.get("*", entry["evidence"])
    return {code: known.get(f"{name}:{code}", known.get(code, others)) for code in entry["errors"]}


def _status_of_not_emulated(errors: Document, defaults: Document) -> int:
    """Return the status with which a request of what is not emulated is refused."""
    own = errors.get("failures", {}).get("NotEmulated", {})
    return int(own.get("status") or defaults["failures"]["NotEmulated"]["status"])


def _not_emulated(service: Document, status: int) -> Iterator[Operation]:
    """List the operations that the vendor has and the emulator does not, source by source."""
    listed = service.get("notEmulated", [])
    for group in listed if isinstance(listed, list) else [listed]:
        for route, names in group["routes"].items():
            method, _, path = route.partition(" ")
            for name in names:
                yield Operation(
                    name=name,
                    method=method,
                    path=path,
                    target=_target(service, name, path),
                    status=status,
                    errors=(),
                    documentation=service["documentation"],
                    evidence=group["evidence"],
                    idempotency=None,
                    read=None,
                )


def _target(service: Document, name: str, path: str) -> str | None:
    """Return what the header of targets says; None for an operation that its route names alone."""
    protocol = service.get("protocol", {})
    prefix = protocol.get("targetPrefix")
    has_target = prefix is not None and path == protocol.get("targetPath", path)
    return f"{prefix}{name}" if has_target else None


def _members(request: Document) -> Sequence[Member]:
    return [
        Member(
            name=name,
            location=schema.get("x-in", "body"),
            wire_name=schema.get("x-name", name),
            many=schema.get("type") == "array",
        )
        for name, schema in request.get("properties", {}).items()
    ]
