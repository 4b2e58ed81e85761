"""Operations of a contract as operations of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.control.openapi.components import Components
from emulator.control.openapi.media import content, example
from emulator.control.openapi.responses import Responses
from emulator.control.openapi.source import Source
from emulator.core.contract.model import Document, Operation

_NOTHING = frozenset({"title", "description", "x-evidence", "type", "$schema"})
"""Keywords of a request that says nothing of its members."""

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods of requests that may have a body though no member of it is known."""

_OF_SECURITY = frozenset({"Authorization"})
"""Headers that security schemes describe: OpenAPI ignores parameters of these names."""

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Operations:
    """Describes operations, with components for what they share."""

    def __init__(self, source: Source, components: Components) -> None:
        self._source = source
        self._components = components
        self._responses = Responses(source, components)

    def of(self, operations: Sequence[Operation]) -> Document:
        """Describe the operations of one route: one, or several that differ in a header."""
        if operations[0].target is None:
            return self._alone(operations[0])
        return self._together(operations)

    def _alone(self, operation: Operation) -> Document:
        body = self._body(operation)
        request = body and {
            "required": operation.requires_body,
            "content": self._content([operation], [body]),
        }
        page = operation.documentation
        return {
            "operationId": operation.name,
            "summary": " ".join(_WORDS.split(operation.name)).capitalize(),
            **({} if page.startswith("docs/") else {"externalDocs": {"url": page}}),
            "parameters": list(self._parameters(operation)),
            **({"requestBody": request} if request else {}),
            "responses": self._responses.of([operation]),
            **_security(self._source, operation),
            "x-evidence": operation.evidence,
        }

    def _together(self, operations: Sequence[Operation]) -> Document:
        """Describe operations that a header tells apart: their messages are alternatives."""
        source, header = self._source, self._source.contract.protocol["targetHeader"]
        bodies = {each.name: self._body(each) or {} for each in operations}
        return {
            "operationId": "Call",
            "summary": f"Call the operation that {header} names",
            "description": f"`x-operations` has the messages of each {header}.",
            "externalDocs": {"url": source.contract.service["documentation"]},
            "parameters": [
                {
                    "name": header,
                    "in": "header",
                    "required": True,
                    "schema": {"type": "string", "enum": [each.target for each in operations]},
                }
            ],
            "requestBody": {
                "required": all(each.requires_body for each in operations),
                "content": self._content(operations, list(bodies.values())),
            },
            "responses": self._responses.of(operations),
            **_security(source, operations[0]),
            "x-operations": {
                str(each.target): {
                    "summary": " ".join(_WORDS.split(each.name)).capitalize(),
                    "externalDocs": {"url": each.documentation},
                    "request": bodies[each.name],
                    **self._responses.in_brief(each),
                    "x-evidence": each.evidence,
                }
                for each in operations
            },
        }

    def _parameters(self, operation: Operation) -> Iterator[Document]:
        schema, written = self._source.request_schema(operation), set()
        members = self._source.request(operation)
        for member in operation.members:
            if member.location != "body" and member.wire_name not in _OF_SECURITY:
                written.add(member.wire_name)
                of_path = member.location == "path"
                shown = {"example": members[member.name]} if member.name in members else {}
                yield {
                    "name": member.wire_name,
                    "in": member.location,
                    "required": of_path or member.name in schema.get("required", ()),
                    "schema": self._components.converted(schema["properties"][member.name]),
                    **shown,
                }
        for name in self._source.placeholders(operation):
            if name not in written:
                yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}

    def _content(self, operations: Sequence[Operation], schemas: Sequence[Document]) -> Document:
        media_type = self._source.body_type
        examples = {
            each.name: example(media_type, self._example(each))
            for each in operations
            if each.name in self._source.examples
        }
        return content(media_type, schemas, examples)

    def _example(self, operation: Operation) -> Document:
        """Return the example of a body."""
        members, elsewhere = self._source.request(operation), _not_in_body(operation)
        return {name: value for name, value in members.items() if name not in elsewhere}

    def _body(self, operation: Operation) -> Document | None:
        """Refer to the schema of a body: the request without members of path, query or header."""
        raw, elsewhere = self._source.request_schema(operation), _not_in_body(operation)
        members, name = operation.members, f"{operation.name}Request"
        if len(elsewhere) == len(members) and (members or "properties" in raw):
            return None
        is_free = bool(raw.keys() - _NOTHING or raw.get("description"))
        if not members and not (is_free and operation.method in _WITH_BODY):
            return None
        if not elsewhere:
            return self._components.message(name, raw)
        properties = {
            member: each for member, each in raw["properties"].items() if member not in elsewhere
        }
        required = [member for member in raw.get("required", ()) if member not in elsewhere]
        body = {**raw, "properties": properties, "required": required}
        return self._components.message(name, body)


def _not_in_body(operation: Operation) -> set[str]:
    return {member.name for member in operation.members if member.location != "body"}


def _security(source: Source, operation: Operation) -> Mapping[str, object]:
    alternatives = source.dialect.security(operation)
    named: Any = [{name: [] for name in alternative} for alternative in alternatives]
    return {"security": named} if named else {}
