"""Contracts as OpenAPI 3.1 documents, for tools to take as they are.

Operations that share a method and a path, and differ in a header, are one operation of the
document: its messages are alternatives, and `x-operations` has the messages of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from emulator.control.openapi.components import Components
from emulator.control.openapi.operations import Operations
from emulator.control.openapi.source import Dialect, Source
from emulator.core.contract.model import Document, Operation
from emulator.version import __version__

__all__ = ["Dialect", "Source", "document_of"]

VERSION = "3.1.0"

_OF_NO_RESOURCE = re.compile(r"_emulator|api|v?[0-9.-]+|\{.*|")
"""Segments of paths that say nothing of what an operation is about."""


def document_of(source: Source) -> Document:
    """Describe the emulated operations of a contract."""
    components = Components(source.read("_shared.json").get("$defs", {}))
    described = Operations(source, components)
    paths: dict[str, dict[str, Document]] = {}
    for operations in _by_route(source).values():
        first, tag = operations[0], _tag(source, operations[0])
        item = paths.setdefault(source.path_of(first), {})
        item[first.method.lower()] = {"tags": [tag], **described.of(operations)}
    security = {
        name: scheme
        for operation in source.operations
        for alternative in source.dialect.security(operation)
        for name, scheme in alternative.items()
    }
    return {
        "openapi": VERSION,
        "info": _info(source),
        "servers": [{"url": source.server}],
        "tags": [{"name": name} for name in dict.fromkeys(_tags(paths))],
        "paths": paths,
        "components": {**components.all(), **({"securitySchemes": security} if security else {})},
    }


def _info(source: Source) -> Document:
    service = source.contract.service
    return {
        "title": service["title"],
        "version": __version__,
        "description": f"As emulated. The vendor's pages: {service['documentation']}",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _by_route(source: Source) -> Mapping[tuple[str, str], list[Operation]]:
    found: dict[tuple[str, str], list[Operation]] = {}
    for operation in source.operations:
        found.setdefault((operation.method, operation.path), []).append(operation)
    return found


def _tag(source: Source, operation: Operation) -> str:
    """Return the first segment of the path that names something, else the provider."""
    segments = operation.path.split("/")
    names = (name for name in segments if not _OF_NO_RESOURCE.fullmatch(name))
    return next(names, source.contract.provider)


def _tags(paths: Mapping[str, Mapping[str, Document]]) -> Iterator[str]:
    for item in paths.values():
        for operation in item.values():
            yield from operation["tags"]
