"""Texts with `{placeholders}`, as the contract files write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import cycle
from operator import itemgetter
from typing import Any

Facts = Mapping[str, object]
"""Values by the names of placeholders."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")

_MOST_COMPILED = 1024
"""Templates that are kept compiled: a control call may bring its own."""


def fill(template: Any, facts: Facts) -> Any:
    """Replace placeholders in a text or in the texts of an object.

    A placeholder that is the whole text keeps the type of its value. Raises `KeyError` for a
    fact that is missing.
    """
    if isinstance(template, dict):
        return {key: fill(value, facts) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    return filler(template)(facts)


@lru_cache(_MOST_COMPILED)
def filler(template: str) -> Callable[[Facts], Any]:
    """Compile a text of a contract to what fills it, as `fill` does."""
    alone = PLACEHOLDER.fullmatch(template)
    if alone:
        return itemgetter(alone[1])
    # every other part is literal: `str.format_map` takes a doubled brace for one brace
    parts = [
        f"{{{part}!s}}" if is_name else part.replace("{", "{{").replace("}", "}}")
        for part, is_name in zip(PLACEHOLDER.split(template), cycle((False, True)), strict=False)
    ]
    return "".join(parts).format_map
