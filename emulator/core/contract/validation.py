"""JSON Schema decides: what is wrong with a document, rule by rule, in no vendor's words.

Most documents are valid, so `acceptance` is asked first. What it refuses is explained by
`full_validation`, which alone uses `jsonschema`, and is imported when that is first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emulator.core.contract.acceptance import compile_check
from emulator.core.contract.known_members import only_known
from emulator.core.primitives.json_pointer import Step

ABSENT = object()
"""The value of a member that is not there."""

Schema = Mapping[str, Any]
Format = Callable[[object], bool]
"""Tells whether a value has a format; a `ValueError` it raises becomes the violation's reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule: the schema's keyword and its limit, where, and by which value.

    `schema` is the subschema the keyword stands in, with its annotations; `reason` is
    what a format's own check said.
    """

    keyword: str
    path: tuple[Step, ...]
    value: object
    limit: object
    schema: Schema
    reason: str | None = None

    @property
    def expected(self) -> str:
        """The JSON type the schema wants here; `map` for an object with free keys."""
        wanted = self.schema.get("type", "any")
        name = str(wanted if isinstance(wanted, str) else wanted[0])
        return "map" if name == "object" and "properties" not in self.schema else name

    @property
    def given(self) -> str:
        """The JSON type of the value that was sent, or `absent`."""
        return json_type(self.value)


def json_type(value: object) -> str:
    """Name the JSON type of a parsed value; `integer` for whole numbers, `absent` for none."""
    return JSON_TYPES.get(type(value), "absent")


JSON_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}


class Rules:
    """A compiled JSON Schema: tells the violations of documents, in the order of the schema."""

    def __init__(self, schema: Schema, formats: Mapping[str, Format] | None = None) -> None:
        """Compile; `formats` are those that the keyword `format` asserts."""
        self.schema = schema
        self._formats = formats or {}

    @cached_property
    def strict(self) -> Rules:
        """The same rules, and that no object has members that the schema does not know."""
        return Rules(only_known(self.schema), self._formats)

    @cached_property
    def keeps_unknown(self) -> bool:
        """Whether a rule looks at members of the document that the schema does not know."""
        return self.schema.get("additionalProperties", True) is not True

    @cached_property
    def accepts(self) -> Callable[[object], bool]:
        """Tells whether a document is valid, and nothing else; compiled when first used."""
        return compile_check(self.schema, self._formats)

    def violations(self, document: object) -> list[Violation]:
        """List what is wrong with a document, in the order of the schema; empty if it is valid."""
        return self._full(document)

    @cached_property
    def _full(self) -> Callable[[object], list[Violation]]:
        from emulator.core.contract.full_validation import compile_full  # noqa: PLC0415 - heavy

        return compile_full(self.schema, self._formats)
