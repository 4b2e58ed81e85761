"""Reads contracts: the files of `schemas/<provider>`, checked and compiled.

The files are described by the meta-schemas in `schemas/_meta`; one that breaks its
meta-schema, or names something that is not there, stops the start. The schemas of
messages are read when they are first needed, unless there is an overlay.

A layer is a folder of a provider that is laid over its other files: a file there replaces
that of the same name, and `<name>.patch.json` is a JSON Merge Patch (RFC 7396) on it. So it
is with an overlay, whose files replace or patch those of the same folder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from emulator.core.contract import lifecycle
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import (
    Contract,
    Document,
    Idempotency,
    Member,
    Messages,
    Operation,
)
from emulator.core.contract.references import UnresolvedReference, inline
from emulator.core.contract.validation import Format, Rules, Violation
from emulator.core.primitives.clock import SECOND
from emulator.core.primitives.json_pointer import Step, pointer
from emulator.core.primitives.regex import PatternError, whole_match

_DATA_SCHEMA = "$schema"
"""Names the meta-schema of a data file, for editors; no part of its data."""

_PATTERNS = frozenset({"pattern", "matches", "temporary"}) | {
    f"{whose}KeyPattern" for whose in ("real", "account", "caller")
}
"""Names of members that are patterns."""


class ContractError(Exception):
    """A file of the contract is broken; the text names file, JSON pointer and fault."""

    def __init__(self, file: Path | str, pointer: str, fault: str) -> None:
        super().__init__(f"{file}: {pointer or '/'}: {fault}")


class Loader:
    """Reads contracts from folders laid over each other."""

    def __init__(self, overlay: Path | None = None, layers: Sequence[str] = ()) -> None:
        """Use the built-in schemas, under an `overlay` folder of the same form if given.

        The `layers` of a provider are laid over both, the later over the earlier.
        """
        self._overlay = overlay
        self._roots = [*([overlay] if overlay else []), built_in_folder()]
        self._layers = layers
        self._metas: dict[str, Rules] = {}

    def under(self, layers: Sequence[str]) -> Loader:
        """Give a loader of the same folders under layers."""
        return Loader(self._overlay, layers)

    def providers(self) -> list[str]:
        """Name the folders that hold a service.json, the control API's own included."""
        found = {file.parent.name for root in self._roots for file in root.glob("*/service.json")}
        return sorted(found)

    def load(self, provider: str, formats: Mapping[str, Format]) -> Contract:
        """Load and check one provider's contract; raises `ContractError`.

        `formats` are the values of `format` that messages may use, each with its check.
        """
        service = self.read(provider, "service.json", meta="service")
        self._check_layers(provider)
        errors = self.read(provider, "errors.json", meta="errors")
        shared = cache(partial(self.read, provider, "_shared.json", meta="message", default={}))
        lifecycles = self.read(provider, "lifecycles.json", meta="lifecycles", default={})
        contract = Contract(
            provider=provider,
            layers=tuple(self._layers),
            service=service,
            operations={
                operation.name: operation
                for operation in self._operations(provider, service, shared, formats)
            },
            failures=errors["failures"],
            violations=errors["violations"],
            envelope=errors["envelope"],
            envelopes=cache(
                lambda name: Rules(self._message(provider, f"{name}.error.json", shared()))
            ),
            lifecycles={
                kind: {name: lifecycle.parse(entry) for name, entry in named.items()}
                for kind, named in lifecycles.items()
            },
            quotas=self.read(provider, "quotas.json", meta="quotas", default={}),
            rules=self.read(provider, "rules.json", meta="rules", default={}),
            seed=self.read(provider, "seed.json", meta="seed", default={}),
        )
        if self._overlay:  # what a user wrote is checked before it is used
            for name in contract.envelope_names:
                contract.envelopes(name)
        return contract

    def read(
        self, folder: str, name: str, *, meta: str | None = None, default: Document | None = None
    ) -> Document:
        """Read one file and check it against a meta-schema; raises `ContractError`."""
        file, document = self._find(folder, name)
        if file is None or document is None:
            if default is None:
                raise ContractError(f"{folder}/{name}", "", "the file is missing")
            return default
        for violation in self._meta(meta).violations(document)[:1] if meta else ():
            raise ContractError(file, pointer(violation.path), _fault(violation))
        for path, pattern in _patterns(document):
            try:
                whole_match(pattern)
            except PatternError as error:
                raise ContractError(file, pointer(path), str(error)) from None
        return document if meta in (None, "message") else _data(document)

    def _find(self, folder: str, name: str) -> tuple[Path | None, Document | None]:
        """Give a document as the layers leave it, and the file that had the last word."""
        last, document = None, None
        for under in (folder, *(f"{folder}/{layer}" for layer in self._layers)):
            for file in self._files(under, name):
                written = _parse(file)
                document = written if file.name == name else _patched(document, written)
                last = file
        return last, document

    def _files(self, folder: str, name: str) -> Sequence[Path]:
        """List what a folder has of a document: a file, a patch on it, or both, in this order.

        Nothing that is under a file of the overlay counts, and no patch under a patch.
        """
        found: list[Path] = []
        for root in self._roots:
            file, patch = (root / folder / each for each in (name, _patch_of(name)))
            if not found and patch.is_file():
                found.append(patch)
            if file.is_file():
                return [file, *found]
        return found

    def _check_layers(self, provider: str) -> None:
        for layer in self._layers:
            if not any((root / provider / layer).is_dir() for root in self._roots):
                raise ContractError(f"{provider}/{layer}", "", "the folder is missing")

    def _meta(self, name: str) -> Rules:
        if name not in self._metas:
            self._metas[name] = Rules(_parse(built_in_folder() / "_meta" / f"{name}.json"))
        return self._metas[name]

    def _operations(
        self,
        provider: str,
        service: Document,
        shared: Callable[[], Document],
        formats: Mapping[str, Format],
    ) -> Iterator[Operation]:
        for name, entry in service["operations"].items():
            read = partial(self._messages, provider, name, shared, formats)
            operation = _emulated(name, entry, service, read)
            if self._overlay:  # what a user wrote is checked before it is used
                operation.messages  # noqa: B018
            yield operation
        others = service.get("notEmulated", {"routes": {}})
        for route, names in others["routes"].items():
            method, _, path = route.partition(" ")
            for name in names:
                yield _not_emulated(name, method, path, service, others["evidence"])

    def _messages(
        self,
        provider: str,
        name: str,
        shared: Callable[[], Document],
        formats: Mapping[str, Format],
    ) -> Messages:
        request = Rules(self._message(provider, f"{name}.request.json", shared()), formats)
        response = Rules(self._message(provider, f"{name}.response.json", shared()), formats)
        return Messages(request=request, response=response, members=tuple(_members(request.schema)))

    def _message(self, provider: str, name: str, shared: Document) -> Document:
        message = self.read(provider, name, meta="message")
        try:
            inlined: Document = inline(message, shared)
        except UnresolvedReference as fault:
            raise ContractError(f"{provider}/{name}", "", str(fault)) from None
        return inlined


def _parse(file: Path) -> Any:
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


def _patterns(node: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Find every pattern in a file: what RE2 will be given."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _patterns(item, (*path, index))
    if not isinstance(node, dict):
        return
    for name, value in node.items():
        if name in _PATTERNS and isinstance(value, str):
            yield (*path, name), value
        elif name == "hosts" and isinstance(value, list):
            yield from (((*path, name, index), host) for index, host in enumerate(value))
        else:
            yield from _patterns(value, (*path, name))


def _data(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != _DATA_SCHEMA}


def _fault(violation: Violation) -> str:
    if violation.keyword == "required":
        return "the member is missing"
    return f"breaks {violation.keyword} {json.dumps(violation.limit)[:200]}"


def _emulated(
    name: str, entry: Document, service: Document, read: Callable[[], Messages]
) -> Operation:
    token = entry.get("idempotency")
    return Operation(
        name=name,
        method=entry["method"],
        path=entry["path"],
        target=_target(service, name),
        status=entry["status"],
        errors=tuple(entry["errors"]),
        documentation=entry.get("documentation", service["documentation"]),
        evidence=entry["evidence"],
        idempotency=token
        and Idempotency(member=token["member"], lasts=int(token["hours"] * 3600 * SECOND)),
        read=read,
    )


def _not_emulated(name: str, method: str, path: str, service: Document, evidence: str) -> Operation:
    return Operation(
        name=name,
        method=method,
        path=path,
        target=_target(service, name),
        status=501,
        errors=(),
        documentation=service["documentation"],
        evidence=evidence,
        idempotency=None,
        read=None,
    )


def _target(service: Document, name: str) -> str | None:
    prefix = service.get("protocol", {}).get("targetPrefix")
    return None if prefix is None else f"{prefix}{name}"


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
