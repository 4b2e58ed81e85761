"""Which row of `violations` in errors.json is for a violation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.core.contract.model import Document
from emulator.core.contract.validation import Violation

LOCATIONS = ("body", "path", "query", "header")
"""Locations of a member in a request."""


def row_for(violation: Violation, rows: Iterable[Document]) -> Document | None:
    """Return the first row that fits, with the schema's own text for the keyword, if any."""
    row = next((row for row in rows if _fits(row, violation)), None)
    own_text = violation.schema.get("x-error-message", {}).get(violation.keyword)
    return row if row is None or own_text is None else {**row, "text": own_text}


def _fits(row: Document, violation: Violation) -> bool:
    return (
        row["keyword"] in (violation.keyword, "*")
        and violation.expected in row.get("expected", [violation.expected])
        and violation.given in row.get("actualType", [violation.given])
        and _is_one_of(violation.schema.get("format"), row.get("format"))
        and _is_one_of(violation.schema.get("x-kind"), row.get("kind"))
        and violation.schema.get("x-in", "body") in row.get("location", LOCATIONS)
    )


def _is_one_of(value: object, allowed: Sequence[object] | None) -> bool:
    return allowed is None or value in allowed
