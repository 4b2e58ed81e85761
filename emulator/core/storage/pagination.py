"""Tokens of list pages.

A token holds a position in the order, not a number of rows, so that a resource created or deleted
between two pages neither repeats nor hides another.
"""

from __future__ import annotations

import base64
import json

from emulator.core.errors.failures import BadToken
from emulator.core.storage.query import Position

LAST = 2**63 - 1
"""A time later than all others, in microseconds."""


def write_token(position: Position, *, kind: str, parent: str | None) -> str:
    """Make the token of the page after a position, in standard base64."""
    text = json.dumps([kind, parent, position.created_at, position.number])
    return base64.b64encode(text.encode()).decode()


def read_token(token: str, *, kind: str, parent: str | None) -> Position:
    """Return the position in a token; raises `BadToken` for one of another list or made by hand."""
    try:
        token_kind, token_parent, created_at, number = json.loads(
            base64.b64decode(token, validate=True)
        )
    except (ValueError, TypeError, RecursionError):
        raise BadToken(kind, token=token) from None
    position = Position(created_at=created_at, number=number)
    if (token_kind, token_parent) != (kind, parent) or not _is_possible(position):
        raise BadToken(kind, token=token)
    return position


def _is_possible(position: Position) -> bool:
    """Return whether a position can exist in a database."""
    return all(type(part) is int and 0 <= part < LAST for part in position)
