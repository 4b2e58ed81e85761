"""List pages: a token says after which resource a page begins.

It names a place in the order and not a number of rows, so that what is added or
deleted between two pages neither repeats nor hides anything else.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from emulator.core.errors.failures import BadToken
from emulator.core.storage.filters import Position
from emulator.core.storage.tables import Row

T = TypeVar("T")

LAST = 2**63 - 1
"""A time after all times, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some resources in order, and the token of the page after them; None after the last."""

    items: list[T]
    token: str | None


def position_of(row: Row) -> Position:
    """Give the place of a row of resources."""
    return Position(created_at=row["created_at"], number=row["number"])


def write_token(position: Position, *, kind: str, parent: str | None) -> str:
    """Make the token of the page after a place, in the alphabet of standard base64."""
    text = json.dumps([kind, parent, position.created_at, position.number])
    return base64.b64encode(text.encode()).decode()


def read_token(token: str, *, kind: str, parent: str | None) -> Position:
    """Find the place a token names; raises `BadToken` for one made for another list, or by hand."""
    try:
        made_for, under, created_at, number = json.loads(base64.b64decode(token, validate=True))
    except (ValueError, TypeError, RecursionError):
        raise BadToken(kind, token=token) from None
    position = Position(created_at=created_at, number=number)
    if (made_for, under) != (kind, parent) or not _can_be(position):
        raise BadToken(kind, token=token)
    return position


def _can_be(position: Position) -> bool:
    """Tell whether a place is one a database could hold."""
    parts = (position.created_at, position.number)
    return all(type(part) is int and 0 <= part < LAST for part in parts)
