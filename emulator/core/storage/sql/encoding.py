"""Encodes texts so that every database can store them, and rows as their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from emulator.core.storage.keys import Key, KindKey
from emulator.core.storage.rows import ResourceRow
from emulator.core.storage.sql.tables import COLUMNS, KIND

_columns_of = attrgetter(*COLUMNS)


def key_of(text: str) -> str:
    """Encode a text so that every database can store it: no NUL, no surrogates; reversible."""
    if text.isascii() and "\\" not in text and "\0" not in text:
        return text
    # A backslash is encoded, too: otherwise the text `\x00` and a NUL would be one key.
    return text.encode("unicode_escape").decode("ascii")


def plain(key: str) -> str:
    """Decode the result of `key_of`."""
    return key.encode("ascii").decode("unicode_escape") if "\\" in key else key


def row_values(row: ResourceRow) -> dict[str, Any]:
    """Return the columns of a row by name."""
    values = dict(zip(COLUMNS, _columns_of(row), strict=True))
    values["id"] = key_of(row.id)
    values["parent"] = parent_key(row.parent)
    return values


def row_of(columns: Sequence[Any]) -> ResourceRow:
    """Make a row of its columns."""
    row = ResourceRow(*columns)
    if "\\" in row.id or (row.parent and "\\" in row.parent):
        parent = None if row.parent is None else plain(row.parent)
        return replace(row, id=plain(row.id), parent=parent)
    return row


def key_values(key: Key) -> dict[str, Any]:
    """Return the columns of a key by name."""
    world, provider, scope, kind, id_ = key
    return {
        "world": world,
        "provider": provider,
        "scope": scope,
        "kind": kind,
        "id": key_of(id_),
    }


def kind_values(of_kind: KindKey, parent: str | None = None) -> dict[str, Any]:
    """Return the columns of the key of a kind by name, and the parent if there is one."""
    values: dict[str, Any] = dict(zip(KIND, of_kind, strict=True))
    if parent is not None:
        values["parent"] = key_of(parent)
    return values


def parent_key(parent: str | None) -> str | None:
    """Encode the id of a parent; None stays."""
    return None if parent is None else key_of(parent)
