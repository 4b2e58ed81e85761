"""The JSON Schema of the body of each kind of resource, from its dataclass.

Stored rows become keyword arguments; a row from outside has to match them.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import UnionType
from typing import (
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from emulator.core.contract.validation import JSON_TYPES
from emulator.core.storage.resource import Resource

_COMMON = frozenset(member.name for member in fields(Resource))


def schema_of(kind: type[Resource]) -> dict[str, Any]:
    """Return the JSON Schema of a resource's body: the contract's, or that of its type hints."""
    if kind.body_schema is not None:
        return dict(kind.body_schema)
    hints = get_type_hints(kind)
    stored = [member for member in fields(kind) if member.name not in _COMMON]
    defaults = {
        m.name: m.default is not MISSING or m.default_factory is not MISSING for m in stored
    }
    return {
        "type": "object",
        "required": [name for name, has_default in defaults.items() if not has_default],
        "additionalProperties": False,
        "properties": {name: _schema(hints[name]) for name in defaults},
    }


def _schema(hint: Any) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(each) for each in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if is_typeddict(hint):
        members = {name: _schema(each) for name, each in get_type_hints(hint).items()}
        return {"type": "object", "properties": members, "required": sorted(hint.__required_keys__)}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    plain = origin or hint
    return {"type": JSON_TYPES[plain]} if plain in JSON_TYPES else {}
