"""A contract as an OpenAPI 3.1 document.

Operations that share a path and differ in a header get a path each, `/#<Operation>`, with the
header as a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.core.contract.model import Contract, Document, Member, Operation
from emulator.version import __version__

VERSION = "3.1.0"

_SCHEMAS = ("items", "additionalProperties", "if", "then", "else", "not", "contentSchema")
_LISTS = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "$defs")
_LEFT_OUT = frozenset({"$schema", "x-in", "x-name"})
_PLACEHOLDER = re.compile(r"\{(\w+)\+?\}")

_UNREADABLE = re.compile(r"\\[pP]\{")
"""Classes of patterns that readers of OpenAPI in Python reject."""

_OF_ALL = frozenset(
    {"Malformed", "TooLarge", "WrongContentType", "Invalid", "Unauthenticated", "Forbidden"}
    | {"Throttled", "Unavailable", "InternalError"}
)
"""Failures that any operation may answer with, declared or not."""


def document_of(contract: Contract) -> Document:
    """Describe the emulated operations of a contract."""
    service = contract.service
    paths: dict[str, dict[str, object]] = {}
    for operation in contract.operations.values():
        if operation.emulated:
            path = paths.setdefault(_path(operation), {})
            path[operation.method.lower()] = _operation(contract, operation)
    return {
        "openapi": VERSION,
        "info": {
            "title": service["title"],
            "version": __version__,
            "description": f"As emulated. The vendor's pages: {service['documentation']}",
        },
        "servers": [{"url": f"/{contract.provider}" if service["hosts"] else "/"}],
        "paths": paths,
    }


def _path(operation: Operation) -> str:
    path = _PLACEHOLDER.sub(r"{\1}", operation.path)
    return path if operation.target is None else f"{path}#{operation.name}"


def _operation(contract: Contract, operation: Operation) -> Document:
    request = operation.request.schema
    document: dict[str, Any] = {
        "operationId": operation.name,
        "summary": request.get("title", operation.name),
        "parameters": list(_parameters(contract, operation)),
        "responses": dict(_responses(contract, operation)),
        "x-evidence": operation.evidence,
    }
    if not operation.documentation.startswith("docs/"):
        document["externalDocs"] = {"url": operation.documentation}
    body = _body(request, operation.members)
    if body is not None:
        required = bool(body.get("required"))
        document["requestBody"] = {"required": required, "content": _content(contract, body)}
    return document


def _parameters(contract: Contract, operation: Operation) -> Iterator[Document]:
    schema, written = operation.request.schema, set()
    if operation.target is not None:
        yield {
            "name": contract.protocol["targetHeader"],
            "in": "header",
            "required": True,
            "schema": {"const": operation.target},
        }
    for member in operation.members:
        if member.location != "body":
            written.add(member.wire_name)
            of_path = member.location == "path"
            yield {
                "name": member.wire_name,
                "in": member.location,
                "required": of_path or member.name in schema.get("required", ()),
                "schema": converted(schema["properties"][member.name]),
            }
    for name in _PLACEHOLDER.findall(operation.path):
        if name not in written:
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _body(request: Document, members: Sequence[Member]) -> Document | None:
    """Return the schema of a body: that of the request without members of path, query or header."""
    elsewhere = {member.name for member in members if member.location != "body"}
    if len(elsewhere) == len(members) and (members or "properties" in request):
        return None
    of_any: Document = converted(request)
    if not members and request.keys() <= {"title", "description", "x-evidence", "type", "$schema"}:
        return of_any if request.get("description") else None
    named = request.get("properties", {}).items()
    body = {**request, "properties": {n: each for n, each in named if n not in elsewhere}}
    if "required" in body:
        body["required"] = [name for name in body["required"] if name not in elsewhere]
    whole: Document = converted(body)
    return whole


def _responses(contract: Contract, operation: Operation) -> Iterator[tuple[str, Document]]:
    assert operation.response is not None
    response = operation.response.schema
    success: dict[str, object] = {"description": response.get("title", "Success")}
    if response.get("type") != "null" and operation.method != "HEAD":
        success["content"] = _content(contract, converted(response))
    yield str(operation.status), success
    found: dict[int, list[Document]] = {}
    for name, row in contract.failures.items():
        if row["code"] in operation.errors or name.partition(":")[0] in _OF_ALL:
            found.setdefault(row["status"], []).append(row)
    for status, rows in sorted(found.items()):
        codes = list(dict.fromkeys(str(row["code"]) for row in rows))
        yield (
            str(status),
            {
                "description": ", ".join(filter(None, codes)) or "Refused",
                "content": _content(contract, _envelope(contract, rows)),
                "x-codes": codes,
            },
        )


def _envelope(contract: Contract, rows: Sequence[Document]) -> Document:
    """Return the schema of the shapes that rows of errors.json have."""
    names = dict.fromkeys(row.get("envelope", contract.envelope) for row in rows)
    schemas = [converted(contract.envelopes(name).schema) for name in names]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _content(contract: Contract, schema: Document) -> Document:
    accepted = contract.protocol.get("contentTypes", ["application/json"])
    return {accepted[0]: {"schema": schema}}


def converted(schema: Any) -> Any:
    """Write a schema of a message in OpenAPI's terms."""
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _SCHEMAS:
            found[keyword] = converted(value)
        elif keyword in _LISTS:
            found[keyword] = [converted(each) for each in value]
        elif keyword in _NAMED:
            found[keyword] = {name: converted(each) for name, each in value.items()}
        elif keyword == "pattern" and _UNREADABLE.search(value):
            found["x-pattern"] = value
        elif keyword not in _LEFT_OUT:
            found[keyword] = value
    return found
