"""Checks a file of a contract by itself: its meta-schema, and its patterns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from emulator.core.contract.files import ContractError, parse
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.validation import Rules, Violation
from emulator.core.primitives.json_pointer import Step, pointer
from emulator.core.primitives.nearest import with_hint
from emulator.core.primitives.regex import PatternError, whole_match

_PATTERNS = frozenset({"pattern", "matches", "temporary"}) | {
    f"{whose}KeyPattern" for whose in ("real", "account", "caller")
}
"""Names of members that are patterns."""


def faults_in(file: Path, document: Any, meta: str | None) -> Iterator[ContractError]:
    """List what is wrong with a file, which has a meta-schema or is one itself."""
    rules = _meta(meta) if meta else None
    if rules and not rules.accepts(document):
        for violation in rules.violations(document):
            yield ContractError(file, pointer(violation.path), _fault(violation))
    for path, pattern in _patterns(document):
        try:
            whole_match(pattern)
        except PatternError as error:
            yield ContractError(file, pointer(path), str(error))


@cache
def _meta(name: str) -> Rules:
    return Rules(parse(built_in_folder() / "_meta" / f"{name}.json"))


def _patterns(node: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Find every pattern in a file: what RE2 will be given."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _patterns(item, (*path, index))
    if not isinstance(node, dict):
        return
    for name, value in node.items():
        if name in _PATTERNS and isinstance(value, str):
            yield (*path, name), value
        elif name == "hosts" and isinstance(value, list):
            yield from (((*path, name, index), host) for index, host in enumerate(value))
        else:
            yield from _patterns(value, (*path, name))


def _fault(violation: Violation) -> str:
    if violation.keyword == "required":
        return "the member is missing"
    broken = f"breaks {violation.keyword} {json.dumps(violation.limit)[:200]}"
    if violation.keyword == "additionalProperties":
        known = violation.schema.get("properties", ())
        return with_hint(broken, str(violation.path[-1]), known)
    return broken
