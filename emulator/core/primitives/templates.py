"""Texts with `{placeholders}`, as the contract files write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, object]
"""Values by the names of placeholders."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def fill(template: Any, facts: Facts) -> Any:
    """Replace placeholders in a text or in the texts of an object.

    A placeholder that is the whole text keeps the type of its value. Raises `KeyError` for a
    fact that is missing.
    """
    if isinstance(template, dict):
        return {key: fill(value, facts) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    alone = PLACEHOLDER.fullmatch(template)
    if alone:
        return facts[alone[1]]
    return PLACEHOLDER.sub(lambda match: str(facts[match[1]]), template)
