"""Lax conversion: the values Pydantic accepts for the type in a JSON Schema.

A document becomes what a Pydantic model holds: members in the order of the schema, `"yes"` true
and `"2"` a number where the schema says so, defaults for absent members, no unknown ones. A value
that cannot be converted stays as it is, for validation to reject, and so does an unknown member
where the schema says something of them. A table of conversions decides:
`PYDANTIC_2` here, that of Pydantic 1 with its dialect.

Source: https://docs.pydantic.dev/2.10/concepts/conversion_table/ and the behaviour of Pydantic
2.10.4, with which tests/contract/test_pydantic_oracle.py compares it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.core.contract.validation import Schema
from emulator.core.primitives import uuids

Conversions = Mapping[str | None, Callable[[Any], object]]
"""Conversions by JSON type or format; a value that cannot be converted is returned unchanged."""

Coercion = Callable[[Any], Any]

_BOOLEANS = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), False),
}
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\ud[89a-f]")
_INTEGER = re.compile(r"\s*(?P<digits>[+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?\s*")
_LONGEST = 4300
"""Maximum number of characters of an integer; Python converts no more digits."""
_WORD = 2**63
"""Limit of whole floats that are integers; larger ones count as infinity."""


def coercer(schema: Schema, conversions: Conversions) -> Coercion:
    """Compile what returns a value as a model of the schema holds it."""
    if not schema:
        return as_sent
    convert = conversions.get(schema.get("format"), conversions.get(_type(schema)))
    of_item = coercer(schema["items"], conversions) if "items" in schema else as_sent
    of_members = _of_members(schema, conversions)
    if convert is None and of_item is of_members is as_sent:
        return as_sent

    def coerce(value: Any) -> Any:
        if isinstance(value, str) and _SURROGATE.search(value):
            return _unpaired(value)
        if convert is not None and value is not None:
            value = convert(value)
        if isinstance(value, dict):
            return of_members(value)
        if isinstance(value, list):
            return as_sent(value) if of_item is as_sent else [of_item(item) for item in value]
        return value

    return coerce


def _of_members(schema: Schema, conversions: Conversions) -> Coercion:
    if "properties" not in schema and not schema.get("additionalProperties"):
        return as_sent
    if "properties" not in schema:
        of_other = coercer(schema["additionalProperties"], conversions)
        return lambda value: {name: of_other(member) for name, member in value.items()}
    members = [
        (name, coercer(member, conversions), "default" in member, member.get("default"))
        for name, member in schema["properties"].items()
    ]

    known, drops_unknown = schema["properties"], schema.get("additionalProperties", True) is True

    def coerce(value: Mapping[str, Any]) -> dict[str, Any]:
        found = {
            name: of_member(value[name]) if name in value else default
            for name, of_member, has_default, default in members
            if name in value or has_default
        }
        if drops_unknown:
            return found
        return found | {name: value[name] for name in value if name not in known}

    return coerce


def as_sent(value: Any) -> Any:
    """Return a value that the schema says nothing of."""
    if isinstance(value, str):
        return _unpaired(value) if _SURROGATE.search(value) else value
    # Whether a text has half of a surrogate pair shows in its JSON, which is written at once.
    if not isinstance(value, dict | list) or not _ESCAPED.search(json.dumps(value)):
        return value
    if isinstance(value, dict):
        return {name: as_sent(member) for name, member in value.items()}
    return [as_sent(item) for item in value]


def _unpaired(text: str) -> bytes:
    """Return what no schema accepts, as it is no JSON type.

    Pydantic rejects an unpaired surrogate, whatever the type.
    """
    return text.encode("utf-8", "surrogatepass")


def _type(schema: Schema) -> str | None:
    names = schema.get("type")
    return names[0] if isinstance(names, list) else names


def _boolean(value: Any) -> object:
    if isinstance(value, str):
        return _BOOLEANS.get(value.lower(), value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _WORD:
        value = int(value)
    return bool(value) if value in (0, 1) else value


def _number(value: Any) -> object:
    try:
        number = float(_digits(value) if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return value
    # Pydantic finds NaN above every upper bound; so is infinity, and JSON Schema agrees.
    return math.inf if math.isnan(number) else number


def _digits(text: str) -> str:
    """Remove space or single underscores from a number, never both; raises `ValueError`."""
    digits = text.replace("_", "") if "_" in text else text.strip()
    if not digits.isascii() or digits != digits.strip() or "__" in text or text != text.strip("_"):
        raise ValueError(text)
    return digits


def _integer(value: Any) -> object:
    if isinstance(value, str):
        found = _INTEGER.fullmatch(value) if len(value) <= _LONGEST else None
        return int(found["digits"]) if found else value
    if isinstance(value, float) and value.is_integer():
        return int(value) if abs(value) < _WORD else math.inf
    return int(value) if isinstance(value, int) else value


def _uuid(value: Any) -> object:
    try:
        return str(uuids.parse(value)) if isinstance(value, str) else value
    except ValueError:
        return value


PYDANTIC_2: Conversions = {
    "boolean": _boolean,
    "number": _number,
    "integer": _integer,
    "uuid": _uuid,
}
