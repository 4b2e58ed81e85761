"""Which attribute a member of a message is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
"""Where a word of a name in camel case ends."""


def snake(name: str) -> str:
    """Spell `datasetGroupArn` or `DatasetGroupArn` as `dataset_group_arn`."""
    return _WORD.sub("_", name).lower()


def attribute_of(name: str, member: Mapping[str, Any], attributes: Mapping[str, str]) -> str:
    """Return the attribute of a member, by its annotation, service.json or its own name."""
    return str(member.get("x-attribute") or attributes.get(name) or snake(name))


def members_of(schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the members of an object, those of its alternatives included."""
    own = schema.get("properties", {})
    found: dict[str, Mapping[str, Any]] = dict(own)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(keyword, ()):
            found |= members_of(branch) if branch is not True else {}
    return {**found, **own}


def allows_null(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema allows null."""
    types = schema.get("type", ())
    branches = (branch for keyword in ("anyOf", "oneOf") for branch in schema.get(keyword, ()))
    return "null" in (types, *types) or any(map(allows_null, branches))
