"""List pages: a token says after which resource a page begins.

It names a place in the order and not a number of rows, so that what is added or
deleted between two pages neither repeats nor hides anything else.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from emulator.core.failures import BadToken
from emulator.core.resources import Resource

R = TypeVar("R", bound=Resource)

LAST = 2**63 - 1
"""A time after all times, in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[R]):
    """Some resources in order, and the token of the page after them; None after the last."""

    items: list[R]
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a list: after the resource of this age and key, as the database holds them."""

    created_at: int
    id: str


def write_token(place: Place, *, kind: str, parent: str | None) -> str:
    """Make the token of the page after a place, in the alphabet of standard base64."""
    text = json.dumps([kind, parent, place.created_at, place.id])
    return base64.b64encode(text.encode()).decode()


def read_token(token: str, *, kind: str, parent: str | None) -> Place:
    """Find the place a token names; raises `BadToken` for one made for another list, or by hand."""
    try:
        made_for, under, created_at, key = json.loads(base64.b64decode(token, validate=True))
    except (ValueError, TypeError, RecursionError):
        raise BadToken(kind, token=token) from None
    place = Place(created_at=created_at, id=key)
    if (made_for, under) != (kind, parent) or not _can_be(place):
        raise BadToken(kind, token=token)
    return place


def _can_be(place: Place) -> bool:
    """Tell whether a place is one a database could hold."""
    at, key = place.created_at, place.id
    is_place = type(at) is int and type(key) is str
    return is_place and 0 <= at < LAST and key.isascii() and "\0" not in key
