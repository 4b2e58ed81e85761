"""The responses of operations: the schema and an example of success, and of every error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from emulator.control.openapi.components import ANNOTATIONS, Components
from emulator.control.openapi.media import content, example
from emulator.control.openapi.source import Source, phrase
from emulator.core.contract.model import Document, Operation
from emulator.core.http.exchange import Response
from emulator.core.http.protocol import media_type as without_parameters

_OF_ALL = frozenset(
    {"Malformed", "TooLarge", "WrongContentType", "Invalid", "Unauthenticated", "Forbidden"}
    | {"Throttled", "Unavailable", "InternalError"}
)
"""Failures that any operation may answer with, declared or not."""

_OF_EVERY_MESSAGE = frozenset({"Content-Type", "Content-Length"})


class Responses:
    """Describes responses; errors that several operations have alike are components."""

    def __init__(self, source: Source, components: Components) -> None:
        self._source = source
        self._components = components
        contract = source.contract
        names = dict.fromkeys([*contract.failures, *contract.defaults["failures"]])
        self._rows = {name: row for name in names if (row := contract.row(name))}
        schemas = {each.name: source.response_schema(each) for each in source.operations}
        self._types = dict(_types(schemas))
        self._errors = {name: self._error(name) for name in self._rows}

    def of(self, operations: Sequence[Operation]) -> Document:
        """Describe the responses of operations that share a route, by status."""
        found = {str(operations[0].status): self._success(operations)}
        by_status: dict[int, list[str]] = {}
        for name in self._names(operations):
            by_status.setdefault(self._rows[name]["status"], []).append(name)
        for status, names in sorted(by_status.items()):
            response = self._failures(names)
            found[str(status)] = self._components.add("responses", phrase(status), response)
        return found

    def in_brief(self, operation: Operation) -> Document:
        """Describe an operation among others: the schema of its response, and its errors."""
        schema = self._schema(operation)
        return {**({"response": schema} if schema else {}), "errors": list(operation.errors)}

    def _success(self, operations: Sequence[Operation]) -> Document:
        schemas = [schema for each in operations if (schema := self._schema(each))]
        unique = [each for index, each in enumerate(schemas) if each not in schemas[:index]]
        response = self._source.success(operations[0])
        if not unique:
            return {"description": "Success", **_headers([response])}
        media_type = _type_of(response) or "application/json"
        calls = {each.name: self._source.examples.get(each.name, {}) for each in operations}
        examples = {
            name: example(media_type, call["response"])
            for name, call in calls.items()
            if "response" in call
        }
        return {
            "description": "Success",
            **_headers([response]),
            "content": content(media_type, unique, examples),
        }

    def _schema(self, operation: Operation) -> Document | None:
        raw = self._source.response_schema(operation)
        if raw.get("type") == "null" or operation.method == "HEAD":
            return None
        return self._components.message(self._types[operation.name], self._common(operation, raw))

    def _common(self, operation: Operation, raw: Document) -> Document:
        """Leave out what is said of one operation, if the response is that of several."""
        name = self._types[operation.name]
        if list(self._types.values()).count(name) == 1:
            return raw
        return {"title": name, **_shape(raw)}

    def _names(self, operations: Sequence[Operation]) -> Iterator[str]:
        """List the rows of errors.json that operations may answer with."""
        codes = {code for each in operations for code in each.errors}
        for name, row in self._rows.items():
            if row.get("code") in codes or name.partition(":")[0] in _OF_ALL:
                yield name

    def _failures(self, names: Sequence[str]) -> Document:
        """Describe the errors that have one status: a body of each type, with all examples."""
        by_type: dict[str, list[str]] = {}
        for name in names:
            by_type.setdefault(_type_of(self._errors[name][1]), []).append(name)
        bodies = [self._errors_of_type(each, rows) for each, rows in by_type.items()]
        codes = list(dict.fromkeys(str(self._rows[name].get("code", "")) for name in names))
        return {
            "description": ", ".join(filter(None, codes)) or "Refused",
            **_headers([self._errors[name][1] for name in names]),
            "content": {each: body for media in bodies for each, body in media.items()},
            "x-codes": codes,
        }

    def _errors_of_type(self, media_type: str, names: Sequence[str]) -> Document:
        envelopes = [each for each in dict.fromkeys(self._errors[n][0] for n in names) if each]
        schemas = [
            self._components.message(_error_name(each), self._source.read(f"{each}.error.json"))
            for each in envelopes
        ]
        return content(media_type, schemas, {_plain(name): self._example(name) for name in names})

    def _example(self, name: str) -> Document:
        response = self._errors[name][1]
        body = response.body.decode()
        value = json.loads(body) if "json" in _type_of(response) else body
        shown = example(_type_of(response), value, summary=name)
        return self._components.add("examples", _plain(name), shown)

    def _error(self, name: str) -> tuple[str, Response]:
        """Write the error of a row for the operation that it is most likely of."""
        return self._source.failure(name, self._operation_of(name))

    def _operation_of(self, name: str) -> Operation:
        """Choose an operation that declares the error, preferably about the resource of the row."""
        operations, code = self._source.operations, self._rows[name].get("code")
        subject = name.partition(":")[2]

        def rank(operation: Operation) -> tuple[bool, bool]:
            about = subject and operation.does.get("kind") == subject
            return code not in operation.errors, not about

        return min(operations, key=rank)


def _types(schemas: Mapping[str, Document]) -> Iterator[tuple[str, str]]:
    """Name the type of each response: responses that are alike have one."""
    alike: dict[str, list[str]] = {}
    for operation, schema in schemas.items():
        alike.setdefault(json.dumps(_shape(schema)), []).append(operation)
    for operations in alike.values():
        name = f"{operations[0]}Response"
        if len(operations) > 1:
            name = _common_name([schemas[each] for each in operations]) or name
        yield from ((each, name) for each in operations)


def _common_name(schemas: Sequence[Document]) -> str | None:
    """Name what several responses are: by their title, or by the one member that they have."""
    titles = {schema.get("title", "") for schema in schemas}
    if len(titles) == 1:
        return str(titles.pop())
    members = list(schemas[0].get("properties", ()))
    if not members:
        return "EmptyResponse"
    first: str = members[0]
    return f"{first[0].upper()}{first[1:]}Response" if members == [first] else None


def _shape(schema: Document) -> Document:
    return {key: each for key, each in schema.items() if key not in ANNOTATIONS}


def _headers(responses: Sequence[Response]) -> Mapping[str, object]:
    """Describe the headers that any of the responses has, besides those of every message."""
    names = dict.fromkeys(name for each in responses for name, _ in each.headers)
    described = {
        name: {"schema": {"type": "string"}} for name in names if name not in _OF_EVERY_MESSAGE
    }
    return {"headers": described} if described else {}


def _type_of(response: Response) -> str:
    return without_parameters(dict(response.headers).get("Content-Type", ""))


def _plain(name: str) -> str:
    """Return the name of a row as names of components are written."""
    return name.replace(":", ".")


def _error_name(envelope: str) -> str:
    """Return the name of a component for an envelope: `gateway` is `GatewayError`."""
    name = envelope[:1].upper() + envelope[1:]
    return name if "Error" in name else f"{name}Error"
