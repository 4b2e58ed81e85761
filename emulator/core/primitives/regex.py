"""Regular expressions for input from clients, matched in linear time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import re2


class PatternError(ValueError):
    """RE2 does not support a pattern."""


@cache
def whole_match(pattern: str) -> Callable[[str], bool]:
    r"""Compile a pattern that must match a whole text; raises `PatternError`.

    The syntax is RE2's: classes such as `\d` are ASCII, `\p{L}` is Unicode.
    """
    match = matcher(pattern)
    return lambda text: bool(match(text.encode(*ENCODING)))


ENCODING = ("utf-8", "surrogatepass")
"""How a text is encoded for a matcher: JSON may have half of a surrogate pair."""


@cache
def matcher(pattern: str) -> Callable[[bytes], Sequence[int]]:
    """Compile the same for encoded texts; what it returns is empty if one does not match."""
    options = re2.Options()
    options.log_errors = False
    compiled = re2.Set.FullMatchSet(options)
    try:
        compiled.Add(pattern)
    except re2.error as error:
        raise PatternError(f"{pattern}: {error}") from None
    compiled.Compile()
    match: Callable[[bytes], Sequence[int]] = compiled.Match
    return match
