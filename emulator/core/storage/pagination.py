"""Tokens of list pages.

A token holds a position in the order, not a number of rows, so that a resource created or deleted
between two pages neither repeats nor hides another.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from emulator.core.errors.failures import BadToken
from emulator.core.storage.query import Position

LAST = 2**63 - 1
"""A time later than all others, in microseconds."""


def write_token(position: Position, *, kind: str, parent: str | None) -> str:
    """Make the token of the page after a position, in standard base64."""
    return _written([kind, parent, position.created_at, position.number])


def read_token(token: str, *, kind: str, parent: str | None) -> Position:
    """Return the position in a token; raises `BadToken` for one of another list or made by hand."""
    created_at, number = _read(token, kind, parent, 2)
    position = Position(created_at=created_at, number=number)
    if not _is_possible(position):
        raise BadToken(kind, token=token)
    return position


def write_id_token(last: str, *, kind: str, parent: str | None) -> str:
    """Make the token of the page after an id, of a list in an order of ids."""
    return _written([kind, parent, last])


def read_id_token(token: str, *, kind: str, parent: str | None) -> str:
    """Return the id in a token; raises `BadToken` for one of another list or made by hand."""
    (last,) = _read(token, kind, parent, 1)
    if not isinstance(last, str):
        raise BadToken(kind, token=token)
    return last


def _written(parts: Sequence[object]) -> str:
    return base64.b64encode(json.dumps(parts).encode()).decode()


def _read(token: str, kind: str, parent: str | None, length: int) -> Sequence[Any]:
    """Return what a token of a list has after its kind and parent; raises `BadToken`."""
    try:
        token_kind, token_parent, *last = json.loads(base64.b64decode(token, validate=True))
    except (ValueError, TypeError, RecursionError):
        raise BadToken(kind, token=token) from None
    if (token_kind, token_parent) != (kind, parent) or len(last) != length:
        raise BadToken(kind, token=token)
    return list(last)


def _is_possible(position: Position) -> bool:
    """Return whether a position can exist in a database."""
    return all(type(part) is int and 0 <= part < LAST for part in position)
