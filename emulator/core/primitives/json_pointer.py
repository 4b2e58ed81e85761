"""JSON Pointers (RFC 6901): written for paths, and looked up in documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Step = str | int
"""The name of a member or the index of an item."""

_INDEX = re.compile(r"[0-9]{1,9}")


def pointer(path: Iterable[Step]) -> str:
    """Write a path as a JSON Pointer."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def value_at(document: object, path: str) -> object:
    """Return the value at a JSON Pointer, or of the named member; None if it is absent."""
    steps = path[1:].split("/") if path.startswith("/") else [path]
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and _INDEX.fullmatch(name) and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, Mapping):
            document = document.get(name)
        else:
            return None
    return document
