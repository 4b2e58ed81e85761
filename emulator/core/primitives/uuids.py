"""UUIDs in the four spellings of lax parsers, and the reasons for rejecting others.

The reasons are those of the Rust crate `uuid` 1.x, which Pydantic and other services
put into their errors word for word.
"""

from __future__ import annotations

import re
from uuid import UUID

_FOREIGN = re.compile(r"[^0-9a-fA-F-]")
_GROUPS = (8, 4, 4, 4, 12)
_DASHED = 36
_LAST_GROUP_BEGINS = 24
_URN = "urn:uuid:"


def parse(text: str) -> UUID:
    """Read 32 digits, or five groups of them, bare, in braces or as a URN.

    Raises `ValueError` with the reason.
    """
    groups, offset = _unwrapped(text)
    if len(groups.encode()) == _DASHED:
        text, offset = groups, 0  # the reasons of the crate then count from here
    foreign = _FOREIGN.search(groups)
    if foreign:
        raise ValueError(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by "
            f"[0-9a-fA-F-], found `{foreign[0]}` at {foreign.start() + offset + 1}"
        )
    if offset or "-" in groups:
        _check_groups(groups.split("-"), len(text))
    elif len(groups) != sum(_GROUPS):
        raise ValueError(
            f"invalid length: expected length 32 for simple format, found {len(groups)}"
        )
    return UUID(groups)


def _unwrapped(text: str) -> tuple[str, int]:
    """Remove braces or the URN prefix; return the text and the number of characters before it."""
    if len(text) > 1 and text[0] == "{" and text[-1] == "}":
        return text[1:-1], 1
    if text.startswith(_URN):
        return text[len(_URN) :], len(_URN)
    return text, 0


def _check_groups(groups: list[str], length: int) -> None:
    if len(groups) != len(_GROUPS):
        raise ValueError(f"invalid group count: expected 5, found {len(groups)}")
    for number, (group, expected) in enumerate(zip(groups, _GROUPS, strict=True)):
        if len(group) != expected:
            # The crate measures the last group by the whole text, braces and prefix included.
            last = number == len(_GROUPS) - 1
            found = length - _LAST_GROUP_BEGINS if last else len(group)
            raise ValueError(
                f"invalid group length in group {number}: expected {expected}, found {found}"
            )
