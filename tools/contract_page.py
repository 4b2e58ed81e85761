"""The page of the contract files, made from their meta-schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

META = Path(__file__).parents[1] / "schemas" / "_meta"
FILES = (
    *("service", "resources", "message", "errors", "lifecycles", "quotas", "rules", "seed"),
    *("examples", "case"),
)
_UNTOLD = {"$schema", "evidence"}
"""Members that are in every file; the page says once what they are."""

Schema = Mapping[str, Any]


def rows_of(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, type and meaning of each member of a file, nested ones by their path."""
    schema = json.loads((META / f"{name}.json").read_text(encoding="utf-8"))
    if name == "message":  # a JSON Schema: only the annotations are the emulator's own
        members = schema["$defs"]["schema"]["properties"]
        annotations = {key: each for key, each in members.items() if key.startswith("x-")}
        yield from _members({"properties": annotations}, schema, "")
    else:
        yield from _members(schema, schema, "")


def title_of(name: str) -> tuple[str, str]:
    """Return the name of a file and what it is for, from the title of its meta-schema."""
    title: str = json.loads((META / f"{name}.json").read_text(encoding="utf-8"))["title"]
    file, _, purpose = title.partition(": ")
    return file, purpose


def _members(schema: Schema, root: Schema, path: str) -> Iterator[tuple[str, str, str]]:
    for name, member in schema.get("properties", {}).items():
        if name not in _UNTOLD:
            yield from _member(member, root, f"{path}.{name}" if path else name)
    for choice in schema.get("oneOf", ()):
        yield from _members(choice, root, path)
    free = schema.get("additionalProperties")
    if isinstance(free, dict):
        yield from _member(free, root, f"{path}.*" if path else "*")


def _member(schema: Schema, root: Schema, path: str) -> Iterator[tuple[str, str, str]]:
    told = _resolved(schema, root)
    meaning = str(told.get("description", ""))
    if meaning or not path.endswith("*"):  # the entry above says what its free members are
        yield f"`{path}`", _type(told), meaning
    yield from _members(told, root, path)
    if isinstance(told.get("items"), dict):
        items = _resolved(told["items"], root)
        yield from _members(items, root, f"{path}[]")


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref", "")
    if not reference.startswith("#/$defs/") or reference.endswith("/schema"):
        return schema
    return {**root["$defs"][reference.removeprefix("#/$defs/")], **schema}


def _type(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    named = schema.get("type", "")
    return named if isinstance(named, str) else " or ".join(named)
