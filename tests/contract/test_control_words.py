"""The control API has one convention of names: snake_case, on the way in and on the way out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.core.contract.location import built_in_folder

FILES = [
    *sorted((built_in_folder() / "control").glob("*.re*.json")),
    built_in_folder() / "_meta" / "state.json",
]
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def members(schema: Any) -> Iterator[str]:
    """List the names of members that a schema gives, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from members(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from members(each)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_member_is_in_snake_case(file: Path) -> None:
    names = set(members(json.loads(file.read_text(encoding="utf-8"))))
    assert {name for name in names if not SNAKE.fullmatch(name)} == set()
