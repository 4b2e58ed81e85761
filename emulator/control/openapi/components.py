"""The parts of a document that several operations share: schemas, responses and examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain, count
from typing import Any

from emulator.core.contract.model import Document
from emulator.core.primitives import json_text

_SCHEMAS = ("items", "additionalProperties", "if", "then", "else", "not", "contentSchema")
_LISTS = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "$defs")
_LEFT_OUT = frozenset(
    {"$schema", "x-in", "x-name", "x-attribute", "x-format", "x-stored", "x-sensitive", "x-kind"}
    | {"x-error-message"}
)
"""How the emulator reads and writes members."""

_DEFINITION = "_shared.json#/$defs/"
ANNOTATIONS = frozenset({"$schema", "title", "description", "x-evidence"})

_UNREADABLE = re.compile(r"\\[pP]\{")
"""Classes of patterns that readers of OpenAPI in Python reject."""


class Components:
    """Collects components; each has a name of its own."""

    def __init__(self, definitions: Document) -> None:
        """Take the definitions that schemas of messages refer to, those of _shared.json."""
        self._definitions = definitions
        self._parts: dict[str, dict[str, Any]] = {"schemas": {}, "responses": {}, "examples": {}}
        self._names: dict[str, str] = {}
        self._referred: dict[str, str] = {}

    def all(self) -> Document:
        """Return what was collected, without empty parts."""
        return {part: named for part, named in self._parts.items() if named}

    def add(self, part: str, name: str, value: object) -> Document:
        """Add a component, under its name and a number if the name is taken, and refer to it.

        An equal one is not added again.
        """
        text = f"{part} {name} {json_text.write(value).decode()}"
        if text not in self._names:
            self._names[text] = self._free_name(part, name)
            self._parts[part][self._names[text]] = value
        return {"$ref": f"#/components/{part}/{self._names[text]}"}

    def message(self, name: str, schema: Document) -> Document:
        """Refer to the schema of a message; one that is nothing but a definition has no other."""
        if schema.keys() - ANNOTATIONS == {"$ref"}:
            return {"$ref": self._reference(schema["$ref"].removeprefix(_DEFINITION))}
        return self.add("schemas", name, self.converted(schema))

    def converted(self, schema: Any) -> Any:
        """Write a schema in OpenAPI's terms, and add the definitions that it refers to.

        Many tools overlook rules beside a reference: there the definition is written out.
        """
        if not isinstance(schema, Mapping):
            return schema
        if "$ref" in schema and any(map(_is_rule, schema.keys() - {"$ref"})):
            schema = {**self._definitions[schema["$ref"].removeprefix(_DEFINITION)], **schema}
            schema.pop("$ref")
        return {
            "x-pattern" if _is_unreadable(keyword, value) else keyword: self._value(keyword, value)
            for keyword, value in schema.items()
            if keyword not in _LEFT_OUT
        }

    def _value(self, keyword: str, value: Any) -> Any:
        if keyword in _SCHEMAS:
            return self.converted(value)
        if keyword in _LISTS:
            return [self.converted(each) for each in value]
        if keyword in _NAMED:
            return {name: self.converted(each) for name, each in value.items()}
        return self._reference(value.removeprefix(_DEFINITION)) if keyword == "$ref" else value

    def _reference(self, name: str) -> str:
        schemas, referred = self._parts["schemas"], self._referred
        if name not in referred:
            own = referred[name] = self._free_name("schemas", name)
            schemas[own] = {}  # a definition may refer to itself
            schemas[own] = self.converted(self._definitions[name])
        return f"#/components/schemas/{referred[name]}"

    def _free_name(self, part: str, name: str) -> str:
        names = chain([name], (f"{name}{number}" for number in count(2)))
        return next(each for each in names if each not in self._parts[part])


def _is_rule(keyword: str) -> bool:
    return not (
        keyword in ANNOTATIONS or keyword in ("default", "deprecated") or keyword[:2] == "x-"
    )


def _is_unreadable(keyword: str, value: Any) -> bool:
    return keyword == "pattern" and _UNREADABLE.search(value) is not None
