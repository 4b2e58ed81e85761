"""Other readers of JSON Schema: Python's `jsonschema`, as it is, and `ajv`."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.programs import missing

AJV = Path(__file__).parent / "ajv"
SECONDS = 120
VOCABULARY = (
    "x-evidence", "x-in", "x-name", "x-sensitive", "x-error-message", "x-allowed-by", "x-vendor-pattern", "x-kind", "x-attribute", "x-format", "x-stored",
)  # fmt: skip
"""Annotations that files under schemas/ use beside the standard keywords."""

Schemas = Mapping[str, Any]
"""Schemas by their addresses; a `$ref` is relative to the address."""
Documents = Sequence[tuple[str, str]]
"""The address of a schema and a JSON text that it judges."""


@dataclass(frozen=True)
class Judged:
    """What ajv says: schemas that it rejects, and whether each document is valid."""

    faults: Mapping[str, str]
    verdicts: Sequence[bool]


def by_ajv(schemas: Schemas, documents: Documents) -> Judged:
    """Judge all documents in one process of node; skips the test where it is not installed."""
    node = shutil.which("node")
    if node is None or not (AJV / "node_modules").exists():
        missing("ajv")
    task = {"schemas": schemas, "vocabulary": VOCABULARY, "documents": documents}
    command = [node, str(AJV / "judge.mjs")]
    ended = subprocess.run(
        command,
        check=False,
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return Judged(**json.loads(ended.stdout))


def searches(pattern: str, text: str) -> bool:
    r"""Search as ECMAScript does: Python's `re` has no `\p{L}`, and `$` before a final newline."""
    return regex.search(pattern.removesuffix("$") + r"\Z", text) is not None


def _pattern(validator: Any, pattern: str, instance: object, schema: Any) -> Any:
    if isinstance(instance, str) and not searches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def by_jsonschema(schemas: Schemas, documents: Documents) -> list[bool]:
    """Judge documents with jsonschema's own validator, patterns apart.

    Without `$schema`, which would have it take its own class again below a reference.
    """
    schemas = {
        name: {key: value for key, value in schema.items() if key != "$schema"}
        for name, schema in schemas.items()
    }
    resources = ((name, DRAFT202012.create_resource(schema)) for name, schema in schemas.items())
    registry: Registry[Any] = Registry().with_resources(resources)
    validators = {name: _Validator({"$ref": name}, registry=registry) for name in schemas}
    return [validators[address].is_valid(json.loads(text)) for address, text in documents]
