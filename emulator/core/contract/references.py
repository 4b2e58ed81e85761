"""Puts the definitions of `_shared.json` in the place of the references to them.

Rules beside a `$ref` are combined with those of the definition, as JSON Schema does; what
would only work by overriding is rejected. Annotations beside it describe this one use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.core.contract.model import Document

_PREFIX = "_shared.json#/$defs/"
_ANNOTATIONS = frozenset({"title", "description", "default", "deprecated"})
_READ_TOGETHER = (
    frozenset({"properties", "additionalProperties"}),
    frozenset({"if", "then", "else"}),
)
"""Keywords that look at each other only within one schema object."""


class UnresolvedReference(Exception):
    """A reference has no definition, or rules beside it that cannot be combined with it."""


def inline(node: Any, shared: Document) -> Any:
    """Return a schema without references; raises `UnresolvedReference`."""
    if isinstance(node, list):
        return [inline(item, shared) for item in node]
    if not isinstance(node, dict):
        return node
    beside = {key: inline(value, shared) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return beside
    name = node["$ref"].removeprefix(_PREFIX)
    if name not in shared.get("$defs", {}):
        raise UnresolvedReference(f"$ref to {name!r}, unknown")
    definition = inline(shared["$defs"][name], shared)
    for keyword in _clashing(definition, beside):
        raise UnresolvedReference(
            f"{keyword} beside the $ref to {name} does not combine: use allOf"
        )
    return {**definition, **beside}


def _clashing(definition: Mapping[str, object], beside: Mapping[str, object]) -> list[str]:
    """List the keywords beside a reference that JSON Schema and one merged object read apart."""
    ours, theirs = _rules(beside), _rules(definition)
    apart = {
        keyword for together in _READ_TOGETHER if together & theirs for keyword in together & ours
    }
    return sorted((ours & theirs) | apart)


def _rules(schema: Mapping[str, object]) -> set[str]:
    return {key for key in schema if key not in _ANNOTATIONS and not key.startswith("x-")}
