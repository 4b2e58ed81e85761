"""The protocol of services built with FastAPI and Pydantic 1.

Items have no `input` and other texts, and the conversion is laxer still: any number becomes a
string, and a list of pairs an object.

Source: the behaviour of FastAPI 0.95.2 with Pydantic 1.10.13; for bodies,
tests/contract/test_pydantic1_oracle.py compares it with Pydantic's models.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, ClassVar

from emulator.core.contract.validation import Violation
from emulator.core.http.exchange import Exchange, Received
from emulator.core.primitives.templates import Facts
from emulator.dialects.fastapi.coercion import Conversions
from emulator.dialects.fastapi.protocol import FastApi, location


def _object(value: Any) -> object:
    """Convert a list of pairs or an empty text to an object, as Python's `dict` does."""
    try:
        return dict(value)
    except (TypeError, ValueError):
        return value


def _string(value: object) -> object:
    return str(value) if isinstance(value, int | float) else value


def _number(value: Any) -> object:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return value
    return -math.inf if math.isnan(number) else number  # which is below every lower bound


def _integer(value: Any) -> object:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return value


class FastApiPydantic1(FastApi):
    """Converts like Pydantic 1; a 422 has one item per wrong member."""

    conversions: ClassVar[Conversions] = {
        "object": _object,
        "string": _string,
        "number": _number,
        "integer": _integer,
    }

    def read_body(self, received: Received) -> object:
        """Parse the body; a list of pairs becomes an object."""
        return _object(super().read_body(received))

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return limit and choices as Pydantic 1 prints them, and the error of invalid JSON."""
        limit = violation.limit
        choices = [choice for choice in limit if choice] if isinstance(limit, list) else []
        permitted = ", ".join(f"'{choice}'" for choice in choices)
        facts = {"limit": limit, "choices": choices, "permitted": permitted}
        return {**facts, **_syntax(exchange, violation)}

    def item(self, exchange: Exchange, item: Mapping[str, Any]) -> Mapping[str, object]:
        """Write one item: location and error."""
        return {
            "loc": location(exchange, item["violation"]),
            "msg": item["text"],
            "type": item["code"],
            **item["members"],
        }


def _syntax(exchange: Exchange, violation: Violation) -> Facts:
    """Return the error of Python's decoder for a text that is not JSON."""
    text, position = "", 0
    if violation.keyword == "json":
        body = exchange.request.body or b""
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        position = int(violation.path[0])
    error = json.JSONDecodeError(violation.reason or "", text, position)
    return {
        "reason": error.msg,
        "sentence": str(error),
        "text": error.doc,
        "position": error.pos,
        "line": error.lineno,
        "column": error.colno,
    }
