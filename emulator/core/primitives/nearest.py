"""Finds the known name that a misspelt one probably stands for."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 200
"""Maximum number of characters compared; the time grows with their square."""

_LEAST = 0.7
"""Similarity below which two names have nothing to do with each other; 1 is equal."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most similar to a misspelt one; None if none is similar.

    Case and punctuation do not count: `dataset_type` is like `DatasetType`.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only for what is misspelt

    by_letters = {_letters(each): each for each in reversed(list(known))}
    found = get_close_matches(_letters(name[:LONGEST]), by_letters, n=1, cutoff=_LEAST)
    return by_letters[found[0]] if found else None


def hint(name: str, known: Iterable[str]) -> str:
    """Return the question that ends a refusal of a name, or nothing if no known one is similar."""
    found = nearest(name, known)
    return f" Did you mean {found}?" if found else ""


def with_hint(complaint: str, name: str, known: Iterable[str]) -> str:
    """Return a complaint about a name, and the question if a known one is similar."""
    question = hint(name, known)
    return f"{complaint}.{question}" if question else complaint


def _letters(name: str) -> str:
    """Return the letters and digits of a name in lower case, or all of it if it has none."""
    return "".join(filter(str.isalnum, name)).lower() or name
