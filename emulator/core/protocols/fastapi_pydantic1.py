"""The dialect of services built with FastAPI and Pydantic 1.

Their items have no `input`, their texts other words, and reading is laxer still: any
number is taken for a string, and a list of pairs for an object.

Source: the behaviour of FastAPI 0.95.2 with Pydantic 1.10.13.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.core.call import Exchange
from emulator.core.protocols.fastapi import FastApi, location
from emulator.core.speech import Facts
from emulator.core.violations import Schema, Violation

_HALF = re.compile("[\ud800-\udfff]")


class FastApiPydantic1(FastApi):
    """Reads as laxly as Pydantic 1, and answers 422 with one item per member that is wrong."""

    def read_body(self, exchange: Exchange) -> object:
        """Parse the body; a list of pairs is the object of them."""
        return _as_object(super().read_body(exchange))

    def taken(self, value: object, schema: Schema) -> object:
        """Give a value as a model of Pydantic 1 would hold it."""
        wanted = schema.get("type", "any")
        wanted = wanted if isinstance(wanted, str) else wanted[0]
        value = _as_object(value) if wanted == "object" else value
        if isinstance(value, dict):
            return {
                name: self.taken(value[name], member) if name in value else member["default"]
                for name, member in schema.get("properties", {}).items()
                if name in value or "default" in member
            }
        return _CONVERSIONS[wanted](value) if wanted in _CONVERSIONS else value

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Give limit and choices as Pydantic 1 prints them, and where in the text JSON ends."""
        limit = violation.limit
        choices = [choice for choice in limit if choice] if isinstance(limit, list) else []
        known = {
            "limit": limit,
            "choices": choices,
            "permitted": ", ".join(f"'{choice}'" for choice in choices),
        }
        return {**known, **_syntax(exchange, violation)}

    def item(self, exchange: Exchange, item: Mapping[str, Any]) -> Mapping[str, object]:
        """Write one item: where it is, and what is wrong."""
        return {
            "loc": location(exchange, item["violation"]),
            "msg": item["text"],
            "type": item["code"],
            **item["members"],
        }


def _syntax(exchange: Exchange, violation: Violation) -> Facts:
    """Give what Python's decoder says of text that is no JSON."""
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


def _as_object(value: Any) -> object:
    """Take a list of pairs, or an empty text, for an object, as Python's `dict` does."""
    has_items = isinstance(value, list | str)
    try:
        return dict(value) if has_items else value
    except (TypeError, ValueError):
        return value


def _string(value: object) -> object:
    text = str(value) if isinstance(value, int | float) else value
    # half a surrogate pair cannot be written back: as bytes, which are of no JSON type
    half = isinstance(text, str) and not text.isascii() and _HALF.search(text)
    return b"" if half else text


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


_CONVERSIONS: Mapping[str, Callable[[Any], object]] = {
    "string": _string,
    "number": _number,
    "integer": _integer,
}
