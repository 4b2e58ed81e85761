"""Regular expressions for input from clients, matched in linear time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import re2


class PatternError(ValueError):
    """RE2 does not support a pattern."""


@cache
def whole_match(pattern: str) -> Callable[[str], bool]:
    r"""Compile a pattern that must match a whole text; raises `PatternError`.

    The syntax is RE2's: classes such as `\d` are ASCII, `\p{L}` is Unicode.
    """
    options = re2.Options()
    options.log_errors = False
    matcher = re2.Set.FullMatchSet(options)
    try:
        matcher.Add(pattern)
    except re2.error as error:
        raise PatternError(f"{pattern}: {error}") from None
    matcher.Compile()
    return lambda text: bool(matcher.Match(text.encode("utf-8", "surrogatepass")))
